// Decode and prefill of one model against the peer, at all wanted contexts.

import { measureComputed, type Computed, type ComputedContext } from './computed-contexts.js';
import { CONTEXTS, type ContextName, type Figures, type Key } from './figures.js';
import { DECODE_ROOM } from './filled-contexts.js';
import { measureLong, type LongFigures } from './long-figures.js';
import { rates } from './pair.js';
import type { Both } from './samples.js';
import type { Session, Subject } from './subject.js';

/** Left for decoding in a model whose context ends where the figure's does. */
const RESERVED_TOKENS = 64;

export interface ModelFigures {
  figures: Figures;
  /** Absent when nothing could be measured: all wanted contexts are longer than the model's. */
  about?: Computed['about'];
  /** CPU cores that a contender held while the other was working. */
  idleLoad?: Both;
  /** Absent when no context beyond 4K was wanted, or the model has none. */
  long?: LongFigures;
}

/** Undefined when no figure of this kind is wanted. */
export async function measureModel(
  subject: Subject,
  wanted: ReadonlySet<Key>,
  session: Session,
): Promise<ModelFigures | undefined> {
  const names = (Object.keys(CONTEXTS) as ContextName[]).filter((name) =>
    keysOf(name).some((key) => wanted.has(key)),
  );
  if (names.length === 0) return undefined;
  const longNames = names.filter((name) => CONTEXTS[name] > CONTEXTS['4k']);
  const isLong = longNames.length > 0 && subject.contextLength >= CONTEXTS['64k'] + DECODE_ROOM;
  // Rows of longer contexts come from the 4K one, and what 1K says of 4K is their check.
  const needed = (name: ContextName): boolean => isLong || names.includes(name);
  const longestHere = Math.floor((subject.contextLength - RESERVED_TOKENS) / 64) * 64;
  const lengths: number[] = [];
  if (needed('1k')) lengths.push(CONTEXTS['1k']);
  if (needed('4k')) lengths.push(Math.min(CONTEXTS['4k'], longestHere));
  const figures: Figures = {};
  for (const key of longNames.flatMap(keysOf).filter((key) => !isLong && wanted.has(key))) {
    const how = `not measured: the model's context ends at ${subject.contextLength} tokens`;
    figures[key] = { ratio: null, how };
  }
  if (lengths.length === 0) return { figures };
  const { contexts, about, idleLoad } = await measureComputed(subject, lengths, session);
  for (const context of contexts) {
    const name = context.length === CONTEXTS['1k'] ? '1k' : '4k';
    addComputed(figures, name, context, session);
  }
  if (!isLong) return { figures: pick(figures, wanted), about, idleLoad };
  const long = await measureLong(subject, wanted, contexts, session);
  return { figures: pick({ ...figures, ...long.figures }, wanted), about, idleLoad, long };
}

function keysOf(name: ContextName): Key[] {
  return name === '64k' ? ['decode_64k'] : [`decode_${name}`, `prefill_${name}`];
}

function addComputed(
  figures: Figures,
  name: '1k' | '4k',
  { length, decodeMs, prefillMs }: ComputedContext,
  { effort }: Session,
): void {
  const decode = rates(1, decodeMs);
  figures[`decode_${name}`] = {
    ...decode,
    ratio: decode.ours / decode.theirs,
    unit: 'tokens/s',
    steps: effort.steps,
    how: `median step after a computed prompt of ${length} tokens`,
  };
  const prefill = rates(length, prefillMs);
  figures[`prefill_${name}`] = {
    ...prefill,
    ratio: prefill.ours / prefill.theirs,
    unit: 'tokens/s',
    steps: effort.prefillPasses,
    how: `the whole prompt of ${length} tokens, every token computed, without logits`,
  };
}

function pick(figures: Figures, wanted: ReadonlySet<Key>): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([key]) => wanted.has(key as Key)));
}
