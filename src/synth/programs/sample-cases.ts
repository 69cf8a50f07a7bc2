// Calls of a program with their right results: a few that everybody sees as its tests, and a pool from
// which the cases of verifiers are taken. Both follow from the program's identity alone.

import { canonicalJson } from '../canonical.js';
import { Random } from '../random.js';
import type { Json } from '../world-types.js';
import type { ProgramId } from './library.js';
import { nativeProgram } from './native-program.js';
import type { Draft } from './program.js';

export interface Case {
  readonly args: readonly Json[];
  readonly result: Json;
}

const VISIBLE = 5;
const POOL = 40;
const TRIES = 4;
/** A test is read by people. */
const MAX_VISIBLE_LENGTH = 320;

/** Tests that come with the program: of different results as far as possible. */
export function visibleCases(program: ProgramId, draft: Draft): Case[] {
  const seen = new Set<string>();
  const all = casesOf('visible', program, draft, TRIES * VISIBLE).filter(
    ({ args, result }) => JSON.stringify([args, result]).length <= MAX_VISIBLE_LENGTH,
  );
  const different = all.filter(({ result }) => {
    const spelled = canonicalJson(result);
    return !seen.has(spelled) && seen.add(spelled);
  });
  return [...different, ...all.filter((one) => !different.includes(one))].slice(0, VISIBLE);
}

/** Others than the visible ones. */
export function poolCases(program: ProgramId, draft: Draft, visible: readonly Case[]): Case[] {
  const shown = new Set(visible.map(({ args }) => canonicalJson(args)));
  return casesOf('pool', program, draft, POOL).filter(
    ({ args }) => !shown.has(canonicalJson(args)),
  );
}

/** Up to so many different calls. */
function casesOf(purpose: string, { id, seed }: ProgramId, draft: Draft, count: number): Case[] {
  const random = new Random('cases', purpose, id, seed);
  const run = nativeProgram(draft.files);
  const found = new Map<string, Case>();
  for (let i = 0; i < TRIES * count && found.size < count; i++) {
    const args = JSON.parse(JSON.stringify(draft.args(random))) as readonly Json[];
    const spelled = canonicalJson(args);
    if (!found.has(spelled)) found.set(spelled, { args, result: run(args) });
  }
  return [...found.values()];
}
