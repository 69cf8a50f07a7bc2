// Carries a begun completion to its consumer, from the first chunk to the one finish event.

import type { GenerateEvent } from '../backend/types.js';
import type { CompletionChunk } from './completion-chunk.js';
import type { CompletionReader } from './completion-reader.js';
import type { CompletionStream } from './completion-stream.js';
import { UpstreamFailure } from './failure.js';
import type { OpenCompletion } from './open-completion.js';
import type { Timers } from './timers.js';

/** After the end, time for the engine to say what it counted. */
const USAGE_GRACE_MS = 2_000;
const MAX_CHUNKS_AFTER_END = 16;

export interface RelayOptions {
  reader: CompletionReader;
  timers: Timers;
  signal: AbortSignal;
  /** The engine failed after the first chunk. */
  onBroken: (failure: UpstreamFailure) => void;
}

/** Contract: ends with exactly one finish event and throws nothing, whatever comes in. */
export async function* relay(
  { stream, first }: OpenCompletion,
  { reader, timers, signal, onBroken }: RelayOptions,
): AsyncGenerator<GenerateEvent, void> {
  let chunk: CompletionChunk = first;
  for (;;) {
    for (const event of reader.accept(chunk)) {
      if (signal.aborted) break; // while the consumer had the event before
      yield event;
    }
    if (reader.ending || signal.aborted) break;
    const next = await nextChunk(stream);
    if (signal.aborted) break;
    if (next instanceof UpstreamFailure) {
      onBroken(next);
      yield* reader.end({ reason: 'insufficient_system_resource' });
      break;
    }
    chunk = next;
  }
  if (
    chunk.finishReason !== undefined &&
    reader.ending?.reason === 'insufficient_system_resource'
  ) {
    onBroken(new UpstreamFailure('broken', 'gave the completion up'));
  }
  yield* reader.end({ reason: 'aborted' }); // nothing if it has ended
  // Only an engine that has finished too sends its counts at once.
  if (chunk.finishReason !== undefined && !signal.aborted) await readCounts(stream, reader, timers);
  yield reader.finish();
}

/** An end without a finish reason is a cut. */
async function nextChunk(stream: CompletionStream): Promise<CompletionChunk | UpstreamFailure> {
  try {
    return (await stream.next()) ?? new UpstreamFailure('unreachable', 'ended the stream half-way');
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
}

async function readCounts(
  stream: CompletionStream,
  reader: CompletionReader,
  timers: Timers,
): Promise<void> {
  const disarm = timers.after(USAGE_GRACE_MS, () => stream.cancel());
  try {
    for (let i = 0; i < MAX_CHUNKS_AFTER_END; i++) {
      const chunk = await stream.next();
      if (!chunk) return;
      reader.accept(chunk);
    }
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    // The reply is complete; only the engine's own counts are missing, and ours stand.
  } finally {
    disarm();
  }
}
