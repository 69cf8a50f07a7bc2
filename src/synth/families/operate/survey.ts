// Proposes tasks of a family over many composed environments and proves each, for tests: what the gates
// ask (examine.ts), and that the independent solver ends in the same state with the same submission.

import { byCodeUnit, canonicalJson } from '../../canonical.js';
import { Database } from '../../database.js';
import { Random } from '../../random.js';
import { replay } from '../../replay.js';
import type { Candidate, RowChange } from '../../task-types.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import type { Json } from '../../world-types.js';
import { examine } from '../examine.js';
import type { TaskFamily } from '../family.js';

export interface Survey {
  /** Environments that the family applies to, and those that gave a task. */
  applies: number;
  fruitful: number;
  proposed: number;
  accepted: number;
  readonly skeletons: Set<string>;
  readonly calls: number[];
  readonly problems: string[];
}

/** Lists are compared without regard to order: submissions of these families are sets of names. */
function spell(value: Json): string {
  const plain = (one: Json): Json => {
    if (Array.isArray(one)) {
      const items = (one as readonly Json[]).map(plain);
      return items.toSorted((a, b) => byCodeUnit(canonicalJson(a), canonicalJson(b)));
    }
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(
      Object.entries(one).map(([name, field]) => [name, plain(field as Json)]),
    );
  };
  return canonicalJson(plain(value));
}

/** What the plan changes of the patched start, in one order. */
function changesOf(loaded: LoadedEnvironment, candidate: Candidate): { spelled: string } {
  const session = new Session(loaded, candidate.patch);
  replay(candidate.solution, session);
  const before = new Database(loaded.base);
  before.apply(candidate.patch);
  const touched = new Map<string, RowChange>();
  for (const { table, key } of [...before.diff(), ...session.db.diff()]) {
    const was = before.get(table, key) ?? null;
    const is = session.db.get(table, key) ?? null;
    if (canonicalJson(was) === canonicalJson(is)) continue;
    touched.set(`${table} ${key}`, { table, key, before: was, after: is });
  }
  return { spelled: spell([session.submission ?? null, [...touched.values()] as unknown as Json]) };
}

/** What is wrong with a candidate; empty = nothing. */
export function prove(
  family: TaskFamily,
  loaded: LoadedEnvironment,
  candidate: Candidate,
): string[] {
  const problems = examine(family, loaded, candidate);
  const { spelled } = changesOf(loaded, candidate);
  const ends = family
    .solve(loaded, candidate.patch, candidate.ir)
    .map(({ submission, changes }) =>
      spell([submission ?? null, (changes ?? []) as unknown as Json]),
    );
  if (!ends.includes(spelled))
    problems.push(`none of the solver's ${ends.length} ends is the plan's`);
  return problems;
}

export function survey(
  family: TaskFamily,
  environments: readonly LoadedEnvironment[],
  tries: number,
): Survey {
  const found: Survey = {
    applies: 0,
    fruitful: 0,
    proposed: 0,
    accepted: 0,
    skeletons: new Set(),
    calls: [],
    problems: [],
  };
  for (const loaded of environments) {
    if (!family.applies(loaded.env)) continue;
    found.applies++;
    const before = found.accepted;
    for (let i = 0; i < tries; i++) {
      const random = new Random('survey', family.id, loaded.env.id, i);
      const candidate = family.propose(loaded, random, i % 2 === 0 ? 'en' : 'zh', i >> 1);
      found.proposed++;
      if (!candidate) continue;
      found.accepted++;
      found.skeletons.add(candidate.skeleton);
      found.calls.push(candidate.solution.steps.length);
      const problems = prove(family, loaded, candidate);
      found.problems.push(...problems.map((one) => `${loaded.env.id} ${i}: ${one}`));
    }
    if (found.accepted > before) found.fruitful++;
  }
  return found;
}
