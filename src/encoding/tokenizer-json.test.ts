import assert from 'node:assert/strict';
import test from 'node:test';
import { tinyTokenizerJson, type TinyTokenizerJson } from '../../test/helpers/tiny-tokenizer.js';
import { TokenizerFileError } from './tokenizer-file.js';
import { Tokenizer } from './tokenizer.js';

type Change = (json: TinyTokenizerJson) => void;

const split = (over: object): Record<string, unknown> => ({
  type: 'Split',
  pattern: { Regex: 'x' },
  behavior: 'Isolated',
  invert: false,
  ...over,
});
const step =
  (index: number, value: Record<string, unknown>): Change =>
  ({ pre_tokenizer }) => {
    pre_tokenizer.pretokenizers[index] = value;
  };
const added =
  (token: Record<string, unknown>): Change =>
  ({ added_tokens }) => {
    added_tokens.push(token);
  };
const merge =
  (value: unknown): Change =>
  ({ model }) => {
    model.merges.push(value);
  };

const REFUSED: [name: string, change: Change, message: RegExp][] = [
  ['normalizer', (json) => (json.normalizer = { type: 'NFC' }), /normalizer \{"type":"NFC"\}/],
  ['decoder', (json) => (json.decoder['type'] = 'Metaspace'), /decoder type "Metaspace"/],
  ['model type', (json) => (json.model.type = 'Unigram'), /model type "Unigram"/],
  ['byte fallback', (json) => (json.model['byte_fallback'] = true), /model.byte_fallback true/],
  ['huge id', (json) => (json.model.vocab['zz'] = 4e9), /"zz" must have an id.*4000000000/],
  ['fractional id', (json) => (json.model.vocab['zz'] = 1.5), /found 1.5/],
  ['id used twice', (json) => (json.model.vocab['zz'] = 20), /id 20 to both/],
  ['byte missing', (json) => delete json.model.vocab['Ċ'], /"Ċ" for byte 10/],
  [
    'merges missing',
    (json) => (json.model.merges = null as never),
    /model.merges must be an array/,
  ],
  ['merge of three', merge('t h e'), /merge 8 must be .* found "t h e"/],
  ['merge of numbers', merge([1, 2]), /merge 8 must join two strings/],
  ['merge of unknown', merge('q q'), /merge 8 needs "qq"/],
  ['merge of control', merge(['<think', '>']), /merge 8 needs "<think"/],
  [
    'merge making control',
    (json) => {
      json.model.vocab['<think'] = 900;
      json.model.merges.push(['<think', '>']);
    },
    /merge 8 makes the control token "<think>"/,
  ],
  [
    'control byte',
    ({ added_tokens: tokens, model }) =>
      tokens.push({ id: model.vocab['!'], content: '!', special: true }),
    /byte 33 is the control token "!"/,
  ],
  ['empty added', added({ id: 900, content: '' }), /added_tokens\[8\].content must be/],
  ['lone surrogate', added({ id: 900, content: '\ud800' }), /well-formed/],
  ['listed twice', added({ id: 900, content: '<think>' }), /"<think>" is listed twice/],
  ['taken id', added({ id: 20, content: 'new' }), /has id 20, which belongs to/],
  ['two ids', added({ id: 900, content: 'the' }), /id 900 but id \d+ in model.vocab/],
  ['lstrip', added({ id: 900, content: 'x', lstrip: true }), /"x" has lstrip/],
  ['step type', step(0, { type: 'Digits' }), /step 0: type "Digits"/],
  [
    'split behavior',
    step(1, split({ behavior: 'Removed' })),
    /step 1: Split with behavior "Removed"/,
  ],
  ['split invert', step(1, split({ invert: true })), /invert true/],
  ['split pattern', step(1, split({ pattern: {} })), /Regex or String, found \{\}/],
  ['regex syntax', step(1, split({ pattern: { Regex: '(' } })), /pattern is not supported.*\(/],
  ['regex escape', step(1, split({ pattern: { Regex: '\\h' } })), /escape "\\h"/],
  ['regex bracket', step(1, split({ pattern: { Regex: '[[:alpha:]]' } })), /bracket class/],
  [
    'byte level regex',
    step(3, { type: 'ByteLevel', add_prefix_space: false }),
    /use_regex nothing/,
  ],
  ['byte level first', step(0, { type: 'ByteLevel' }), /ByteLevel must be the last/],
  ['no byte level', (json) => json.pre_tokenizer.pretokenizers.pop(), /must end with a ByteLevel/],
  ['no BOS', (json) => json.added_tokens.shift(), /lacks <｜begin▁of▁sentence｜>/],
];

test('refuses what it cannot honour, naming it', () => {
  for (const [name, change, message] of REFUSED) {
    const json = tinyTokenizerJson();
    change(json);
    const refused = (error: unknown) =>
      error instanceof TokenizerFileError && message.test(error.message);
    assert.throws(() => Tokenizer.fromJson(json), refused, name);
  }
});

test('refuses values that are no tokenizer at all', () => {
  for (const value of [null, 1, 'x', [], {}, { model: [] }]) {
    assert.throws(() => Tokenizer.fromJson(value), TokenizerFileError);
  }
});

test('takes merges as pairs, a missing normalizer, and a lone ByteLevel step', () => {
  const json = tinyTokenizerJson();
  const expected = Tokenizer.fromJson(json).encode('the inner');
  json.model.merges = json.model.merges.map((merge) => (merge as string).split(' '));
  json.normalizer = undefined;
  assert.deepEqual(Tokenizer.fromJson(json).encode('the inner'), expected);
  const bare = { ...json, pre_tokenizer: json.pre_tokenizer.pretokenizers[3] };
  const ids = Tokenizer.fromJson(bare).encode('x the');
  assert.deepEqual(ids, Tokenizer.fromJson(json).encode('x the'));
});
