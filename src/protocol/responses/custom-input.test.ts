// The input of a freeform tool out of streamed function arguments.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CustomInputStream } from './custom-input.js';

fc.configureGlobal({ seed: 32 });

function run(pieces: readonly string[]): { streamed: string; input: string } {
  const stream = new CustomInputStream();
  const added = pieces.map((piece) => stream.push(piece));
  const { input, rest } = stream.end();
  return { streamed: added.join('') + rest, input };
}

test('any split of the arguments gives the input, streamed and whole', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '😀', '\ud83d', '\ude00'), fc.string()),
      }),
      fc.array(fc.nat(12)),
      fc.boolean(),
      (input, sizes, isSpaced) => {
        const text = JSON.stringify({ input }, null, isSpaced ? 2 : 0);
        const pieces = split(text, sizes);
        assert.deepEqual(run(pieces), { streamed: input, input });
      },
    ),
  );
});

test('escapes beyond the ones that JSON.stringify writes', () => {
  const text = '{"input":"\\u0041\\/\\ud83d\\ude00\\ud83dx\\ud83d\\n"}';
  const input = 'A/😀\ud83dx\ud83d\n';
  assert.deepEqual(run([text]), { streamed: input, input });
  assert.deepEqual(run([...text]), { streamed: input, input });
});

test('arguments of another shape are judged whole', () => {
  const cases: [text: string, input: string][] = [
    ['{"patch":"x\\ny"}', 'x\ny'],
    ['{"a":"x","b":"y"}', '{"a":"x","b":"y"}'],
    ['{"input":7}', '{"input":7}'],
    ['{}', '{}'],
    ['', ''],
  ];
  for (const [text, input] of cases) {
    assert.deepEqual(run([...text]), { streamed: input, input }, text);
  }
});

test('a cut call keeps what had come', () => {
  assert.deepEqual(run(['{"input":"ab\\', '']), { streamed: 'ab', input: 'ab' });
});

function split(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return [...pieces, text.slice(at)];
}
