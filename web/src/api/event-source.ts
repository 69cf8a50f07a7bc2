// Follows a stream of server-sent events to its end: reconnects where it broke, with the last id seen,
// waiting longer each time, and says when it is away.

import { EventStreamParser, type ServerEvent } from '../lib/event-stream.js';
import { ApiFailure, failureOf, send } from './http.js';

export interface FollowOptions {
  path: string;
  signal: AbortSignal;
  onEvent: (event: ServerEvent) => void;
  /** The stream's own end: after it no reconnection is made. */
  isOver: () => boolean;
  /** True while the connection is lost and being tried again. */
  onAway?: (isAway: boolean) => void;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 10_000;

/** Resolves at the end of the stream or when aborted. @throws ApiFailure for a status above 399. */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { path, signal, onEvent, isOver, onAway = () => {} } = options;
  let lastId: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted && !isOver()) {
    try {
      const headers: Record<string, string> =
        lastId === undefined ? {} : { 'last-event-id': lastId };
      const response = await send(path, { signal, headers });
      if (response.status === 502 || response.status === 503) throw await failureOf(response);
      if (!response.ok) throw Object.assign(await failureOf(response), { isFinal: true });
      onAway(false);
      for await (const event of eventsOf(response)) {
        lastId = event.id ?? lastId;
        waitMs = FIRST_WAIT_MS;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiFailure && 'isFinal' in error) throw error;
    }
    if (isOver()) return;
    onAway(true);
    await pause(waitMs, signal);
    waitMs = Math.min(MAX_WAIT_MS, waitMs * 2);
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  const parser = new EventStreamParser();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    await reader.cancel().catch(() => {}); // the connection is gone already
  }
}

/** Ends early when the network comes back or somebody looks at the page again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
