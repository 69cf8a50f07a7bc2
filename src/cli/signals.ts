// Signals that end a command in the middle of its work. Ending by process.exit rather than by the
// signal itself runs the exit handlers: half-written files are removed, an engine process is killed.

import { constants } from 'node:os';

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function exitBy(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}

/** SIGINT and SIGTERM end the process at once, with 128 + the signal's number, until the function
 *  returned is called. */
export function exitOnSignals(): () => void {
  for (const signal of STOP_SIGNALS) process.once(signal, exitBy);
  return () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, exitBy);
  };
}
