// An audit for people to read: a line for each check, and beneath it what was found wrong.

import type { AuditReport } from './audit-corpus.js';
import type { CheckResult } from './corpus-check.js';

/** Ends with a line break. */
export function auditTable({ ok, environments, tasks, checks }: AuditReport): string {
  const head = `${environments} environments, ${tasks} tasks`;
  const end = ok
    ? 'nothing was found wrong'
    : `${checks.filter((one) => !one.ok).length} checks failed`;
  return [head, '', ...checks.flatMap(linesOf), '', end, ''].join('\n');
}

function linesOf({ id, title, ok, figures, numProblems, problems }: CheckResult): string[] {
  const counts = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  const more = numProblems - problems.length;
  return [
    `${ok ? 'ok  ' : 'FAIL'}  ${id.padEnd(13)}${title}`,
    ...(counts.length > 0 ? [`      ${' '.repeat(13)}${counts.join(', ')}`] : []),
    ...problems.map((one) => `        - ${one}`),
    ...(more > 0 ? [`        - and ${more} more`] : []),
  ];
}
