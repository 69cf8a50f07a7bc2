// The status page: says what the report says, in both languages, escapes everything, loads nothing.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../test/helpers/any-text.js';
import { renderStatusPage, STATUS_PAGE_POLICY } from './status-page.js';
import { durationText, STATUS_TEXT } from './status-text.js';
import type { StatusReport } from './types.js';

const HOUR = 3_600_000;

function reportWith(parts: Partial<StatusReport>): StatusReport {
  return {
    status: 'operational',
    since: 0,
    at: 26 * HOUR,
    components: [],
    incidents: [],
    ...parts,
  };
}

test('both languages show state, components, uptime and incidents', () => {
  const report = reportWith({
    status: 'degraded',
    components: [
      { name: 'engine', status: 'operational' },
      { name: 'upstream eu-1', status: 'degraded', detail: '503 twice' },
    ],
    incidents: [
      { component: 'engine', status: 'down', detail: 'crashed', from: HOUR, until: HOUR + 90_000 },
    ],
  });
  const english = renderStatusPage(report, { version: '1.2.3', language: 'en' });
  for (const text of ['lang="en"', 'Degraded performance', 'Inference engine', 'upstream eu-1']) {
    assert.ok(english.includes(text), text);
  }
  for (const text of ['503 twice', '1 d 2 h', '1 min 30 s', '1970-01-01 01:00<', '1.2.3']) {
    assert.ok(english.includes(text), text);
  }
  const chinese = renderStatusPage(report, { version: '1.2.3', language: 'zh' });
  for (const text of ['lang="zh-CN"', '性能下降', '推理引擎', '1 天 2 小时', '1 分钟 30 秒']) {
    assert.ok(chinese.includes(text), text);
  }
});

test('an empty report says so', () => {
  const page = renderStatusPage(reportWith({}), { version: '1', language: 'en' });
  assert.ok(page.includes('No components are reported.'));
  assert.ok(page.includes('No incidents since the server started.'));
});

test('nothing from outside becomes markup', () => {
  const frame = (text: string): string => renderedWith(text).replace(/>[^<]*</g, '><');
  function renderedWith(text: string): string {
    return renderStatusPage(
      reportWith({
        components: [{ name: text, status: 'down', detail: `x${text}` }],
        incidents: [
          { component: text, status: 'down', detail: `x${text}`, from: 0, until: undefined },
        ],
      }),
      { version: text, language: 'en' },
    );
  }
  const expected = frame('plain');
  for (const text of ['<script>alert(1)</script>', '"><img src=x>', "'--><svg/onload=x>", '&lt;']) {
    assert.equal(frame(text), expected);
    assert.ok(!renderedWith(text).includes(text));
  }
  fc.assert(fc.property(anyText(), (text) => frame(text) === expected));
});

test('the page loads nothing and runs nothing, and its policy allows its own style only', () => {
  const page = renderStatusPage(reportWith({}), { version: '1', language: 'en' });
  assert.doesNotMatch(page, /<script|<link|<img|<iframe|url\(|@import|\son\w+=|https?:/i);
  const [, style] = /<style>([^]*)<\/style>/.exec(page)!;
  const hash = createHash('sha256').update(style!).digest('base64');
  assert.ok(STATUS_PAGE_POLICY.includes(`style-src 'sha256-${hash}'`));
});

test('durations show their two largest units', () => {
  const text = (seconds: number): string => durationText(seconds * 1000, STATUS_TEXT.en);
  assert.deepEqual([0, 59, 60, 3599, 3600, 3605, 90_061, -5].map(text), [
    '0 s',
    '59 s',
    '1 min',
    '59 min 59 s',
    '1 h',
    '1 h',
    '1 d 1 h',
    '0 s',
  ]);
});
