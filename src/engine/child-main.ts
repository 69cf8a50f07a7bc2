// Entry of the engine child in production.

import { setPriority } from 'node:os';
import { serveEngine } from './child.js';
import { loadModelRunner } from './model-adapter.js';

/** Its threads want every core all the time; the server's turns are short, and clients wait for them:
 *  the server goes first. Threads made from here on are as nice. */
const NICENESS = 5;

try {
  setPriority(NICENESS);
} catch {
  // A sandbox that forbids it: streams are a little less even, nothing else.
}

serveEngine(async (context) => loadModelRunner(context));
