// What could stand in a submission instead of what is right: for every value, the values of the column
// it comes from; for numbers, a range about as wide as the number. This is the space that guessing
// agents guess in and wrong attempts are taken from.

import { byCodeUnit } from '../canonical.js';
import type { Random } from '../random.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import { isObject } from './bench.js';

const MAX_ALTERNATIVES = 400;
/** Numbers are guessed between zero and twice the right one, and never in a smaller range than this. */
const MIN_RANGE = 20;

/** Text values of all columns, by column, and the columns of each value. Made once per environment. */
class TextIndex {
  readonly values: string[][] = [];
  readonly columns = new Map<string, number[]>();

  constructor({ env, base }: LoadedEnvironment) {
    for (const { name: table, columns } of env.tables) {
      for (const { name, type } of columns) {
        if (type !== 'text' && type !== 'enum') continue;
        const found = new Set<string>();
        for (const row of base.table(table).values()) {
          const value = row[name];
          if (typeof value === 'string') found.add(value);
        }
        for (const value of found) {
          const at = this.columns.get(value);
          if (at) at.push(this.values.length);
          else this.columns.set(value, [this.values.length]);
        }
        this.values.push([...found].toSorted(byCodeUnit));
      }
    }
  }
}

const indexes = new WeakMap<LoadedEnvironment, TextIndex>();

function indexOf(loaded: LoadedEnvironment): TextIndex {
  let index = indexes.get(loaded);
  if (!index) indexes.set(loaded, (index = new TextIndex(loaded)));
  return index;
}

export class Domains {
  readonly #index: TextIndex;
  readonly #known = new Map<string, readonly string[]>();

  constructor(
    loaded: LoadedEnvironment,
    readonly schema: JsonObject | undefined,
  ) {
    this.#index = indexOf(loaded);
  }

  /** Texts that could stand where this one does, itself among them, in order. */
  texts(field: string, value: string): readonly string[] {
    const key = `${field}\n${value}`;
    let texts = this.#known.get(key);
    if (!texts) this.#known.set(key, (texts = this.#texts(field, value)));
    return texts;
  }

  #texts(field: string, value: string): readonly string[] {
    const allowed = this.allowed(field);
    if (allowed.length > 0) return allowed;
    const columns = this.#index.columns.get(value) ?? [];
    // The widest column: the one of names, where a value also stands elsewhere.
    const lists = columns.map((at) => this.#index.values[at]!);
    const widest = lists.toSorted((a, b) => b.length - a.length)[0] ?? [value];
    return widest.slice(0, MAX_ALTERNATIVES);
  }

  /** What the schema restricts a field, or the items of a list, to; empty = nothing. */
  allowed(field: string): readonly string[] {
    const properties = this.schema?.['properties'];
    const property = isObject(properties) ? properties[field] : undefined;
    if (!isObject(property)) return [];
    const items = isObject(property['items']) ? property['items'] : property;
    return (items['enum'] as readonly string[] | undefined) ?? [];
  }

  /** A random value of the same kind: well-formed, and right by chance only. */
  random(field: string, value: Json, random: Random): Json {
    return this.guesser(field, value)(random);
  }

  /** Makes such values: what does not change from one to the next is worked out once. */
  guesser(field: string, value: Json): (random: Random) => Json {
    if (typeof value === 'boolean') return (random) => random.chance(50);
    if (typeof value === 'number') {
      const most = Math.max(MIN_RANGE, 2 * Math.abs(value));
      return (random) => random.int(0, most);
    }
    if (typeof value === 'string') {
      const texts = this.texts(field, value);
      return (random) => random.pick(texts);
    }
    if (Array.isArray(value)) {
      const list = value as readonly Json[];
      const first = list.find((item) => typeof item === 'string') as string | undefined;
      if (first === undefined) return () => [];
      const texts = this.texts(field, first);
      return (random) => someOf(texts, random.int(0, list.length + 2), random);
    }
    if (!isObject(value)) return () => value;
    const fields = Object.entries(value).map(
      ([name, item]) => [name, this.guesser(name, item)] as const,
    );
    return (random) => {
      const guess: Record<string, Json> = {};
      for (const [name, guesser] of fields) guess[name] = guesser(random);
      return guess;
    };
  }
}

/** So many different ones, or all there are. */
function someOf(texts: readonly string[], count: number, random: Random): readonly string[] {
  if (count * 2 > texts.length) return random.sample(texts, count);
  const found = new Set<string>();
  while (found.size < count) found.add(random.pick(texts));
  return [...found];
}
