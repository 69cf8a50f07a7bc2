// Random arguments that fit a tool's schema, for probing: ids of rows, values of enums, dates around the
// present, small numbers; and now and then what fits the schema and is still no good, such as an id that does
// not exist, a day that no month has, or text that is anything but plain.

import type { Random } from '../random.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { dateAt, timeAt } from './dates.js';

const ID_OF = /^ids? of (?:a row|rows) of (.+)$/;
/** In so many of 100 cases a text, date or number is an odd one. */
const ODD = 6;
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "'; drop table x; --",
  '{"$where": "1"}',
  '\u0000\u202e\ufeff',
  '\ud83d\ude00'.repeat(40),
  '(a+)+$',
  'x'.repeat(3999),
];
const ODD_DATES: readonly string[] = ['0000-00-00', '2025-02-31', '9999-99-99'];

/** Keys by table: a map, or what works them out when asked. */
export type KeysByTable = Pick<ReadonlyMap<string, readonly string[]>, 'get'>;
type Now = Pick<Environment, 'clock'>;

/** Arguments for one call. */
export function probeArguments(
  schema: JsonObject,
  keys: KeysByTable,
  now: Now,
  random: Random,
): Record<string, Json> {
  const properties = schema['properties'] as Record<string, JsonObject>;
  const required = schema['required'] as readonly string[];
  const args: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!required.includes(name) && random.chance(50)) continue;
    args[name] = probeValue(property, keys, now, random);
  }
  return args;
}

function probeValue(schema: JsonObject, keys: KeysByTable, now: Now, random: Random): Json {
  const known = (): readonly string[] =>
    keys.get(tableNamedIn(String(schema['description'])) ?? '') ?? [];
  const odd = random.chance(ODD);
  switch (schema['type']) {
    case 'integer': {
      const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : -50;
      return odd ? random.pick([Number.MAX_SAFE_INTEGER, least]) : random.int(least, 400);
    }
    case 'boolean':
      return random.chance(50);
    case 'array':
      return odd ? [random.token(6)] : random.sample(known(), 3);
    case 'string': {
      const { enum: allowed, pattern } = schema as { enum?: readonly string[]; pattern?: string };
      if (allowed) return random.pick(allowed);
      if (pattern !== undefined) return date(pattern.includes('T'), odd, now, random);
      const ids = known();
      if (ids.length === 0) return random.chance(50) ? random.pick(ODD_TEXTS) : random.token(6);
      return odd ? random.pick([...ODD_TEXTS, random.token(6)]) : random.pick(ids);
    }
    default:
      return random.pick<Json>([{ value: random.int(0, 9) }, [], 'text', null, { a: [{}] }]);
  }
}

function date(withTime: boolean, odd: boolean, { clock }: Now, random: Random): string {
  if (odd) return random.pick(ODD_DATES) + (withTime ? 'T99:99' : '');
  const day = random.int(-30, 60);
  return withTime ? timeAt(clock, day, random.int(0, 23)) : dateAt(clock, day);
}

/** The table whose keys an argument takes, by the description in its schema. */
export function tableNamedIn(description: string): string | undefined {
  return ID_OF.exec(description)?.[1];
}
