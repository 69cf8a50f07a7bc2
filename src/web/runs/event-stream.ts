// A reader of a run's events: server-sent events from the one behind `after`, to the end of the run.
// Nothing is read ahead of the socket, so a slow reader costs no memory.

import { type EventLog, type EventLogTime, SYSTEM_TIME } from './event-log.js';

const CHUNK_CHARACTERS = 64 * 1024;
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = ': keep-alive\n\n';

export function eventStream(
  log: EventLog,
  after: number,
  time: Pick<EventLogTime, 'after'> = SYSTEM_TIME,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let position = after;
  let hasBegun = false;
  let stopWaiting = () => {};
  return new ReadableStream(
    {
      async pull(controller) {
        // So that the head goes out, and a reader knows that it is connected.
        if (!hasBegun) {
          hasBegun = true;
          return controller.enqueue(encoder.encode(KEEP_ALIVE));
        }
        for (;;) {
          const { text, lastId } = log.read(position, CHUNK_CHARACTERS);
          if (text !== '') {
            position = lastId;
            return controller.enqueue(encoder.encode(text));
          }
          if (log.isEnded) return controller.close();
          const why = await new Promise<'change' | 'silence' | 'cancel'>((resolve) => {
            const forget = log.onChange(() => resolve('change'));
            const cancelTimer = time.after(KEEP_ALIVE_MS, () => resolve('silence'));
            stopWaiting = () => {
              forget();
              cancelTimer();
              resolve('cancel');
            };
          });
          stopWaiting();
          if (why === 'cancel') return;
          if (why === 'silence') return controller.enqueue(encoder.encode(KEEP_ALIVE));
        }
      },
      cancel: () => stopWaiting(),
    },
    { highWaterMark: 0 },
  );
}
