// The report for people. Order: what is wrong, what was not looked at, the totals.

import type { Summary } from './summary.js';

export function reportText(summary: Summary): string {
  const lines = [`Conformance of ${summary.target}`, ''];
  for (const { id, level, title, source, problems } of summary.unmet) {
    lines.push(
      `unmet (${level}) ${id}: ${title} [${source}]`,
      ...problems.map((text) => `    ${text}`),
    );
  }
  for (const { id, level, reason } of summary.notRun)
    lines.push(`not run (${level}) ${id}: ${reason}`);
  for (const { id, source, statement } of summary.uncited) {
    lines.push(`uncited ${id}: ${statement} [${source}]`);
  }
  for (const { id, reason } of summary.excused) lines.push(`excused ${id}: ${reason}`);
  lines.push('', row('', 'met', 'unmet', 'not run'));
  for (const [level, { met, unmet, notRun }] of Object.entries(summary.counts)) {
    lines.push(row(level, met, unmet, notRun));
  }
  lines.push(
    '',
    `uncited statements: ${summary.uncited.length}, excused: ${summary.excused.length}`,
  );
  return `${lines.join('\n')}\n`;
}

function row(name: string, ...cells: (string | number)[]): string {
  return name.padEnd(8) + cells.map((cell) => String(cell).padStart(9)).join('');
}
