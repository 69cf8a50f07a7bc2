import assert from 'node:assert/strict';
import test from 'node:test';

import { ModelError } from './model-error.js';
import { presetConfig } from './presets.js';
import { MIN_RANDOM_VOCAB, randomTokenizerJson } from './random-tokenizer.js';
import { TOKEN_TYPE, tokenizerToGguf, vocabFromGguf } from './tokenizer-metadata.js';

const config = presetConfig('test', ['vocab=400']);

const convert = (text: string): ReturnType<typeof tokenizerToGguf> =>
  tokenizerToGguf(text, {
    config,
    addBos: true,
    preTokenizer: 'deepseek-v3',
    source: 'tokenizer.json',
  });

test('tokens come back as bytes, control tokens as their spelling', () => {
  const text = randomTokenizerJson(400);
  const { model } = JSON.parse(text) as { model: { vocab: Record<string, number> } };
  const metadata = convert(text);
  assert.deepEqual(metadata.get('tokenizer.huggingface.json'), { type: 'string', value: text });
  const vocab = vocabFromGguf(metadata, config, 'm.gguf');
  assert.equal(vocab.tokenBytes.length, 400);
  // 'Ġ' stands for the space, 'Ċ' for the line feed.
  assert.deepEqual([...vocab.tokenBytes[model.vocab['Ġ']!]!], [32]);
  assert.deepEqual([...vocab.tokenBytes[model.vocab['Ċ']!]!], [10]);
  const everyByte = new Set(vocab.tokenBytes.filter((b) => b.length === 1).map((b) => b[0]));
  assert.equal(everyByte.size, 256);
  assert.equal(Buffer.from(vocab.tokenBytes[0]!).toString(), '<｜begin▁of▁sentence｜>');
  assert.equal(Buffer.from(vocab.tokenBytes[5]!).toString(), '<think>');
  assert.ok(vocab.controlTokens.has(0) && !vocab.controlTokens.has(5));
});

test('kinds of tokens are written as llama.cpp reads them', () => {
  const json = JSON.parse(randomTokenizerJson(MIN_RANDOM_VOCAB)) as { added_tokens: unknown[] };
  json.added_tokens.push({ id: 390, content: 'glue', special: false });
  const metadata = convert(JSON.stringify(json));
  const types = metadata.get('tokenizer.ggml.token_type')?.value as Int32Array;
  const tokens = metadata.get('tokenizer.ggml.tokens')?.value as string[];
  assert.equal(types[0], TOKEN_TYPE.control);
  assert.equal(types[3], TOKEN_TYPE.userDefined);
  assert.equal(types[50], TOKEN_TYPE.normal);
  assert.deepEqual([types[390], tokens[390]], [TOKEN_TYPE.userDefined, 'glue']);
  assert.deepEqual([types[391], tokens[391]], [TOKEN_TYPE.unused, '[PAD391]']);
  assert.deepEqual(metadata.get('tokenizer.ggml.pre'), { type: 'string', value: 'deepseek-v3' });
  assert.deepEqual(metadata.get('tokenizer.ggml.add_bos_token'), { type: 'bool', value: true });
});

test('merges are accepted as strings and as pairs', () => {
  const json = JSON.parse(randomTokenizerJson(400)) as { model: { merges: string[] } };
  const asStrings = convert(JSON.stringify(json)).get('tokenizer.ggml.merges');
  const pairs = json.model.merges.map((merge) => merge.split(' '));
  const asPairs = convert(JSON.stringify({ ...json, model: { ...json.model, merges: pairs } }));
  assert.deepEqual(asPairs.get('tokenizer.ggml.merges'), asStrings);
});

test('other tokenizers are refused', () => {
  const json = JSON.parse(randomTokenizerJson(400)) as Record<string, Record<string, unknown>>;
  for (const [changed, expected] of [
    ['{', /is not valid JSON/],
    ['[]', /tokenizer.json is missing or not an object/],
    [
      JSON.stringify({ ...json, model: { ...json['model'], type: 'Unigram' } }),
      /model.type is "Unigram"/,
    ],
    [
      JSON.stringify({ ...json, model: { ...json['model'], merges: ['abc'] } }),
      /model.merges\[0\] is/,
    ],
    [
      JSON.stringify({ ...json, model: { ...json['model'], vocab: { a: 400 } } }),
      /token "a" has id 400/,
    ],
    [
      JSON.stringify({ ...json, added_tokens: [{ id: 1 }] }),
      /added_tokens\[0\].content is undefined/,
    ],
  ] as const) {
    assert.throws(
      () => convert(changed),
      (error) => {
        assert.ok(error instanceof ModelError, String(error));
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});

test('a model file without a fitting vocabulary is refused', () => {
  const metadata = convert(randomTokenizerJson(400));
  const larger = presetConfig('test', ['vocab=401']);
  assert.throws(
    () => vocabFromGguf(metadata, larger, 'm.gguf'),
    /has 400 entries; the model has 401/,
  );
  metadata.set('tokenizer.ggml.model', { type: 'string', value: 'llama' });
  assert.throws(() => vocabFromGguf(metadata, config, 'm.gguf'), /tokenizer.ggml.model is "llama"/);
});
