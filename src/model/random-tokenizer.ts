// A real, if untrained, tokenizer.json for random models: V3.2's control tokens, the 256 bytes, and
// two-byte merges to fill the vocabulary. Prompts of the V3.2 format encode and decode with it, so a
// random model serves end to end. Source: encoding reference §1 (spellings), small-model reference
// §8 (BOS 0, EOS 1).

import { BYTE_TO_CHAR } from './tokenizer-metadata.js';

const BOS = '<｜begin▁of▁sentence｜>';
const EOS = '<｜end▁of▁sentence｜>';

/** id = position; `special` ones never appear in text. */
const CONTROL_TOKENS: readonly { content: string; special: boolean }[] = [
  { content: BOS, special: true },
  { content: EOS, special: true },
  { content: '<｜▁pad▁｜>', special: true },
  { content: '<｜User｜>', special: false },
  { content: '<｜Assistant｜>', special: false },
  { content: '<think>', special: false },
  { content: '</think>', special: false },
  { content: '｜DSML｜', special: false },
  { content: '<｜fim▁hole｜>', special: false },
  { content: '<｜fim▁begin｜>', special: false },
  { content: '<｜fim▁end｜>', special: false },
];

/** Smallest vocabulary that holds the control tokens and every byte. */
export const MIN_RANDOM_VOCAB = CONTROL_TOKENS.length + 256;

export const RANDOM_BOS_TOKEN = 0;
export const RANDOM_EOS_TOKEN = 1;

/** The splitting rules of the DeepSeek-V3 tokenizer. */
const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [
    ...[
      '\\p{N}{1,3}',
      '[一-龥\u3040-ゟ゠-ヿ]+',
      '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
    ].map((regex) => ({
      type: 'Split',
      pattern: { Regex: regex },
      behavior: 'Isolated',
      invert: false,
    })),
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
};

/** tokenizer.json with ids 0 .. vocabSize - 1; ids past the last possible merge stay unused. */
export function randomTokenizerJson(vocabSize: number): string {
  const added = CONTROL_TOKENS.map((token, id) => ({
    id,
    content: token.content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: token.special,
  }));
  const vocab: Record<string, number> = {};
  let id = added.length;
  for (const char of BYTE_TO_CHAR) vocab[char] = id++;
  const merges: string[] = [];
  for (const [left, right] of mergePairs()) {
    if (id === vocabSize) break;
    vocab[left + right] = id++;
    merges.push(`${left} ${right}`);
  }
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: { type: 'Sequence', normalizers: [] },
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  });
}

/** Letter pairs first, since they occur in text, then space + letter, then all other byte pairs. */
function* mergePairs(): Generator<[string, string]> {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const seen = new Set<string>();
  const lefts = [...letters, BYTE_TO_CHAR[32]!, ...BYTE_TO_CHAR];
  for (const rights of [[...letters], BYTE_TO_CHAR]) {
    for (const left of lefts) {
      for (const right of rights) {
        if (seen.has(left + right)) continue;
        seen.add(left + right);
        yield [left, right];
      }
    }
  }
}
