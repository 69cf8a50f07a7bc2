// What a run amounts to: counts by level, and every statement of the contract that no requirement
// cites. Nothing unmet, not run or uncited is left out.

import type { Kit } from './load-kit.js';
import type { Level, Statement } from './requirement.js';
import type { Outcome } from './run-kit.js';

export interface Summary {
  target: string;
  counts: Record<Level, { met: number; unmet: number; notRun: number }>;
  unmet: { id: string; level: Level; title: string; source: string; problems: string[] }[];
  notRun: { id: string; level: Level; reason: string }[];
  /** Statements without a requirement and without an excuse. */
  uncited: { id: string; source: string; statement: string }[];
  excused: { id: string; source: string; reason: string }[];
}

export function summarize(kit: Kit, outcomes: readonly Outcome[], target: string): Summary {
  const summary: Summary = {
    target,
    counts: { must: zero(), should: zero(), ours: zero() },
    unmet: [],
    notRun: [],
    uncited: [],
    excused: [],
  };
  for (const outcome of outcomes) {
    const { id, level, title } = outcome.requirement;
    const counts = summary.counts[level];
    if (outcome.result === 'met') counts.met++;
    else if (outcome.result === 'unmet') {
      counts.unmet++;
      const source = sourcesOf(kit, outcome.requirement.cites);
      summary.unmet.push({ id, level, title, source, problems: outcome.problems });
    } else {
      counts.notRun++;
      summary.notRun.push({ id, level, reason: outcome.reason });
    }
  }
  const cited = new Set(kit.requirements.flatMap(({ cites }) => cites));
  for (const each of kit.statements) {
    if (cited.has(each.id)) continue;
    const { id, statement, excused } = each;
    const source = sourceOf(each);
    if (excused === undefined) summary.uncited.push({ id, source, statement });
    else summary.excused.push({ id, source, reason: excused });
  }
  return summary;
}

function zero() {
  return { met: 0, unmet: 0, notRun: 0 };
}

export function sourceOf({ section, page }: Statement): string {
  const reference = `api reference §${section}`;
  return page === undefined ? reference : `${reference}, ${page}`;
}

function sourcesOf(kit: Kit, cites: readonly string[]): string {
  return kit.statements
    .filter(({ id }) => cites.includes(id))
    .map(sourceOf)
    .join('; ');
}
