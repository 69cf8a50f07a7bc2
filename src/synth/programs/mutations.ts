// Small mistakes in a source, as people make them: a comparison turned or with the wrong edge, a number
// off by one, `and` for `or`, arguments swapped, a guard left out. Each is one place and one change.
// Whether it changes what the program does is found out by running it. Source: agents reference §7.1.

import { tokensOf, type Token } from './tokens.js';

export interface Mutation {
  /** What kind of mistake. */
  readonly operator: string;
  readonly at: number;
  /** What stands there, and what takes its place. */
  readonly old: string;
  readonly text: string;
}

type Instead = readonly (readonly [operator: string, text: string])[];

const INSTEAD: ReadonlyMap<string, Instead> = new Map(
  Object.entries<Instead>({
    '<': [
      ['edge', '<='],
      ['turned', '>'],
    ],
    '<=': [
      ['edge', '<'],
      ['turned', '>='],
    ],
    '>': [
      ['edge', '>='],
      ['turned', '<'],
    ],
    '>=': [
      ['edge', '>'],
      ['turned', '<='],
    ],
    '===': [['equality', '!==']],
    '!==': [['equality', '===']],
    '&&': [['logic', '||']],
    '||': [['logic', '&&']],
    '+': [['sign', '-']],
    '-': [['sign', '+']],
    '*': [['factor', '+']],
    '%': [['factor', '*']],
    '+=': [
      ['sign', '-='],
      ['overwrite', '='],
    ],
    '-=': [['sign', '+=']],
    true: [['truth', 'false']],
    false: [['truth', 'true']],
    min: [['extreme', 'max']],
    max: [['extreme', 'min']],
    floor: [['rounding', 'ceil']],
    ceil: [['rounding', 'floor']],
    push: [['end', 'unshift']],
    unshift: [['end', 'push']],
    shift: [['end', 'pop']],
    pop: [['end', 'shift']],
    some: [['quantifier', 'every']],
    every: [['quantifier', 'some']],
    break: [['flow', 'continue']],
  }),
);

/** A line that only decides whether to go on. */
const GUARD = /^[ \t]*(?:if \(.*\) )?(?:return(?: [^{\n]*)?|continue|break);\n/gm;
const CONDITION = /^\s*if \(/;

/** Every place where the source could be mistaken, in order. */
export function mutationsOf(source: string): Mutation[] {
  const tokens = tokensOf(source);
  const found: Mutation[] = [];
  for (const [i, token] of tokens.entries()) {
    if (isFixed(source, token) || isFigure(source, token)) continue;
    found.push(...changesOf(tokens, i));
  }
  for (const { 0: line, index } of source.matchAll(GUARD)) {
    if (CONDITION.test(line)) found.push({ operator: 'guard', at: index, old: line, text: '' });
  }
  return found;
}

export function mutate(source: string, { at, old, text }: Mutation): string {
  return source.slice(0, at) + text + source.slice(at + old.length);
}

/** Lines that say what there is, not what it does. */
function isFixed(source: string, { at }: Token): boolean {
  const start = source.lastIndexOf('\n', at) + 1;
  return /^(?:import|export default function|export function|function)\b/.test(
    source.slice(start, start + 30),
  );
}

/**
 * A number of a constant: nothing but the number itself says what it has to be, so nobody could know
 * what to put in its place again.
 */
function isFigure(source: string, { kind, at }: Token): boolean {
  if (kind !== 'number') return false;
  const before = source.slice(0, at);
  const start = Math.max(...[...before.matchAll(/^[a-z]/gm)].map(({ index }) => index));
  return /^(?:export )?const [A-Z]/.test(source.slice(start, start + 20));
}

function changesOf(tokens: readonly Token[], i: number): Mutation[] {
  const { kind, text, at } = tokens[i]!;
  const put = (operator: string, instead: string, old = text): Mutation => ({
    operator,
    at,
    old,
    text: instead,
  });
  if (kind === 'number') {
    const value = Number(text);
    const off = value === 0 ? [1] : [value + 1, value - 1];
    return off.map((other) => put('off-by-one', String(other)));
  }
  if (kind === 'word' && tokens[i + 1]?.text === ':') return []; // a field's name
  const changes = (INSTEAD.get(text) ?? []).map(([operator, instead]) => put(operator, instead));
  if (text === '!') return [put('negation', '')];
  if (text === '(') {
    const swapped = swappedArguments(tokens, i);
    if (swapped) changes.push(put('arguments', swapped.text, swapped.old));
  }
  // A sign before a value is no operation between two.
  const before = tokens[i - 1];
  const isUnary = (text === '-' || text === '+') && (!before || !endsValue(before));
  return isUnary ? changes.filter(({ operator }) => operator !== 'sign') : changes;
}

const endsValue = ({ kind, text }: Token): boolean =>
  (kind !== 'mark' && text !== 'return') || text === ')' || text === ']';

/** `f(a, b` with two names: the other way round. */
function swappedArguments(
  tokens: readonly Token[],
  open: number,
): { old: string; text: string } | undefined {
  const [name, first, comma, second, close] = [-1, 1, 2, 3, 4].map((by) => tokens[open + by]);
  if (name?.kind !== 'word' || first?.kind !== 'word' || second?.kind !== 'word') return undefined;
  if (comma?.text !== ',' || close?.text !== ')' || first.text === second.text) return undefined;
  if (['if', 'for', 'while', 'switch', 'function'].includes(name.text)) return undefined;
  const old = `(${first.text}, ${second.text}`;
  return { old, text: `(${second.text}, ${first.text}` };
}
