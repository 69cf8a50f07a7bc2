// The open requests of the supervisor: events in from whichever child runs, out to each consumer, and a
// proper end for all of them when that child is gone. Knows no processes.
// Contract: every stream ends with one finish event, or with the reason why it was never begun.

import { BackendError, type GenerateEvent, type TokenUsage } from '../backend/types.js';
import { EventQueue } from './event-queue.js';

interface Stream {
  queue: EventQueue<GenerateEvent>;
  /** As far as the events told it. */
  usage: TokenUsage;
}

export function noUsage(promptTokens: number): TokenUsage {
  return { promptTokens, cacheHitTokens: 0, completionTokens: 0 };
}

export class RequestStreams {
  readonly #streams = new Map<string, Stream>();

  get size(): number {
    return this.#streams.size;
  }

  /** @throws BackendError `invalid_request` when the id is in use */
  open(id: string, promptTokens: number): AsyncIterable<GenerateEvent> {
    if (this.#streams.has(id)) {
      throw new BackendError('invalid_request', `request id ${id} is already running`);
    }
    const queue = new EventQueue<GenerateEvent>();
    this.#streams.set(id, { queue, usage: noUsage(promptTokens) });
    return queue;
  }

  /** Its consumer leaves. Says whether it was still open. */
  close(id: string): boolean {
    return this.#streams.delete(id);
  }

  deliver(id: string, event: GenerateEvent): void {
    const stream = this.#streams.get(id);
    if (!stream) return; // its consumer has left
    if (event.type === 'token') stream.usage.completionTokens++;
    if (event.type === 'prefill-progress') stream.usage.cacheHitTokens = event.cacheHitTokens ?? 0;
    stream.queue.push(event);
    if (event.type !== 'finish') return;
    this.#streams.delete(id);
    stream.queue.end();
  }

  /** It cannot be started. */
  refuse(id: string, error: BackendError): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.queue.fail(error);
  }

  /** All at once, with what is known of their usage. */
  endAll(reason: 'aborted' | 'insufficient_system_resource'): void {
    for (const [id, { usage }] of this.#streams) {
      this.deliver(id, { type: 'finish', reason, usage: { ...usage } });
    }
  }
}
