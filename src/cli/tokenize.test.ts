import assert from 'node:assert/strict';
import test from 'node:test';
import { loadBuiltinTokenizer } from '../encoding/builtin-tokenizers.js';
import { answerLines } from './json-lines.js';
import { answerTokenize } from './tokenize.js';

async function answers(input: Uint8Array): Promise<unknown[]> {
  const tokenizer = loadBuiltinTokenizer('v3.2');
  const source = (async function* () {
    yield input;
  })();
  const lines: unknown[] = [];
  for await (const line of answerLines(source, (request) => answerTokenize(tokenizer, request))) {
    lines.push(JSON.parse(line));
  }
  return lines;
}

test('answers texts with ids, in order', async () => {
  const lines = ['{"text":"hello"}', '{"text":""}', '{"text":"<think>"}', '{"text":"\\ud83d"}'];
  assert.deepEqual(await answers(Buffer.from(lines.join('\n'))), [
    { ids: [33310] },
    { ids: [] },
    { ids: [128798] },
    { ids: [2808] },
  ]);
});

test('special: false reads the text as data', async () => {
  const lines = await answers(Buffer.from('{"text":"<think>","special":false}\n'));
  assert.deepEqual(lines, [{ ids: [30, 37947, 32] }]);
});

test('answers bad lines with an error object', async () => {
  const input = Buffer.concat([
    Buffer.from('{"text":1}\n{}\nnull\n{"text":"'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n{"text":"x","special":1}\n'),
  ]);
  for (const answer of await answers(input)) {
    assert.equal((answer as { error: { kind: string } }).error.kind, 'bad_request');
  }
});
