// Trains the byte-level BPE of a small model and writes it as a Hugging Face `tokenizer.json`.
// Owns the special shape of that vocabulary ("no-space" tokenizer, small-model reference, sections 3
// and 8): merges live inside runs of letters only, so spaces, digits and punctuation stay single
// tokens and a word has the same tokens wherever it stands; copying a name is then copying ids.
// Training counts distinct words once (Sennrich et al., 2016) and updates pair counts in place.
// Deterministic: ties go to the pair whose ids are lower, and nothing depends on the order of text.
//
// Layout of ids: BOS 0, EOS 1, the other added tokens, 256 bytes, merges in rank order.

import { BYTE_CHARACTERS } from '../encoding/bpe-bytes.js';
import { BOS, EOS } from '../encoding/markers.js';
import { V3_PATTERNS } from '../encoding/pre-tokenizer-v3.js';
import { learnMerges, type Merge } from './bpe-learn.js';
import { countLetterRuns } from './bpe-words.js';

const SPACE = BYTE_CHARACTERS[0x20]!;

export interface AddedTokenSpec {
  content: string;
  /** Control tokens: never recognised in data. Off: an abbreviation, recognised everywhere. */
  special: boolean;
}

export interface BpeTrainingOptions {
  /** Text samples; read once. */
  texts: Iterable<string>;
  /** Ids in total: added tokens, bytes and merges make exactly this many. */
  vocabSize: number;
  /** BOS and EOS come first whether listed or not; the others keep their order from id 2. */
  addedTokens: readonly AddedTokenSpec[];
  /** Frequent words: for each that is a single token, the last merges join it to a leading space. */
  lateMerges?: readonly string[];
}

/** The parts of tokenizer.json that are not the same in every file of this family. */
export interface TrainedTokenizerJson {
  version: string;
  truncation: null;
  padding: null;
  added_tokens: readonly object[];
  normalizer: object;
  pre_tokenizer: object;
  post_processor: object;
  decoder: object;
  model: { vocab: Record<string, number>; merges: string[] } & Record<string, unknown>;
}

/**
 * Trains a tokenizer and returns it as the content of a `tokenizer.json`.
 * Throws RangeError when vocabSize leaves no room for the fixed tokens or the text has too few
 * repeated pairs to fill it, and Error for added tokens that are empty or listed twice.
 */
export function trainBpe(options: BpeTrainingOptions): TrainedTokenizerJson {
  const addedTokens = orderAddedTokens(options.addedTokens);
  const room = options.vocabSize - addedTokens.length - BYTE_CHARACTERS.length;
  if (!Number.isInteger(room) || room < 0) {
    throw new RangeError(
      `vocabSize ${options.vocabSize} is below ${addedTokens.length} added tokens and 256 bytes`,
    );
  }
  const contents = addedTokens.map(({ content }) => content);
  const reserved = new Set(contents);
  const words = countLetterRuns(options.texts, contents);
  const learned = learnMerges({ words, maxTokens: room, reserved });
  const lateWords = (options.lateMerges ?? []).filter((word) => !reserved.has(SPACE + spell(word)));
  const merges = appendLateMerges(learned, lateWords, room);
  const made = new Set(merges.map(({ left, right }) => left + right)).size;
  if (made < room) {
    throw new RangeError(
      `the text yields ${made} merged tokens; vocabSize ${options.vocabSize} needs ${room}`,
    );
  }
  return tokenizerJson(addedTokens, merges);
}

function orderAddedTokens(tokens: readonly AddedTokenSpec[]): AddedTokenSpec[] {
  const ends = [BOS, EOS];
  const others = tokens.filter(({ content }) => !ends.includes(content));
  const ordered = [...ends.map((content) => ({ content, special: true })), ...others];
  const seen = new Set<string>();
  for (const { content } of ordered) {
    if (content === '') throw new Error('an added token is empty');
    if (seen.has(content)) throw new Error(`added token listed twice: ${JSON.stringify(content)}`);
    if (BYTE_CHARACTERS.includes(content)) {
      throw new Error(`added token ${JSON.stringify(content)} is the spelling of a byte`);
    }
    seen.add(content);
  }
  return ordered;
}

/**
 * Ends the merge list with "space + word" for words that are single tokens. Which words are single
 * depends on how many ordinary merges stay: takes the fewest that, with their late ones, make
 * `room` tokens.
 */
function appendLateMerges(
  learned: readonly Merge[],
  words: readonly string[],
  room: number,
): Merge[] {
  const candidates = [...new Set(words)].flatMap((word) => {
    const needed = mergesNeeded(word, learned);
    return needed === undefined ? [] : [{ spelled: spell(word), needed }];
  });
  const made = new Set<string>();
  let count = 0;
  let late = candidates.filter(({ needed }) => needed === 0);
  while (count < learned.length && made.size + late.length < room) {
    const { left, right } = learned[count++]!;
    made.add(left + right);
    late = candidates.filter(({ needed }) => needed <= count);
  }
  return [
    ...learned.slice(0, count),
    ...late
      .slice(0, room - made.size)
      .map(({ spelled }): Merge => ({ left: SPACE, right: spelled })),
  ];
}

/** How many of the first merges make the word one token; undefined if not even all of them do. */
function mergesNeeded(word: string, merges: readonly Merge[]): number | undefined {
  let symbols = [...spell(word)];
  let needed = 0;
  merges.forEach(({ left, right }, rank) => {
    const merged: string[] = [];
    for (let i = 0; i < symbols.length; i++) {
      const joins = symbols[i] === left && symbols[i + 1] === right;
      merged.push(joins ? left + right : symbols[i]!);
      if (joins) i++;
    }
    if (merged.length < symbols.length) needed = rank + 1;
    symbols = merged;
  });
  return symbols.length === 1 ? needed : undefined;
}

function spell(word: string): string {
  return Array.from(new TextEncoder().encode(word), (byte) => BYTE_CHARACTERS[byte]!).join('');
}

/** Added tokens are in the vocabulary too: some loaders number the others after the vocabulary. */
function tokenizerJson(
  addedTokens: readonly AddedTokenSpec[],
  merges: readonly Merge[],
): TrainedTokenizerJson {
  const entries = [
    ...addedTokens.map(({ content }) => content),
    ...BYTE_CHARACTERS,
    ...new Set(merges.map(({ left, right }) => left + right)),
  ];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.map(({ content, special }, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      // Control tokens are cut from the text first, abbreviations from what is left.
      normalized: !special,
      special,
    })),
    normalizer: { type: 'Sequence', normalizers: [] },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...V3_PATTERNS.map((pattern) => ({
          type: 'Split',
          pattern: { Regex: pattern },
          behavior: 'Isolated',
          invert: false,
        })),
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: {
      type: 'ByteLevel',
      add_prefix_space: true,
      trim_offsets: false,
      use_regex: true,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
      merges: merges.map(({ left, right }) => `${left} ${right}`),
    },
  };
}
