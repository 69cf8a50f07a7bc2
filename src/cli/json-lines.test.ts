import assert from 'node:assert/strict';
import test from 'node:test';
import { answerDecode } from './decode.js';
import { answerEncode } from './encode.js';
import { answerLines, type LineAnswerer } from './json-lines.js';

async function answers(
  input: string | Uint8Array,
  answerer: LineAnswerer,
  chunkSize = 7,
): Promise<Record<string, unknown>[]> {
  const bytes = Buffer.from(input as string);
  const chunks = (async function* () {
    for (let start = 0; start < bytes.length; start += chunkSize) {
      yield bytes.subarray(start, start + chunkSize);
    }
  })();
  const lines: Record<string, unknown>[] = [];
  for await (const line of answerLines(chunks, answerer)) {
    assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1);
    lines.push(JSON.parse(line) as Record<string, unknown>);
  }
  return lines;
}

const echo: LineAnswerer = (request) => ({ keys: [...request.keys()] });

function kinds(lines: Record<string, unknown>[]): (string | undefined)[] {
  return lines.map((line) => (line['error'] as { kind: string } | undefined)?.kind);
}

test('answers each line in order, with or without a last newline', async () => {
  for (const end of ['', '\n']) {
    const lines = await answers(`{"a":1}\n{"2":0,"1":0}\r\n{"é":[]}${end}`, echo);
    assert.deepEqual(lines, [{ keys: ['a'] }, { keys: ['2', '1'] }, { keys: ['é'] }]);
  }
  assert.deepEqual(await answers('', echo), []);
});

test('answers bad lines with an error and goes on', async () => {
  const lines = await answers('{"a":\n\n[1]\n  \n{"a":1} x\n{"ok":1}\n', echo);
  const bad = 'bad_request';
  assert.deepEqual(kinds(lines), [bad, bad, bad, bad, bad, undefined]);
});

test('answers invalid UTF-8 with an error and goes on', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('"}\n{}\n'),
  ]);
  assert.deepEqual(kinds(await answers(bytes, echo)), ['bad_request', undefined]);
});

test('answers absurd nesting with an error', async () => {
  const deep = '['.repeat(200_000);
  assert.deepEqual(kinds(await answers(`{"a":${deep}\n{}`, echo, 4096)), [
    'bad_request',
    undefined,
  ]);
});

test('reports an unexpected failure as internal_error and goes on', async () => {
  let turn = 0;
  const failing: LineAnswerer = () => {
    if (turn++ === 0) throw new Error('boom');
    return { fine: true };
  };
  const lines = await answers('{}\n{}\n', failing);
  assert.deepEqual(lines, [{ error: { kind: 'internal_error', message: 'boom' } }, { fine: true }]);
});

const WRONG_ENCODE_LINES = [
  {},
  { messages: [] },
  { messages: {}, thinking_mode: 'chat' },
  { messages: ['hi'], thinking_mode: 'chat' },
  { messages: [null], thinking_mode: 'chat' },
  { messages: [], thinking_mode: 1 },
  { messages: [], thinking_mode: 'chat', context: {} },
  { messages: [], thinking_mode: 'chat', drop_thinking: 'yes' },
  { messages: [], thinking_mode: 'chat', add_default_bos_token: 1 },
  { messages: [{ role: 'system', tools: { a: 1 } }], thinking_mode: 'chat' },
  { messages: [{ role: 'system', tools: ['x'] }], thinking_mode: 'chat' },
  { messages: [{ role: 'assistant', tool_calls: [{ function: 'f' }] }], thinking_mode: 'chat' },
  { prompt: 1, suffix: '' },
  { prompt: '', suffix: 1 },
  { suffix: '' },
];

test('encode refuses missing fields and wrong types', async () => {
  const input = WRONG_ENCODE_LINES.map((line) => JSON.stringify(line)).join('\n');
  const expected = WRONG_ENCODE_LINES.map(() => 'bad_request');
  assert.deepEqual(kinds(await answers(input, answerEncode)), expected);
});

test('encode takes an empty list, whatever the mode, and a null context', async () => {
  const bos = { prompt: '<｜begin▁of▁sentence｜>' };
  const input =
    '{"messages":[],"thinking_mode":"odd"}\n{"messages":[],"thinking_mode":"chat","context":null}';
  assert.deepEqual(await answers(input, answerEncode), [bos, bos]);
});

const WRONG_DECODE_LINES = [
  {},
  { text: 'x' },
  { thinking_mode: 'chat' },
  { text: 1, thinking_mode: 'chat' },
  { text: 'x', thinking_mode: null },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: 3 },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: [] },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: [0] },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: [-1] },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: [1.5] },
  { text: 'x', thinking_mode: 'chat', chunk_pattern: ['1'] },
];

test('decode refuses missing fields and wrong types', async () => {
  const input = WRONG_DECODE_LINES.map((line) => JSON.stringify(line)).join('\n');
  const expected = WRONG_DECODE_LINES.map(() => 'bad_request');
  assert.deepEqual(kinds(await answers(input, answerDecode)), expected);
});
