// Redaction: secrets of every known shape go, wherever they stand; ordinary text stays; and hostile
// text costs a bounded time.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSecretField, redact } from './redact.js';
import { anyText } from '../../test/helpers/any-text.js';
import { plantedSecret } from '../../test/helpers/planted-secret.js';

test('known shapes of secrets go', () => {
  const rows: [text: string, expected: string][] = [
    ['key sk-0123456789abcdef refused', 'key sk-[redacted] refused'],
    ['Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    ['got "Bearer abcdef123", 401', 'got "Bearer [redacted]", 401'],
    ['postgres://app:p@ss/w:rd@db:5432/x', 'postgres://[redacted]@db:5432/x'],
    ['https://token123@host/path', 'https://[redacted]@host/path'],
    ['{"api_key":"a b\\"c","n":1}', '{"api_key":[redacted],"n":1}'],
    ['{"api_key":"cut off\\', '{"api_key":[redacted]'],
    ['"{\\"password\\":\\"hunter two\\"}"', '"{\\"password\\":[redacted]}"'],
    ['GET /x?api_key=abc123', 'GET /x?api_key=[redacted]'],
    ['secret = x1y2', 'secret = [redacted]'],
    ['key 00112233445566778899aabbccddeeff is gone', 'key [redacted] is gone'],
    ['set-cookie: a=b; c=d', 'set-cookie: [redacted]'],
    ['Bearer key 00112233445566778899', 'Bearer [redacted] [redacted]'],
    ['password=api_key: hidden', 'password=[redacted] [redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '[redacted]'],
  ];
  for (const [text, expected] of rows) assert.equal(redact(text), expected, text);
});

test('ordinary text stays', () => {
  for (const text of [
    'GET /v1/chat/completions',
    'prompt_tokens=12 max_tokens: 4096',
    'trace 00112233445566778899aabbccddeeff',
    'task-force-one asks https://example.com:8080/path?x=1#y',
    'mail to someone@example.com',
    'keyId=0f3a1b2c journal depth 12',
  ]) {
    assert.equal(redact(text), text);
  }
});

/** Text that could lead a rule astray: names without values, open quotes, half of a URL. */
const noise = fc.oneof(
  anyText(),
  fc.constantFrom('Bearer ', 'password=x', 'authorization:', "key='", '{"a":"', '://a:', '\\"'),
);

test('no planted secret survives, whatever stands around it', () => {
  const separator = fc.constantFrom('', ' ', '\n', ', ');
  fc.assert(
    fc.property(noise, separator, plantedSecret, noise, (before, gap, { secret, text }, after) => {
      assert.ok(!redact(before + gap + text + gap + after).includes(secret));
    }),
    { numRuns: 2000 },
  );
});

test('hostile text costs a bounded time', () => {
  const hostile = ['://a:', 'key="\\', 'token:', 'a'.repeat(60), 'eyJaaaaaaaa.', '-----BEGIN '];
  for (const part of hostile) {
    const text = part.repeat(Math.ceil(1_000_000 / part.length));
    const start = performance.now();
    assert.ok(redact(text).length <= 40_000);
    const ms = performance.now() - start;
    assert.ok(ms < 1000, `${JSON.stringify(part)} took ${ms} ms`);
  }
});

test('names of fields whose value is always a secret', () => {
  for (const name of [
    'authorization',
    'apiKey',
    'api_key',
    'x-api-key',
    'password',
    'dbPassword',
  ]) {
    assert.ok(isSecretField(name), name);
  }
  for (const name of ['secret', 'clientSecret', 'cookie', 'set-cookie', 'token', 'access_token']) {
    assert.ok(isSecretField(name), name);
  }
  for (const name of ['keyId', 'maxTokens', 'tokens', 'trace', 'status', 'keyboard', 'passed']) {
    assert.ok(!isSecretField(name), name);
  }
});
