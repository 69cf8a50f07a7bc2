// Contexts that both contenders compute from the first token to the last: up to 4K tokens, where the
// peer needs seconds. What longer ones are sampled with is checked here against what was computed.

import { Pair, medians } from './pair.js';
import { mapBoth, type Both } from './samples.js';
import { someTokens, type Session, type Subject } from './subject.js';

/** Tokens that take turns between the contenders: one batch of the peer. */
const PIECE_TOKENS = 512;
/** Room behind the longest context for decoding. */
const DECODE_ROOM = 128;

export interface ComputedContext {
  length: number;
  /** Milliseconds of the whole prompt, of its last piece per token, and of a decode step. */
  prefillMs: Both;
  lastTokenMs: Both;
  decodeMs: Both;
  /** Where both sequences were saved. */
  savedAt: string;
}

export interface Computed {
  contexts: ComputedContext[];
  about: Pair['about'];
  idleLoad: Both;
}

export async function measureComputed(
  subject: Subject,
  lengths: readonly number[],
  { clock, threads, effort, folder, say }: Session,
): Promise<Computed> {
  const longest = Math.max(...lengths);
  const contextSize = Math.min(longest + DECODE_ROOM, subject.contextLength);
  const pair = await Pair.open(clock, { modelPath: subject.path, threads, contextSize });
  try {
    const tokens = someTokens(longest, subject.vocabSize);
    await pair.prefill(tokens.subarray(0, PIECE_TOKENS)); // compiles graphs, touches memory
    const pieces = splitAt(longest, lengths);
    const times: Both[][] = pieces.map(() => []);
    const contexts: ComputedContext[] = [];
    for (let pass = 1; pass <= effort.prefillPasses; pass++) {
      await pair.rewind(0);
      for (const [i, { start, end }] of pieces.entries()) {
        times[i]!.push(await pair.prefill(tokens.subarray(start, end)));
        if (pass < effort.prefillPasses || !lengths.includes(end)) continue;
        say(`${subject.name}: decoding at ${end} tokens`);
        const decodeMs = await pair.decode(effort.steps);
        await pair.rewind(end);
        const savedAt = `${folder}/${subject.name}-${end}`;
        await pair.save(savedAt);
        const done = times.slice(0, i + 1).map((piece) => medians(piece));
        const last = done[i]!;
        contexts.push({
          length: end,
          prefillMs: done.reduce(sum),
          lastTokenMs: mapBoth(last, (ms) => ms / (end - start)),
          decodeMs,
          savedAt,
        });
      }
      say(`${subject.name}: prompt of ${longest} tokens, pass ${pass} of ${effort.prefillPasses}`);
    }
    return { contexts, about: pair.about, idleLoad: pair.idleLoad };
  } finally {
    await pair.close();
  }
}

/** Pieces that end at every wanted length. */
function splitAt(longest: number, lengths: readonly number[]): { start: number; end: number }[] {
  const pieces: { start: number; end: number }[] = [];
  for (let start = 0; start < longest; start = pieces.at(-1)!.end) {
    const next = Math.min(...lengths.filter((length) => length > start));
    pieces.push({ start, end: Math.min(start + PIECE_TOKENS, next) });
  }
  return pieces;
}

function sum(a: Both, b: Both): Both {
  return { ours: a.ours + b.ours, theirs: a.theirs + b.theirs };
}
