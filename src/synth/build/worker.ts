// A worker process: does one job after the other and says what came of it. It ends when its parent
// does. @see process-pool.ts

import { loadProgramRunner } from '../programs/program-runner.js';
import { doJob } from './jobs.js';
import type { FromWorker, ToWorker } from './process-pool.js';

await loadProgramRunner();

process.on('message', ({ folder, job }: ToWorker) => {
  try {
    doJob(folder, job, (soFar) => send({ kind: 'progress', soFar }));
    send({ kind: 'done' });
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? error.stack! : String(error) });
  }
});
process.on('disconnect', () => process.exit());

function send(message: FromWorker): void {
  process.send!(message);
}
