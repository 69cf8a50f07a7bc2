// Log lines: levels, both formats, and one line per entry whatever the fields hold.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createLog, type LogOptions } from './log.js';

function lines(options: Omit<LogOptions, 'write' | 'now'>): string[] {
  const written: string[] = [];
  const log = createLog({
    ...options,
    write: (line) => written.push(line),
    now: () => new Date('2025-12-01T10:20:30Z'),
  });
  log('debug', 'detail');
  log('info', 'GET /models', { status: 200, aborted: undefined });
  log('error', 'engine crashed', { detail: 'two\nlines "quoted"' });
  return written;
}

test('text lines are short and single', () => {
  assert.deepEqual(lines({ level: 'info' }), [
    '10:20:30 info GET /models status=200\n',
    '10:20:30 error engine crashed detail="two\\nlines \\"quoted\\""\n',
  ]);
});

test('json lines are objects', () => {
  const [first] = lines({ level: 'info', format: 'json' });
  assert.deepEqual(JSON.parse(first!), {
    time: '2025-12-01T10:20:30.000Z',
    level: 'info',
    message: 'GET /models',
    status: 200,
  });
});

test('the level filters; silent writes nothing', () => {
  assert.equal(lines({ level: 'debug' }).length, 3);
  assert.equal(lines({ level: 'error' }).length, 1);
  assert.equal(lines({ level: 'silent' }).length, 0);
});
