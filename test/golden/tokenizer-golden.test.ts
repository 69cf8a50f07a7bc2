// Token ids of the reference tokenizers for fixed texts: V3, V3.2 (think tags), FIM prompts.

import assert from 'node:assert/strict';
import test from 'node:test';
import { loadBuiltinTokenizer } from '../../src/encoding/builtin-tokenizers.js';
import type { JsonNumber } from '../../src/encoding/json.js';
import { readGolden, type GoldenCase } from './golden-cases.js';

function idsOf(golden: GoldenCase): number[] {
  return (golden.expected.get('ids') as JsonNumber[]).map((id) => id.toNumber());
}

for (const [file, name] of [
  ['tokenizer_v3', 'v3'],
  ['tokenizer_v32', 'v3.2'],
] as const) {
  test(`${file}: ids and back`, () => {
    const tokenizer = loadBuiltinTokenizer(name);
    const cases = readGolden(file);
    assert.ok(cases.length > 0);
    for (const golden of cases) {
      const text = golden.input.get('text') as string;
      const ids = tokenizer.encode(text);
      assert.deepEqual([...ids], idsOf(golden), golden.name);
      assert.equal(tokenizer.decode(ids), text, golden.name);
    }
  });
}

test('fim: ids of the prompt text', () => {
  const tokenizer = loadBuiltinTokenizer('v3');
  for (const golden of readGolden('fim')) {
    const ids = tokenizer.encode(golden.expected.get('text') as string);
    assert.deepEqual([...ids], idsOf(golden), golden.name);
  }
});

test('v3.2 has the ids of the model card example', () => {
  const text =
    '<｜begin▁of▁sentence｜><｜User｜>hello<｜Assistant｜></think>Hello! I am DeepSeek.' +
    '<｜end▁of▁sentence｜><｜User｜>1+1=?<｜Assistant｜><think>';
  const ids = [
    0, 128803, 33310, 128804, 128799, 19923, 3, 342, 1030, 22651, 4374, 1465, 16, 1, 128803, 19, 13,
    19, 127252, 128804, 128798,
  ];
  assert.deepEqual([...loadBuiltinTokenizer('v3.2').encode(text)], ids);
});
