// The report for CI systems: one test case per requirement, uncited statements as skipped ones.

import type { Summary } from './summary.js';
import type { Outcome } from './run-kit.js';

export function reportJunit(outcomes: readonly Outcome[], { uncited }: Summary): string {
  const cases = outcomes.map(testCase);
  const skipped = uncited.map(({ id, statement }) =>
    element('uncited', id, 0, `<skipped message="${escape(`no requirement yet: ${statement}`)}"/>`),
  );
  const numUnmet = outcomes.filter(({ result }) => result === 'unmet').length;
  const numSkipped = outcomes.filter(({ result }) => result === 'not-run').length + skipped.length;
  const total = cases.length + skipped.length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="hadal conformance" tests="${total}" failures="${numUnmet}" skipped="${numSkipped}">`,
    ...cases,
    ...skipped,
    '</testsuite>',
    '',
  ].join('\n');
}

function testCase(outcome: Outcome): string {
  const { requirement, milliseconds } = outcome;
  const { id, level, title } = requirement;
  switch (outcome.result) {
    case 'met':
      return element(level, id, milliseconds, '');
    case 'unmet': {
      const detail = escape(outcome.problems.join('\n'));
      return element(
        level,
        id,
        milliseconds,
        `<failure message="${escape(title)}">${detail}</failure>`,
      );
    }
    case 'not-run':
      return element(level, id, milliseconds, `<skipped message="${escape(outcome.reason)}"/>`);
  }
}

function element(level: string, id: string, milliseconds: number, content: string): string {
  const seconds = (milliseconds / 1000).toFixed(3);
  return `  <testcase classname="${level}" name="${escape(id)}" time="${seconds}">${content}</testcase>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Also drops the control characters that XML 1.0 cannot hold: problems quote hostile replies. */
function escape(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!)
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd');
}
