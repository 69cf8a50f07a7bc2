// Programs of agents are run by tools and verifiers, which are plain functions, and a server wants them in
// another process, which answers later. So the work is done as far as its first program, the program is run
// elsewhere, and the work is done again with what came out, until it needs no other. Work that needs no
// program is done at once. Nothing may be left behind by work that stops at a program: tools record a call
// and change a row only after their programs ran, and verdicts change nothing.

import type { CodeLimits, CodeResult, Program } from '../../sandbox/types.js';
import { withRunner } from './program-runner.js';

export type RunElsewhere = (
  program: Program,
  input: string,
  limits: CodeLimits,
) => Promise<CodeResult>;

/** Programs that one piece of work may ask for: the tests of a file, alone and together, and more. */
const MAX_PROGRAMS = 200;

class ProgramNeeded extends Error {
  constructor(
    readonly id: string,
    readonly ask: readonly [Program, string, CodeLimits],
  ) {
    super('a program runs elsewhere');
  }
}

/** @throws what `work` or `run` throws; Error if the work asks for programs without end */
export function withProgramsElsewhere<T>(run: RunElsewhere, work: () => T): T | Promise<T> {
  const known = new Map<string, CodeResult>();
  const first = attempt(work, known);
  return first instanceof ProgramNeeded ? finish(run, work, known, first) : first;
}

async function finish<T>(
  run: RunElsewhere,
  work: () => T,
  known: Map<string, CodeResult>,
  first: ProgramNeeded,
): Promise<T> {
  let needed = first;
  for (let count = 0; count < MAX_PROGRAMS; count++) {
    known.set(needed.id, await run(...needed.ask));
    const done = attempt(work, known);
    if (!(done instanceof ProgramNeeded)) return done;
    needed = done;
  }
  throw new Error(`one call asked for more than ${MAX_PROGRAMS} programs`);
}

function attempt<T>(work: () => T, known: ReadonlyMap<string, CodeResult>): T | ProgramNeeded {
  try {
    return withRunner((program, input, limits) => {
      const id = JSON.stringify([program, input, limits]);
      const result = known.get(id);
      if (!result) throw new ProgramNeeded(id, [program, input, limits]);
      return result;
    }, work);
  } catch (error) {
    if (error instanceof ProgramNeeded) return error;
    throw error;
  }
}
