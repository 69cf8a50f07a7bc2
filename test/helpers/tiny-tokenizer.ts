// A tokenizer.json small enough to reason about: BOS, EOS, a few added tokens of each kind, 256
// bytes and a handful of merges, behind the V3 pre-tokenizer.

import { BYTE_CHARACTERS } from '../../src/encoding/bpe-bytes.js';
import { V3_PATTERNS } from '../../src/encoding/pre-tokenizer-v3.js';

export interface TinyTokenizerJson {
  added_tokens: Record<string, unknown>[];
  normalizer: unknown;
  pre_tokenizer: { type: string; pretokenizers: Record<string, unknown>[] };
  decoder: Record<string, unknown>;
  model: { type: string; vocab: Record<string, number>; merges: unknown[] } & Record<
    string,
    unknown
  >;
}

const ADDED: readonly (readonly [content: string, special: boolean])[] = [
  ['<｜begin▁of▁sentence｜>', true],
  ['<｜end▁of▁sentence｜>', true],
  ['<｜User｜>', false],
  ['<think>', false],
  ['</think>', false],
  ['<think>ing', false],
  ['": "', false],
  ['<result>', true],
];
const MERGES = ['t h', 'th e', 'i n', 'e r', 'a a', 'aa aa', 'Ġ the', 'o f'];

export function tinyTokenizerJson(): TinyTokenizerJson {
  const contents = ADDED.map(([content]) => content);
  const entries = [...contents, ...BYTE_CHARACTERS, ...MERGES.map((m) => m.replace(' ', ''))];
  return {
    added_tokens: ADDED.map(([content, special], id) => ({ id, content, special })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...V3_PATTERNS.map((pattern) => ({
          type: 'Split',
          pattern: { Regex: pattern },
          behavior: 'Isolated',
          invert: false,
        })),
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
      merges: [...MERGES],
    },
  };
}
