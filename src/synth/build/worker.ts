// A worker process: does one job after the other and says what came of it. It ends when its parent
// does. @see worker-pool.ts

import { doJob } from './jobs.js';
import type { FromWorker, ToWorker } from './worker-pool.js';

process.on('message', ({ job }: ToWorker) => {
  try {
    send({ kind: 'done', result: doJob(job, (tally) => send({ kind: 'progress', tally })) });
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? error.stack! : String(error) });
  }
});
process.on('disconnect', () => process.exit());

function send(message: FromWorker): void {
  process.send!(message);
}
