// The expectation language over JSON values. A matcher is itself JSON: a literal means equality (an
// object literal: exactly these keys, in any order), an object whose keys all begin with `$` is a
// conjunction of operators. docs/conformance.md lists them. Pure: values in, mismatches out.

import { isMap, type Json, type JsonMap, member, show } from './json-value.js';

export interface Mismatch {
  /** Where in the value, e.g. `choices[0].delta`. */
  path: string;
  problem: string;
}

/** The matcher itself is wrong: an unknown operator or a wrong operand. */
export class MatcherError extends Error {
  override name = 'MatcherError';
}

/** Values bound by `$capture` while matching. */
export type Captures = Map<string, Json>;

/** Contract: empty = the value fits. @throws MatcherError when the matcher is not well formed. */
export function match(
  matcher: Json,
  value: Json | undefined,
  captures: Captures = new Map(),
  path = '',
): Mismatch[] {
  if (isOperators(matcher)) {
    return Object.entries(matcher).flatMap(([name, operand]) =>
      operator(name)(operand, { value, path, captures }),
    );
  }
  if (Array.isArray(matcher)) return matchItems(matcher, { value, path, captures });
  if (isMap(matcher)) return matchObject(matcher, { value, path, captures });
  return matcher === value
    ? []
    : [{ path, problem: `expected ${show(matcher)}, got ${show(value)}` }];
}

/** Whether a matcher is made of operators; `{}` is the empty object. */
export function isOperators(matcher: Json): matcher is JsonMap {
  if (!isMap(matcher)) return false;
  const keys = Object.keys(matcher);
  return keys.length > 0 && keys.every((key) => key.startsWith('$'));
}

interface Subject {
  value: Json | undefined;
  path: string;
  captures: Captures;
}

type Operator = (operand: Json, subject: Subject) => Mismatch[];

const TYPES: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  object: isMap,
  array: Array.isArray,
  null: (value) => value === null,
};

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$like', (operand, subject) => matchMembers(mapOperand('$like', operand), subject)],
  ['$ordered', matchOrdered],
  ['$keys', matchKeys],
  ['$type', matchType],
  ['$regex', matchRegex],
  ['$contains', matchContains],
  ['$range', matchRange],
  ['$length', matchLength],
  ['$each', matchEach],
  ['$some', matchSome],
  ['$json', matchJsonText],
  ['$sums', matchSums],
  ['$equal', matchEqual],
  ['$any', matchAny],
  [
    '$all',
    (operand, { value, path, captures }) =>
      listOperand('$all', operand).flatMap((each) => match(each, value, captures, path)),
  ],
  ['$not', matchNot],
  ['$absent', matchAbsent],
  ['$capture', bind],
]);

function operator(name: string): Operator {
  const found = OPERATORS.get(name);
  if (found) return found;
  throw new MatcherError(`unknown operator ${name}; known are ${[...OPERATORS.keys()].join(', ')}`);
}

function matchObject(matcher: JsonMap, subject: Subject): Mismatch[] {
  const { value, path } = subject;
  if (!isMap(value)) return [{ path, problem: `expected an object, got ${show(value)}` }];
  const extra = Object.keys(value).filter((key) => !Object.hasOwn(matcher, key));
  return [
    ...extra.map((key) => ({ path: join(path, key), problem: 'is not expected' })),
    ...matchMembers(matcher, subject),
  ];
}

function matchMembers(matcher: JsonMap, { value, path, captures }: Subject): Mismatch[] {
  if (!isMap(value)) return [{ path, problem: `expected an object, got ${show(value)}` }];
  return Object.entries(matcher).flatMap(([key, each]) =>
    match(each, member(value, key), captures, join(path, key)),
  );
}

function matchItems(matchers: Json[], { value, path, captures }: Subject): Mismatch[] {
  if (!Array.isArray(value)) return [{ path, problem: `expected an array, got ${show(value)}` }];
  if (value.length !== matchers.length) {
    return [
      { path, problem: `expected ${matchers.length} items, got ${value.length}: ${show(value)}` },
    ];
  }
  return matchers.flatMap((each, index) =>
    match(each, value[index], captures, `${path}[${index}]`),
  );
}

/** Exactly these keys in exactly this order, values matched. */
function matchOrdered(operand: Json, subject: Subject): Mismatch[] {
  const matcher = mapOperand('$ordered', operand);
  const order = matchKeys(Object.keys(matcher), subject);
  return order.length > 0 ? order : matchMembers(matcher, subject);
}

function matchKeys(operand: Json, { value, path }: Subject): Mismatch[] {
  const keys = listOperand('$keys', operand);
  if (!isMap(value)) return [{ path, problem: `expected an object, got ${show(value)}` }];
  const actual = Object.keys(value);
  if (JSON.stringify(actual) === JSON.stringify(keys)) return [];
  return [{ path, problem: `expected the keys ${keys.join(', ')}, got ${actual.join(', ')}` }];
}

function matchType(operand: Json, { value, path }: Subject): Mismatch[] {
  const names = Array.isArray(operand) ? operand : [operand];
  const fits = names.some((name) => {
    const test = typeof name === 'string' ? TYPES[name] : undefined;
    if (!test)
      throw new MatcherError(`$type takes ${Object.keys(TYPES).join(', ')}, got ${show(name)}`);
    return test(value);
  });
  return fits ? [] : [{ path, problem: `expected type ${names.join(' or ')}, got ${show(value)}` }];
}

function matchRegex(operand: Json, { value, path }: Subject): Mismatch[] {
  const pattern = textOperand('$regex', operand);
  if (typeof value === 'string' && new RegExp(pattern, 'u').test(value)) return [];
  return [{ path, problem: `expected a string matching /${pattern}/, got ${show(value)}` }];
}

function matchContains(operand: Json, { value, path }: Subject): Mismatch[] {
  const part = textOperand('$contains', operand);
  if (typeof value === 'string' && value.includes(part)) return [];
  return [{ path, problem: `expected a string with ${show(part)} in it, got ${show(value)}` }];
}

function matchRange(operand: Json, { value, path }: Subject): Mismatch[] {
  const [low, high] = rangeOperand('$range', operand);
  if (typeof value === 'number' && value >= low && value <= high) return [];
  return [{ path, problem: `expected a number from ${low} to ${high}, got ${show(value)}` }];
}

/** Of a string or an array: a number, or `[least, most]`. */
function matchLength(operand: Json, { value, path }: Subject): Mismatch[] {
  const [low, high] =
    typeof operand === 'number' ? [operand, operand] : rangeOperand('$length', operand);
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  if (length !== undefined && length >= low && length <= high) return [];
  return [
    { path, problem: `expected a length from ${low} to ${high}, got ${length ?? show(value)}` },
  ];
}

function matchEach(operand: Json, { value, path, captures }: Subject): Mismatch[] {
  if (!Array.isArray(value)) return [{ path, problem: `expected an array, got ${show(value)}` }];
  return value.flatMap((item, index) => match(operand, item, captures, `${path}[${index}]`));
}

function matchSome(operand: Json, { value, path, captures }: Subject): Mismatch[] {
  if (!Array.isArray(value)) return [{ path, problem: `expected an array, got ${show(value)}` }];
  if (value.some((item) => tryMatch(operand, item, captures))) return [];
  return [{ path, problem: `no item fits ${show(operand)}` }];
}

/** A string that holds JSON, as tool-call arguments do. */
function matchJsonText(operand: Json, { value, path, captures }: Subject): Mismatch[] {
  const parsed = typeof value === 'string' ? parseJson(value) : undefined;
  if (parsed === undefined)
    return [{ path, problem: `expected JSON in a string, got ${show(value)}` }];
  return match(operand, parsed, captures, `${path}(JSON)`);
}

/** `{"total": ["a", "b.c"]}`: the member is the sum of the others, named by dotted paths. */
function matchSums(operand: Json, { value, path }: Subject): Mismatch[] {
  return Object.entries(mapOperand('$sums', operand)).flatMap(([total, parts]) => {
    const numbers = listOperand('$sums', parts).map((part) => numberAt(value, part));
    const sum = numbers.reduce((left, right) => left + right, 0);
    if (numberAt(value, total) === sum) return [];
    const wanted = `${total} = ${(parts as Json[]).join(' + ')}`;
    return [{ path, problem: `expected ${wanted}, got ${show(value)}` }];
  });
}

/** `["id", "content.0.signature"]`: the members, named by dotted paths, are there and equal. */
function matchEqual(operand: Json, { value, path }: Subject): Mismatch[] {
  const paths = listOperand('$equal', operand).map((each) => textOperand('$equal', each));
  const shown = new Set(paths.map((each) => show(valueAt(value, each))));
  if (shown.size === 1 && valueAt(value, paths[0]!) !== undefined) return [];
  return [{ path, problem: `${paths.join(' and ')} differ: ${[...shown].join(', ')}` }];
}

function matchAny(operand: Json, { value, path, captures }: Subject): Mismatch[] {
  const branches = listOperand('$any', operand);
  if (branches.some((branch) => tryMatch(branch, value, captures))) return [];
  return [{ path, problem: `${show(value)} fits none of ${show(operand)}` }];
}

function matchNot(operand: Json, { value, path }: Subject): Mismatch[] {
  if (match(operand, value, new Map(), path).length > 0) return [];
  return [{ path, problem: `${show(value)} is what must not be` }];
}

/** The member is missing; `false`: it is there, null included. */
function matchAbsent(operand: Json, { value, path }: Subject): Mismatch[] {
  if (typeof operand !== 'boolean')
    throw new MatcherError(`$absent takes a boolean, got ${show(operand)}`);
  if ((value === undefined) === operand) return [];
  return [{ path, problem: operand ? `must be absent, got ${show(value)}` : 'is missing' }];
}

function bind(operand: Json, { value, path, captures }: Subject): Mismatch[] {
  if (value === undefined) return [{ path, problem: 'is missing' }];
  captures.set(textOperand('$capture', operand), value);
  return [];
}

/** Captures count only when the whole branch fits. */
function tryMatch(matcher: Json, value: Json | undefined, captures: Captures): boolean {
  const own: Captures = new Map();
  if (match(matcher, value, own).length > 0) return false;
  for (const [name, bound] of own) captures.set(name, bound);
  return true;
}

function numberAt(value: Json | undefined, path: Json): number {
  const found = valueAt(value, textOperand('$sums', path));
  return typeof found === 'number' ? found : NaN;
}

/** By a dotted path; numbers count items: `content.0.signature`. */
function valueAt(value: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path.split('.')) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isMap(at) ? member(at, key) : undefined;
  }
  return at;
}

/** undefined = no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function mapOperand(name: string, operand: Json): JsonMap {
  if (isMap(operand)) return operand;
  throw new MatcherError(`${name} takes an object, got ${show(operand)}`);
}

function listOperand(name: string, operand: Json): Json[] {
  if (Array.isArray(operand)) return operand;
  throw new MatcherError(`${name} takes an array, got ${show(operand)}`);
}

function textOperand(name: string, operand: Json): string {
  if (typeof operand === 'string') return operand;
  throw new MatcherError(`${name} takes a string, got ${show(operand)}`);
}

function rangeOperand(name: string, operand: Json): [number, number] {
  const [low, high] = listOperand(name, operand);
  if (typeof low === 'number' && typeof high === 'number') return [low, high];
  throw new MatcherError(`${name} takes two numbers, got ${show(operand)}`);
}

export const OPERATOR_NAMES: ReadonlySet<string> = new Set(OPERATORS.keys());
