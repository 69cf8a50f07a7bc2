// Forms of words that go both ways: a form writes a value as text and reads text back as all values it
// could mean. Reading is exhaustive (every reading is returned), so that an ambiguity shows up as two
// readings instead of being decided by the order of rules. Source: agents reference §6.7.

import { canonicalJson } from '../../canonical.js';
import type { Random } from '../../random.js';
import type { Json } from '../../world-types.js';

/** The grammar is not well made, or has no words for what is to be said. */
export class GrammarError extends Error {
  override name = 'GrammarError';
}

export interface Reading<T> {
  readonly value: T;
  /** Where the text goes on. */
  readonly end: number;
}

export interface Form<T extends Json> {
  /** One of the ways to say it; null for a value it has no words for. */
  write(value: T, random: Random): string | null;
  /** Everything that the text can mean from this place on. */
  read(text: string, at: number): readonly Reading<T>[];
}

/** Each reading once. */
function distinct<T extends Json>(readings: readonly Reading<T>[]): readonly Reading<T>[] {
  if (readings.length < 2) return readings;
  const seen = new Map(readings.map((one) => [`${one.end} ${canonicalJson(one.value)}`, one]));
  return [...seen.values()];
}

/** Values that are listed with their words. */
export function oneOf<T extends Json>(
  entries: readonly (readonly [value: T, words: readonly string[]])[],
): Form<T> {
  const words = new Map(entries.map(([value, list]) => [canonicalJson(value), list]));
  return {
    write(value, random) {
      const list = words.get(canonicalJson(value));
      return list ? random.pick(list) : null;
    },
    read(text, at) {
      const readings: Reading<T>[] = [];
      for (const [value, list] of entries) {
        for (const word of list) {
          if (text.startsWith(word, at)) readings.push({ value, end: at + word.length });
        }
      }
      return distinct(readings);
    },
  };
}

/** One way to spell a value: `write` gives null where this way does not suit it. */
export interface Surface<T extends Json> {
  write(value: T): string | null;
  /** Sticky. */
  readonly pattern: RegExp;
  /** Of the match; null if it is no such value. */
  decode(match: RegExpExecArray): T | null;
}

/** Values with several spellings. What is read must be what would have been written. */
export function spelled<T extends Json>(surfaces: readonly Surface<T>[]): Form<T> {
  return {
    write(value, random) {
      const texts = surfaces.flatMap((surface) => surface.write(value) ?? []);
      return texts.length === 0 ? null : random.pick(texts);
    },
    read(text, at) {
      const readings: Reading<T>[] = [];
      for (const surface of surfaces) {
        surface.pattern.lastIndex = at;
        const match = surface.pattern.exec(text);
        const value = match && surface.decode(match);
        if (!match || value === null || surface.write(value) !== match[0]) continue;
        readings.push({ value, end: at + match[0].length });
      }
      return distinct(readings);
    },
  };
}

type Fields = Readonly<Record<string, Json>>;
type SlotsOf<T extends Fields> = { readonly [K in keyof T]: Form<T[K]> };

/**
 * Sentences with slots: `the {column} of {thing}`. Every variant names every slot once.
 * @throws GrammarError for a variant that does not
 */
export function frame<T extends Fields>(
  variants: readonly string[],
  slots: SlotsOf<T>,
): Form<{ [K in keyof T]: T[K] }> {
  const parsed = variants.map((variant) => piecesOf(variant, Object.keys(slots)));
  const forms = slots as Readonly<Record<string, Form<Json>>>;
  return {
    write(value, random) {
      let out = '';
      for (const piece of random.pick(parsed)) {
        const said =
          'text' in piece ? piece.text : forms[piece.slot]!.write(value[piece.slot]!, random);
        if (said === null) return null;
        out += said;
      }
      return out;
    },
    read(text, at) {
      const readings: Reading<Fields>[] = [];
      for (const pieces of parsed) readPieces(pieces, forms, { text, at, into: readings });
      return distinct(readings) as unknown as readonly Reading<T>[];
    },
  };
}

type Piece = { readonly text: string } | { readonly slot: string };

function piecesOf(variant: string, slots: readonly string[]): Piece[] {
  const pieces = variant
    .split(/(\{\w+\})/)
    .filter((part) => part !== '')
    .map((part) => (/^\{\w+\}$/.test(part) ? { slot: part.slice(1, -1) } : { text: part }));
  const named = pieces.flatMap((piece) => ('slot' in piece ? [piece.slot] : [])).toSorted();
  if (named.join() !== slots.toSorted().join()) {
    throw new GrammarError(`${JSON.stringify(variant)} does not name each of ${slots.join()} once`);
  }
  return pieces;
}

interface Place {
  readonly text: string;
  readonly at: number;
  readonly into: Reading<Fields>[];
}

function readPieces(
  pieces: readonly Piece[],
  forms: Readonly<Record<string, Form<Json>>>,
  { text, at, into }: Place,
): void {
  const first = pieces[0]!;
  // Most sentences differ from their first word on.
  if ('text' in first && !text.startsWith(first.text, at)) return;
  let states: Reading<Fields>[] = [{ value: {}, end: at }];
  for (const piece of pieces) {
    const next: Reading<Fields>[] = [];
    for (const { value, end } of states) {
      if ('text' in piece) {
        if (text.startsWith(piece.text, end)) next.push({ value, end: end + piece.text.length });
      } else {
        for (const read of forms[piece.slot]!.read(text, end)) {
          next.push({ value: { ...value, [piece.slot]: read.value }, end: read.end });
        }
      }
    }
    if (next.length === 0) return;
    states = next;
  }
  into.push(...states);
}

/** A form of another type with the same words. `from` gives null for what it does not cover. */
export function mapped<A extends Json, B extends Json>(
  form: Form<A>,
  to: (value: A) => B | null,
  from: (value: B) => A | null,
): Form<B> {
  return {
    write(value, random) {
      const inner = from(value);
      return inner === null ? null : form.write(inner, random);
    },
    read(text, at) {
      const readings: Reading<B>[] = [];
      for (const { value, end } of form.read(text, at)) {
        const outer = to(value);
        if (outer !== null) readings.push({ value: outer, end });
      }
      return readings;
    },
  };
}

/** The forms that can say a value, tried in random order; all of them read. */
export function choice<T extends Json>(forms: readonly Form<T>[]): Form<T> {
  return {
    write(value, random) {
      for (const form of random.shuffled(forms)) {
        const said = form.write(value, random);
        if (said !== null) return said;
      }
      return null;
    },
    read(text, at) {
      const readings: Reading<T>[] = [];
      for (const form of forms) readings.push(...form.read(text, at));
      return distinct(readings);
    },
  };
}

/** `a, b and c`: at least one item. */
export function listed<T extends Json>(
  item: Form<T>,
  { comma, and }: { comma: string; and: string },
): Form<readonly T[]> {
  return {
    write(values, random) {
      const texts = values.flatMap((value) => item.write(value, random) ?? []);
      if (texts.length === 0 || texts.length < values.length) return null;
      const last = texts.pop()!;
      return texts.length === 0 ? last : `${texts.join(comma)}${and}${last}`;
    },
    read(text, at) {
      const done: Reading<readonly T[]>[] = [];
      let open: Reading<readonly T[]>[] = item
        .read(text, at)
        .map(({ value, end }) => ({ value: [value], end }));
      done.push(...open);
      while (open.length > 0) {
        const after = (separator: string): Reading<readonly T[]>[] =>
          open.flatMap(({ value, end }) =>
            text.startsWith(separator, end)
              ? item
                  .read(text, end + separator.length)
                  .map((next) => ({ value: [...value, next.value], end: next.end }))
              : [],
          );
        done.push(...after(and));
        open = after(comma);
      }
      return distinct(done);
    },
  };
}

/** The same form, which reads a place of a text once however many others build on it. */
export function remembered<T extends Json>(form: Form<T>): Form<T> {
  let of = '';
  let known = new Map<number, readonly Reading<T>[]>();
  return {
    write: (value, random) => form.write(value, random),
    read(text, at) {
      if (text !== of) {
        of = text;
        known = new Map();
      }
      let readings = known.get(at);
      if (!readings) known.set(at, (readings = form.read(text, at)));
      return readings;
    },
  };
}
