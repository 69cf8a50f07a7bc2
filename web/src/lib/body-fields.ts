// One field of a request body, by its path, read and replaced: what a form needs beside the text of an
// editor. Bodies stay as they were written but for that field; keys keep their order.

type JsonObject = Record<string, unknown>;

/** @param path e.g. `stream_options.include_usage` */
export function fieldOf(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A copy with the field replaced; undefined takes it out, and what then is empty around it. */
export function withField(body: unknown, path: string, value: unknown): JsonObject {
  const copy: JsonObject = isObject(body) ? { ...body } : {};
  const [name, ...rest] = path.split('.') as [string, ...string[]];
  const next =
    rest.length === 0
      ? value
      : emptyAsNothing(withField(fieldOf(copy, name), rest.join('.'), value));
  if (next === undefined) delete copy[name];
  else copy[name] = next;
  return copy;
}

function emptyAsNothing(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
