// Decoding through the engine's process, as the server uses it: tokens per second of all streams
// together, while every one of them is decoding.

import type { EngineBackend } from '../../src/engine/engine-backend.js';

/** Tokens of each stream before the clock starts: by then the engine has settled on its batch. */
const WARM_TOKENS = 4;

/**
 * Runs greedy streams until each has given `numTokens` timed tokens, and leaves.
 * @throws Error when a stream ends earlier
 */
export async function decodeRate(
  backend: EngineBackend,
  prompts: readonly Int32Array[],
  numTokens: number,
): Promise<number> {
  const stop = new AbortController();
  const counts = prompts.map(() => 0);
  let [start, timed] = [0, 0];
  let rate: number | undefined;
  const onToken = (stream: number): void => {
    if (rate !== undefined) return;
    counts[stream]!++;
    if (start > 0) timed++;
    const slowest = Math.min(...counts);
    if (start === 0 && slowest > WARM_TOKENS) {
      start = performance.now();
      counts.fill(0);
    } else if (start > 0 && slowest >= numTokens) {
      rate = (timed / (performance.now() - start)) * 1000;
      stop.abort();
    }
  };
  const run = async (promptTokens: Int32Array, stream: number): Promise<void> => {
    const request = {
      id: `bench-${performance.now()}-${stream}`,
      promptTokens,
      sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
      stopTokens: [],
      stopStrings: [],
      maxTokens: backend.cards()[0]!.contextLength - promptTokens.length,
    };
    for await (const event of backend.generate(request, stop.signal)) {
      if (event.type === 'token') onToken(stream);
    }
  };
  await Promise.all(prompts.map(run));
  if (rate === undefined) throw new Error(`a stream ended before ${numTokens} timed tokens`);
  return rate;
}
