// Log lines: levels, both formats, one line per entry whatever the fields hold, and no secrets.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../test/helpers/any-text.js';
import { plantedSecret } from '../../test/helpers/planted-secret.js';
import { createLog, type LogFields, type LogOptions } from './log.js';

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

const FORMATS = ['text', 'json'] as const;

function oneLine(format: 'text' | 'json', message: string, fields?: LogFields): string {
  const written: string[] = [];
  const log = createLog({ level: 'debug', format, write: (line) => written.push(line) });
  log('warn', message, fields);
  assert.equal(written.length, 1);
  return written[0]!;
}

test('one record is one line without control characters, whatever its strings hold', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORMATS), anyText(), anyText(), (format, message, value) => {
      const ansi = '\u001b[31m\u009b2J\r\n\u2028\u202e';
      const line = oneLine(format, message + ansi, {
        path: ansi + value,
        error: new Error(value),
      });
      assert.match(line, /^[^\p{Cc}\u2028\u2029\u202e]+\n$/u);
      if (format === 'json') assert.equal(typeof JSON.parse(line), 'object');
    }),
  );
});

test('no secret planted in any field, message or error cause survives', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORMATS), plantedSecret, (format, { secret, text }) => {
      const inner = Object.assign(new Error(text), { code: text });
      const nested = new Error('outer', { cause: new AggregateError([inner], text) });
      for (const line of [
        oneLine(format, text),
        oneLine(format, 'x', { detail: text }),
        oneLine(format, 'x', { error: nested }),
        oneLine(format, 'x', { apiKey: secret, password: secret, 'set-cookie': secret }),
        oneLine(format, 'x', { authorization: secret, clientSecret: secret, api_key: secret }),
      ]) {
        assert.ok(!line.includes(secret), line);
      }
    }),
    { numRuns: 200 },
  );
});

test('errors carry their causes; a cycle of causes ends', () => {
  const outer = new Error('cannot start', { cause: new TypeError('port is taken') });
  assert.match(oneLine('text', 'x', { error: outer }), /error="cannot start: port is taken"\n$/);
  const { error } = JSON.parse(oneLine('json', 'x', { error: outer }));
  assert.equal(error.message, 'cannot start');
  assert.equal(error.causes[0].name, 'TypeError');
  assert.equal(error.causes[0].message, 'port is taken');

  outer.cause = outer;
  for (const format of FORMATS) assert.ok(oneLine(format, 'x', { error: outer }).length < 50_000);
});

test('fields cannot take the place of the parts of a json line', () => {
  const line = JSON.parse(oneLine('json', 'real', { message: 'fake', level: 'fatal', time: 1 }));
  assert.deepEqual(
    [line.message, line.level, line.message_, line.level_, line.time_],
    ['real', 'warn', 'fake', 'fatal', 1],
  );
});
