// Contexts that would take the peer hours: both caches are filled with the rows of a computed prompt,
// repeated, and decoding, or a piece of prompt that ends there, is timed on top. What a step costs
// depends on how many rows there are, not on what they say; check() measures how true that is.

import { Pair, medians } from './pair.js';
import { mapBoth, type Both } from './samples.js';
import { someTokens, type Session, type Subject } from './subject.js';

/** Room behind the rows for decoding. */
export const DECODE_ROOM = 64;
/** Tokens of a sampled piece of prompt. */
export const SAMPLE_TOKENS = 256;

export interface FilledContext {
  length: number;
  decodeMs?: Both;
  /** Cost of a prompt's token in the middle of the piece that ends at this length. */
  promptTokenMs?: Both;
}

export interface FillRequest {
  length: number;
  wantDecode: boolean;
  wantPrefill: boolean;
}

/**
 * @param savedAt where Pair.save wrote sequences whose length divides every wanted one
 * @param requests measured in one process each contender, which is as large as the longest
 */
export async function measureFilled(
  subject: Subject,
  savedAt: string,
  requests: readonly FillRequest[],
  { clock, threads, effort, say }: Session,
): Promise<FilledContext[]> {
  const contextSize = Math.max(...requests.map(({ length }) => length)) + DECODE_ROOM;
  const pair = await Pair.open(clock, { modelPath: subject.path, threads, contextSize });
  try {
    const results: FilledContext[] = [];
    for (const { length, wantDecode, wantPrefill } of requests) {
      say(`${subject.name}: filled with ${length} tokens`);
      await pair.fill(savedAt, length);
      const result: FilledContext = { length };
      if (wantDecode) result.decodeMs = await pair.decode(effort.longSteps);
      if (wantPrefill)
        result.promptTokenMs = await samplePrompt(pair, subject, length, effort.samples);
      results.push(result);
    }
    return results;
  } finally {
    await pair.close();
  }
}

async function samplePrompt(
  pair: Pair,
  { vocabSize }: Subject,
  length: number,
  numSamples: number,
): Promise<Both> {
  const tokens = someTokens(SAMPLE_TOKENS, vocabSize, length);
  const times: Both[] = [];
  await pair.rewind(length - SAMPLE_TOKENS);
  await pair.prefill(tokens.subarray(0, 1)); // the graphs of this size of context, if it has any
  for (let i = 0; i < numSamples; i++) {
    await pair.rewind(length - SAMPLE_TOKENS);
    times.push(await pair.prefill(tokens));
  }
  return mapBoth(medians(times), (ms) => ms / SAMPLE_TOKENS);
}
