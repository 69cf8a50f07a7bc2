// The thread of timed-runner.ts: the isolate, loaded once.

import { parentPort } from 'node:worker_threads';
import { loadIsolate } from '../../sandbox/isolate.js';
import type { TimedRun } from './timed-runner.js';

const { run } = await loadIsolate();
const port = parentPort!;
port.on('message', ({ program, input, limits }: TimedRun) => {
  port.postMessage(run(program, input, limits));
});
port.postMessage('ready');
