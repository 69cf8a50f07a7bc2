// A finite automaton over characters, and its form as grammar rules: one right-linear rule per state,
// with the text that follows the match inside the last one. That form is what keeps masks fast: the
// compiler can decide nearly all tokens of a large vocabulary once per rule (measured on 129K
// entries: 0.3 ms a token, where `(...)*` around the same classes takes 300 ms).

import { intersect, subtract, type CharRanges } from './char-ranges.js';
import { charClass, literal, type GrammarText } from './grammar-text.js';

export interface Automaton {
  /** Edges by state; state 0 is the start. */
  edges: { chars: CharRanges; to: number }[][];
  accepting: ReadonlySet<number>;
}

/** How a character of the value is written. */
export interface Spelling {
  /** Characters that stand for themselves. */
  plain: CharRanges;
  /** Characters that are written as something else, such as `"` in a JSON string. */
  escaped: readonly (readonly [char: number, text: string])[];
}

export interface WriteOptions {
  spelling: Spelling;
  /** EBNF of what follows the value; may be empty. */
  tail: string;
  /** EBNF of what must come behind the tail; a hint for the compiler, `''` for none. */
  lookahead: string;
}

/** The start rule's name; undefined when no value can be written in this spelling. */
export function writeAutomaton(
  grammar: GrammarText,
  automaton: Automaton,
  { spelling, tail, lookahead }: WriteOptions,
): string | undefined {
  const useful = statesThatEnd(automaton, spelling);
  if (!useful.has(0)) return undefined;
  const names = new Map<number, string>();
  for (const state of useful) names.set(state, grammar.reserve('s'));
  for (const [state, name] of names) {
    const alternatives = automaton.accepting.has(state) ? [tail === '' ? '""' : tail] : [];
    for (const { chars, to } of automaton.edges[state]!) {
      const next = names.get(to);
      if (next === undefined) continue;
      const plain = intersect(chars, spelling.plain);
      if (plain.length > 0) alternatives.push(`${charClass(plain)} ${next}`);
      for (const text of escapesIn(chars, spelling)) alternatives.push(`${literal(text)} ${next}`);
    }
    const body = alternatives.join(' | ');
    grammar.define(name, lookahead === '' ? body : `( ${body} ) (= ${lookahead})`);
  }
  return names.get(0);
}

function escapesIn(chars: CharRanges, { escaped }: Spelling): string[] {
  return escaped
    .filter(([char]) => subtract([[char, char]], chars).length === 0)
    .map(([, text]) => text);
}

/** States from which a value can be finished: the others would be dead ends. */
function statesThatEnd({ edges, accepting }: Automaton, spelling: Spelling): Set<number> {
  const sources = new Map<number, number[]>();
  for (const [from, ways] of edges.entries()) {
    for (const { chars, to } of ways) {
      const canPass =
        intersect(chars, spelling.plain).length > 0 || escapesIn(chars, spelling).length > 0;
      if (canPass) sources.set(to, [...(sources.get(to) ?? []), from]);
    }
  }
  const found = new Set(accepting);
  const queue = [...accepting];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const source of sources.get(state) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      queue.push(source);
    }
  }
  return found;
}
