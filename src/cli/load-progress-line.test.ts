import assert from 'node:assert/strict';
import test from 'node:test';

import { loadProgressLine } from './load-progress-line.js';

const GiB = 2 ** 30;

function recorded(isTTY: boolean): {
  report: ReturnType<typeof loadProgressLine>;
  written: string[];
} {
  const written: string[] = [];
  const report = loadProgressLine({ isTTY, write: (text) => written.push(text) });
  return { report, written };
}

test('a large file counts up on one line, which is gone at the end', () => {
  const { report, written } = recorded(true);
  for (const loaded of [0, 0.001 * GiB, GiB, 3 * GiB, 4 * GiB]) report!(loaded, 4 * GiB);
  assert.deepEqual(written, [
    '\r\x1b[Kloading 4.0 GiB: 0%',
    '\r\x1b[Kloading 4.0 GiB: 25%',
    '\r\x1b[Kloading 4.0 GiB: 75%',
    '\r\x1b[K',
  ]);
});

test('small files and pipes show nothing', () => {
  const { report, written } = recorded(true);
  report!(1, GiB / 5);
  report!(GiB / 5, GiB / 5);
  assert.deepEqual(written, []);
  assert.equal(recorded(false).report, undefined);
});
