// What a process of the isolate wrote, taken for what it is: bytes from somewhere that may have been broken
// out of. Only a result of the right shape and size is one.

import type { CodeFailure, CodeLimits, CodeResult } from './types.js';

/** Written once the isolate is loaded, before the program is known. */
export const READY = 'ready\n';

const FAILURES: ReadonlySet<string> = new Set<CodeFailure>([
  'syntax',
  'exception',
  'steps',
  'memory',
  'output',
  'result',
]);
/** Longest message that is believed. */
const MAX_MESSAGE = 4_000;

/** undefined = it is no result. Contract: never throws. */
export function readResult(stdout: string, limits: CodeLimits): CodeResult | undefined {
  if (!stdout.startsWith(READY)) return undefined;
  const value = parsed(stdout.slice(READY.length));
  if (typeof value !== 'object' || value === null) return undefined;
  const { ok, output, printed, failure, message } = value as Record<string, unknown>;
  const fits = (text: unknown): text is string =>
    typeof text === 'string' && Buffer.byteLength(text) <= limits.outputBytes;
  if (!fits(printed)) return undefined;
  if (ok === true && fits(output) && parsed(output) !== undefined) return { ok, output, printed };
  if (ok !== false || typeof message !== 'string' || message.length > MAX_MESSAGE) return undefined;
  if (typeof failure !== 'string' || !FAILURES.has(failure)) return undefined;
  return { ok, failure: failure as CodeFailure, message, printed };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
