// Calls a program with lists of arguments in the isolate, all cases in one run, and spells what it gives
// canonically, so that results are compared as text. What is right is never passed in: a program can look
// for the answers only in its arguments.

import { canonicalJson } from '../canonical.js';
import type { CodeLimits } from '../../sandbox/types.js';
import type { Json } from '../world-types.js';
import { runProgram } from './program-runner.js';

/** Of one run of all cases: ten times what the slowest programs of the library need. */
const LIMITS: CodeLimits = {
  steps: 500_000,
  memoryBytes: 32 << 20,
  outputBytes: 1 << 18,
};
/** Nested deeper than anything a program of the library gives. */
const MAX_DEPTH = 64;

const HARNESS = 'hadal-harness.js';

/** Each case by itself: a value as JSON text in a list, nothing (null), or the message of an error. */
const harnessFor = (entry: string): string => `import run from ${JSON.stringify(`./${entry}`)};
export default (cases) => cases.map((args) => {
  try {
    const text = JSON.stringify(run(...args));
    return text === undefined ? null : [text];
  } catch (error) {
    return String(error instanceof Error ? error.message : error).slice(0, 200);
  }
});
`;

export interface Outcome {
  /** The value; null = there is none. */
  readonly spelled: string | null;
  /** Why there is none. */
  readonly message: string;
}

/**
 * What the default export of `entry` gives for each list of arguments; an empty list where the run as a
 * whole came to nothing and there are several cases. Never throws.
 */
export function runCases(
  files: Readonly<Record<string, string>>,
  entry: string,
  cases: readonly (readonly Json[])[],
): readonly Outcome[] {
  const count = cases.length;
  const program = { files: { ...files, [HARNESS]: harnessFor(entry) }, entry: HARNESS };
  const result = runProgram(program, spelledCases(cases), LIMITS);
  const list = result.ok ? parsed(result.output) : undefined;
  if (Array.isArray(list) && list.length === count) {
    return (list as readonly unknown[]).map(outcomeOf);
  }
  if (count !== 1) return [];
  const message = result.ok ? 'no result' : `${result.failure}: ${result.message}`;
  return [{ spelled: null, message }];
}

const spellings = new WeakMap<readonly (readonly Json[])[], string>();

/** The same lists are given to many versions of a program. */
function spelledCases(cases: readonly (readonly Json[])[]): string {
  let spelled = spellings.get(cases);
  if (spelled === undefined) spellings.set(cases, (spelled = JSON.stringify(cases)));
  return spelled;
}

function outcomeOf(item: unknown): Outcome {
  if (Array.isArray(item) && typeof item[0] === 'string') {
    const spelled = spelledResult(item[0]);
    return { spelled, message: spelled === null ? 'it returned no plain value' : '' };
  }
  if (typeof item === 'string') return { spelled: null, message: `it threw: ${item}` };
  return { spelled: null, message: 'it returned nothing' };
}

/** JSON text in its canonical spelling; null for what is no JSON, or nested too deep to compare. */
export function spelledResult(text: string): string | null {
  if (depthOf(text) > MAX_DEPTH) return null;
  const value = parsed(text);
  return value === undefined ? null : canonicalJson(value);
}

/** What a test says that a program did. */
export function showOutcome({ spelled, message }: Outcome): string {
  return spelled === null ? message : `got ${spelled}`;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // no JSON
  }
}

/** At least how deep lists and objects are nested; brackets in texts count too. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const unit of text) {
    if (unit === '[' || unit === '{') deepest = Math.max(deepest, ++depth);
    else if (unit === ']' || unit === '}') depth--;
  }
  return deepest;
}
