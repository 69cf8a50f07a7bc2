// Random arguments that fit a tool's schema, for probing: ids of rows, values of enums, dates, small
// numbers, and now and then something that does not exist.

import type { Random } from '../random.js';
import type { Environment, Json, JsonObject } from '../world-types.js';

const ID_OF = /^ids? of (?:a row|rows) of (.+)$/;

/** Arguments for one call. @param ids keys by table */
export function probeArguments(
  schema: JsonObject,
  ids: ReadonlyMap<string, readonly string[]>,
  env: Pick<Environment, 'clock'>,
  random: Random,
): Record<string, Json> {
  const properties = schema['properties'] as Record<string, JsonObject>;
  const required = schema['required'] as readonly string[];
  const args: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!required.includes(name) && random.chance(50)) continue;
    args[name] = probeValue(property, ids, env, random);
  }
  return args;
}

function probeValue(
  schema: JsonObject,
  ids: ReadonlyMap<string, readonly string[]>,
  env: Pick<Environment, 'clock'>,
  random: Random,
): Json {
  const description = String(schema['description'] ?? '');
  const known = ids.get(ID_OF.exec(description)?.[1] ?? '') ?? [];
  switch (schema['type']) {
    case 'integer': {
      const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : -50;
      return random.chance(3) ? Number.MAX_SAFE_INTEGER : random.int(least, 400);
    }
    case 'boolean':
      return random.chance(50);
    case 'array':
      return random.sample(known, 3);
    case 'string': {
      const { enum: allowed, pattern } = schema as { enum?: readonly string[]; pattern?: string };
      if (allowed) return random.pick(allowed);
      if (pattern !== undefined) return pattern.includes('T') ? env.clock : env.clock.slice(0, 10);
      return known.length > 0 && !random.chance(5) ? random.pick(known) : random.token(6);
    }
    default:
      return { value: random.int(0, 9) };
  }
}
