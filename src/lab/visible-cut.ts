// Stop strings over a completion that is known in advance: where the text must end, as a number of
// tokens and of bytes of the last one. Control tokens have no text and interrupt a match, as in the
// engine.

import type { Tokenizer } from '../encoding/tokenizer.js';

export interface VisibleCut {
  stop: string;
  /** Tokens wholly before the stop text. */
  numWhole: number;
  /** Bytes of the next token that come before it; 0 = none. */
  visibleBytes: number;
  /** Tokens generated until the stop text was complete. */
  numGenerated: number;
}

/** The match that ends first; of those, the one that began first. */
export function findStop(
  tokens: ArrayLike<number>,
  stopStrings: readonly string[],
  tokenizer: Tokenizer,
): VisibleCut | undefined {
  const stops = stopStrings.filter((text) => text !== '');
  if (stops.length === 0) return undefined;
  for (let start = 0, index = 0; index <= tokens.length; index++) {
    if (index < tokens.length && !tokenizer.isControl(tokens[index]!)) continue;
    const run = Array.from({ length: index - start }, (_, i) => tokens[start + i]!);
    const found = findInRun(run, stops, tokenizer);
    if (found) {
      const { numWhole, numGenerated } = found;
      return { ...found, numWhole: numWhole + start, numGenerated: numGenerated + start };
    }
    start = index + 1;
  }
  return undefined;
}

function findInRun(run: number[], stops: readonly string[], tokenizer: Tokenizer) {
  const pieces = run.map((token) => tokenizer.tokenBytes(token));
  const bytes = Buffer.concat(pieces);
  let best: { stop: string; start: number; end: number } | undefined;
  for (const stop of stops) {
    const start = bytes.indexOf(stop);
    const end = start + Buffer.byteLength(stop);
    if (start < 0 || (best && (end > best.end || (end === best.end && start >= best.start))))
      continue;
    best = { stop, start, end };
  }
  return best && locate(best, pieces);
}

function locate(
  { stop, start, end }: { stop: string; start: number; end: number },
  pieces: Uint8Array[],
): VisibleCut {
  let numWhole = 0;
  let at = 0;
  while (at + pieces[numWhole]!.length <= start) at += pieces[numWhole++]!.length;
  const visibleBytes = start - at;
  let numGenerated = numWhole;
  while (at < end) at += pieces[numGenerated++]!.length;
  return { stop, numWhole, visibleBytes, numGenerated };
}
