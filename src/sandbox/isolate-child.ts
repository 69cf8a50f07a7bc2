// What runs in the locked process: the isolate, for one program. Starts up before the program is there, so
// that somebody may have it wait; ends after one run, or when its input closes.

import { text } from 'node:stream/consumers';
import { loadIsolate } from './isolate.js';
import { READY } from './read-result.js';
import type { CodeLimits, Program } from './types.js';

/** What is written to it. */
export interface IsolateJob {
  readonly program: Program;
  readonly input: string;
  readonly limits: CodeLimits;
}

const isolate = await loadIsolate();
process.stdout.write(READY);
const given = await text(process.stdin);
if (given !== '') {
  const { program, input, limits } = JSON.parse(given) as IsolateJob;
  process.stdout.write(JSON.stringify(isolate.run(program, input, limits)));
}
