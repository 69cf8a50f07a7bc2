// The golden cases through the `--jsonl` commands' line handlers: lines in, lines out, same order.

import assert from 'node:assert/strict';
import test from 'node:test';
import { answerDecode } from '../../src/cli/decode.js';
import { answerEncode } from '../../src/cli/encode.js';
import { answerLines, type LineAnswerer } from '../../src/cli/json-lines.js';
import { assembleMessage, type CompletionEvent } from '../../src/encoding/completion.js';
import { stringifyJson } from '../../src/encoding/json-writer.js';
import { toPlainJson } from '../../src/encoding/json.js';
import { type GoldenCase, readGolden } from './golden-cases.js';

interface Answer {
  error?: { kind: string; message: string; field?: string };
  deltas?: Record<string, unknown>[];
  [member: string]: unknown;
}

interface Expected {
  error?: { kind: string; message?: string; message_prefix?: string; field?: string };
  text_deltas_never_contain?: string[];
  [member: string]: unknown;
}

async function answerCases(cases: GoldenCase[], answerer: LineAnswerer): Promise<Answer[]> {
  const bytes = Buffer.from(cases.map(({ input }) => `${stringifyJson(input)}\n`).join(''));
  const chunks = (async function* () {
    for (let start = 0; start < bytes.length; start += 1000) {
      yield bytes.subarray(start, start + 1000);
    }
  })();
  const answers: Answer[] = [];
  for await (const line of answerLines(chunks, answerer)) answers.push(JSON.parse(line) as Answer);
  assert.equal(answers.length, cases.length);
  return answers;
}

function checkError(answer: Answer, expected: Expected['error'], name: string): void {
  assert.equal(answer.error?.kind, expected?.kind, name);
  assert.equal(answer.error?.field, expected?.field, name);
  if (expected?.message !== undefined) assert.equal(answer.error?.message, expected.message, name);
  assert.ok(answer.error?.message.startsWith(expected?.message_prefix ?? ''), name);
}

for (const file of ['encode', 'prefix', 'fim', 'parse']) {
  test(`every case of ${file}.json through its command`, async () => {
    const cases = readGolden(file);
    const answers = await answerCases(cases, file === 'parse' ? answerDecode : answerEncode);
    for (const [index, { name, expected }] of cases.entries()) {
      const plain = toPlainJson(expected) as Expected;
      if (plain.error === undefined) assert.deepEqual(answers[index], plain, name);
      else checkError(answers[index]!, plain.error, name);
    }
  });
}

test('every case of stream.json through decode: deltas add up and leak no marker', async () => {
  const cases = readGolden('stream');
  const answers = await answerCases(cases, answerDecode);
  for (const [index, { name, expected }] of cases.entries()) {
    const plain = toPlainJson(expected) as Expected;
    const { message, deltas = [] } = answers[index]!;
    assert.deepEqual(message, plain['message'], name);
    assert.deepEqual(assembleMessage(deltas.map(toEvent)), plain['message'], name);
    for (const { content = '', reasoning_content: reasoning = '' } of deltas) {
      for (const part of plain.text_deltas_never_contain ?? []) {
        assert.ok(!`${content as string}${reasoning as string}`.includes(part), name);
      }
    }
  }
});

/** Reads a delta as a client would. */
function toEvent(delta: Record<string, unknown>): CompletionEvent {
  const [kind] = Object.keys(delta);
  if (kind === 'content') return { type: 'content-delta', text: delta[kind] as string };
  if (kind === 'reasoning_content') return { type: 'reasoning-delta', text: delta[kind] as string };
  const [call] = delta['tool_calls'] as {
    index: number;
    function: { name?: string; arguments: string };
  }[];
  const { index, function: called } = call!;
  if (called.name === undefined) {
    return { type: 'tool-call-delta', index, argumentsDelta: called.arguments };
  }
  assert.equal(called.arguments, '');
  return { type: 'tool-call-start', index, name: called.name };
}
