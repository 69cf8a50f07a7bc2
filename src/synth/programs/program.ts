// What a program of the library is: a few source files that belong together, and a maker of arguments
// for it. Made from a seed (its figures) and the words of an environment (its names); equal ones give
// equal text. The files are plain modern JavaScript without regular expressions or template texts, so
// that mistakes can be planted by token (mutations.ts).

import type { Random } from '../random.js';

/** Names of things in camelCase, for functions, fields and comments. */
export interface Words {
  readonly thing: string;
  readonly person: string;
  readonly place: string;
}

export interface Draft {
  /** Source by file name; `index.js` has the function as its default export. */
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of one call, plain values: well-formed, often on the edges of what the program decides. */
  args(random: Random): readonly unknown[];
}

export interface ProgramTemplate {
  /** Its folder is called so, after the environment's word for things. */
  readonly id: string;
  make(random: Random, words: Words): Draft;
}

export const ENTRY = 'index.js';

/** Source text written with an empty first line and indented as it is to be. */
export function source(text: string): string {
  return `${text.trim()}\n`;
}

/** `camelCase` with a capital. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** One of these values or a neighbour of it, or now and then any number up to twice the largest. */
export function near(random: Random, edges: readonly number[]): number {
  const edge = random.pick(edges);
  if (random.chance(25)) return random.int(0, 2 * Math.max(...edges, 1));
  return Math.max(0, edge + random.int(-1, 1));
}

/** A list of so many values. */
export function many<T>(random: Random, low: number, high: number, make: (i: number) => T): T[] {
  return Array.from({ length: random.int(low, high) }, (_, i) => make(i));
}
