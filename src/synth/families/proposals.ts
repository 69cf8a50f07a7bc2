// Proposes tasks of a family over environments and examines each, for tests of families.

import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import type { Candidate } from '../task-types.js';
import type { Environment } from '../world-types.js';
import { examine } from './examine.js';
import type { TaskFamily } from './family.js';

export interface Proposals {
  readonly tried: number;
  readonly accepted: number;
  readonly candidates: readonly Candidate[];
  /** Where and what, in words; empty = nothing is wrong. */
  readonly problems: readonly string[];
}

/** `tries` draws per environment the family applies to, both languages and four levels in turn. */
export function proposals(
  family: TaskFamily,
  environments: readonly Environment[],
  tries: number,
): Proposals {
  const candidates: Candidate[] = [];
  const problems: string[] = [];
  let tried = 0;
  for (const env of environments) {
    if (!family.applies(env)) continue;
    const loaded = loadEnvironment(env);
    for (let i = 0; i < tries; i++, tried++) {
      const language = i % 2 === 0 ? 'en' : 'zh';
      const candidate = family.propose(loaded, new Random('proposals', env.id, i), language, i % 4);
      if (!candidate) continue;
      candidates.push(candidate);
      for (const one of examine(family, loaded, candidate)) problems.push(`${env.id} ${i}: ${one}`);
    }
  }
  return { tried, accepted: candidates.length, candidates, problems };
}
