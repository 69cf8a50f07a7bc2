// References inside one JSON Schema: where `$ref` leads, and whether following references and
// alternatives ever ends. Knows no keyword but `$ref` and `anyOf`.

import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';

/** A JSON pointer from the root; undefined when it is none, or leads to no object. */
export function resolveRef(root: JsonObject, ref: string): JsonObject | undefined {
  if (!isLocalRef(ref)) return undefined;
  let value: JsonValue | undefined = root;
  for (const key of ref.split('/').slice(1)) {
    value = memberOf(value, key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return isJsonObject(value) ? value : undefined;
}

export function isLocalRef(ref: JsonValue | undefined): ref is string {
  return typeof ref === 'string' && /^#(?:\/|$)/.test(ref);
}

/**
 * A schema that leads to itself through references and alternatives alone, without an object or an
 * array between: no value could be written by it. The schemas must be few enough to recurse over.
 */
export function findEndlessRef(
  root: JsonObject,
  schemas: Iterable<JsonObject>,
): JsonObject | undefined {
  const open = new Set<JsonObject>();
  const finished = new Set<JsonObject>();
  function visit(schema: JsonObject): JsonObject | undefined {
    if (open.has(schema)) return schema;
    if (finished.has(schema)) return undefined;
    open.add(schema);
    for (const next of alternativesOf(root, schema)) {
      const found = visit(next);
      if (found) return found;
    }
    open.delete(schema);
    finished.add(schema);
    return undefined;
  }
  for (const schema of schemas) {
    const found = visit(schema);
    if (found) return found;
  }
  return undefined;
}

function alternativesOf(root: JsonObject, schema: JsonObject): JsonObject[] {
  const ref = schema.get('$ref');
  const target = typeof ref === 'string' ? resolveRef(root, ref) : undefined;
  const branches = schema.get('anyOf');
  return [...(target ? [target] : []), ...(Array.isArray(branches) ? branches : [])].filter(
    isJsonObject,
  );
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (isJsonObject(value)) return value.get(key);
  return Array.isArray(value) && /^\d+$/.test(key) ? value[Number(key)] : undefined;
}
