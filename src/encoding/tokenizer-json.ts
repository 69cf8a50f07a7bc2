// Reads a Hugging Face `tokenizer.json` of the DeepSeek family: byte-level BPE behind isolating
// splits. Owns the validation of the file as untrusted input; everything it returns is consistent
// (ids in range and unique, merges between known tokens, all 256 bytes present).
// Anything the tokenizer could not honour exactly is refused by name, never ignored. The one part
// left out on purpose is `post_processor`: it may add BOS, and here only the encoder writes BOS.

import type { AddedToken } from './added-tokens.js';
import { findControlIds } from './added-tokens.js';
import { BYTE_CHARACTERS } from './bpe-bytes.js';
import type { MergeList } from './bpe-merges.js';
import type { SplitPattern } from './pre-tokenizer.js';
import { TokenizerFileError } from './tokenizer-file.js';

/** Ids above this are refused: tables are sized by the highest id. */
const MAX_TOKEN_ID = 0xfffff;

export interface TokenizerDefinition {
  /** Vocabulary entry, spelled in the byte alphabet -> id. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly merges: MergeList;
  /** Token id of each byte value. */
  readonly byteIds: Int32Array;
  readonly addedTokens: readonly AddedToken[];
  readonly controlIds: ReadonlySet<number>;
  readonly patterns: readonly SplitPattern[];
  /** Highest id + 1. */
  readonly vocabSize: number;
}

/** Contract: throws TokenizerFileError that names the part and the value seen. */
export function parseTokenizerJson(json: unknown): TokenizerDefinition {
  const root = asObject(json, 'tokenizer.json');
  checkNormalizer(root['normalizer']);
  checkDecoder(root['decoder']);
  const model = asObject(root['model'], 'model');
  checkModelOptions(model);
  const vocabulary = readVocabulary(model['vocab']);
  const addedTokens = readAddedTokens(root['added_tokens'], vocabulary);
  const controlIds = findControlIds(addedTokens);
  const merges = readMerges(model['merges'], vocabulary.ids);
  const byteIds = readByteIds(vocabulary.ids);
  checkControlUnreachable({ byteIds, merges }, controlIds, addedTokens);
  const highestAdded = addedTokens.reduce((highest, { id }) => Math.max(highest, id), -1);
  return {
    vocabulary: vocabulary.ids,
    merges,
    byteIds,
    addedTokens,
    controlIds,
    patterns: readPreTokenizer(root['pre_tokenizer']),
    vocabSize: Math.max(vocabulary.entries.length, highestAdded + 1),
  };
}

type JsonObject = Record<string, unknown>;

/** The vocabulary in both directions; ids may have gaps. */
interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly entries: readonly (string | undefined)[];
}

function fail(message: string): never {
  throw new TokenizerFileError(message);
}

/** A short form of any value for an error message. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function asObject(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(`${where} must be an object, found ${show(value)}`);
  }
  return value as JsonObject;
}

function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(`${where} must be an array, found ${show(value)}`);
  return value;
}

function asId(value: unknown, part: string, token: string): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MAX_TOKEN_ID) {
    fail(`${part} ${show(token)} must have an id from 0 to ${MAX_TOKEN_ID}, found ${show(value)}`);
  }
  return value as number;
}

/** V3 has an empty Sequence. Any real normalizer would change the text. */
function checkNormalizer(value: unknown): void {
  if (value === null || value === undefined) return;
  const { type, normalizers } = asObject(value, 'normalizer');
  if (type === 'Sequence' && asArray(normalizers, 'normalizer.normalizers').length === 0) return;
  fail(`normalizer ${show(value)} is not supported; this family has none`);
}

function checkDecoder(value: unknown): void {
  const { type } = asObject(value, 'decoder');
  if (type !== 'ByteLevel') fail(`decoder type ${show(type)} is not supported; expected ByteLevel`);
}

function checkModelOptions(model: JsonObject): void {
  if (model['type'] !== 'BPE' && model['type'] !== undefined) {
    fail(`model type ${show(model['type'])} is not supported; expected BPE`);
  }
  const options = ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback'];
  for (const option of [...options, 'ignore_merges']) {
    if (model[option]) fail(`model.${option} ${show(model[option])} is not supported`);
  }
}

function readVocabulary(value: unknown): Vocabulary {
  const vocab = asObject(value, 'model.vocab');
  const ids = new Map<string, number>();
  const entries: (string | undefined)[] = [];
  for (const entry of Object.keys(vocab)) {
    const id = asId(vocab[entry], 'model.vocab entry', entry);
    if (entries[id] !== undefined) {
      fail(`model.vocab gives id ${id} to both ${show(entries[id])} and ${show(entry)}`);
    }
    entries[id] = entry;
    ids.set(entry, id);
  }
  return { ids, entries };
}

function readByteIds(vocabulary: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from(BYTE_CHARACTERS, (character, byte) => {
    const id = vocabulary.get(character);
    if (id === undefined) {
      fail(`model.vocab has no entry ${show(character)} for byte ${byte}: not byte-level`);
    }
    return id;
  });
}

/** Merges are "a b" in older files and ["a", "b"] in newer ones. */
function readMerges(value: unknown, vocabulary: ReadonlyMap<string, number>): MergeList {
  const merges = asArray(value, 'model.merges');
  const lefts = new Int32Array(merges.length);
  const rights = new Int32Array(merges.length);
  const results = new Int32Array(merges.length);
  const idOf = (entry: string, rank: number): number =>
    vocabulary.get(entry) ?? fail(`merge ${rank} needs ${show(entry)}, absent from model.vocab`);
  for (let rank = 0; rank < merges.length; rank++) {
    const merge = merges[rank];
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2) {
      fail(`merge ${rank} must be "left right" or ["left", "right"], found ${show(merge)}`);
    }
    const [left, right] = pair as [unknown, unknown];
    if (typeof left !== 'string' || typeof right !== 'string') {
      fail(`merge ${rank} must join two strings, found ${show(merge)}`);
    }
    lefts[rank] = idOf(left, rank);
    rights[rank] = idOf(right, rank);
    results[rank] = idOf(left + right, rank);
  }
  return { lefts, rights, results };
}

/** Otherwise plain text could become a control token through bytes or ordinary merges. */
function checkControlUnreachable(
  { byteIds, merges }: { byteIds: Int32Array; merges: MergeList },
  controlIds: ReadonlySet<number>,
  addedTokens: readonly AddedToken[],
): void {
  const contentOf = (id: number) => show(addedTokens.find((token) => token.id === id)?.content);
  const byte = byteIds.findIndex((id) => controlIds.has(id));
  if (byte >= 0) fail(`byte ${byte} is the control token ${contentOf(byteIds[byte]!)}`);
  const rank = merges.results.findIndex((id) => controlIds.has(id));
  if (rank < 0) return;
  fail(`merge ${rank} makes the control token ${contentOf(merges.results[rank]!)}`);
}

function readAddedTokens(value: unknown, vocabulary: Vocabulary): readonly AddedToken[] {
  const contents = new Map<number, string>();
  const ids = new Map<string, number>();
  return asArray(value ?? [], 'added_tokens').map((item, index) => {
    const where = `added_tokens[${index}]`;
    const token = asObject(item, where);
    const content = token['content'];
    if (typeof content !== 'string' || content === '' || !isWellFormed(content)) {
      fail(`${where}.content must be well-formed text, found ${show(content)}`);
    }
    const name = `${where} ${show(content)}`;
    const id = asId(token['id'], where, content);
    for (const flag of ['single_word', 'lstrip', 'rstrip']) {
      if (token[flag]) fail(`${name} has ${flag}, which is not supported`);
    }
    if (ids.has(content)) fail(`${name} is listed twice`);
    const owner = contents.get(id) ?? vocabulary.entries[id];
    if (owner !== undefined && owner !== content) {
      fail(`${name} has id ${id}, which belongs to ${show(owner)}`);
    }
    const vocabularyId = vocabulary.ids.get(content);
    if (vocabularyId !== undefined && vocabularyId !== id) {
      fail(`${name} has id ${id} but id ${vocabularyId} in model.vocab`);
    }
    contents.set(id, content);
    ids.set(content, id);
    return { id, content, special: token['special'] === true };
  });
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Accepts isolating Splits and a plain ByteLevel step, alone or in a Sequence ending in ByteLevel. */
function readPreTokenizer(value: unknown): readonly SplitPattern[] {
  const root = asObject(value, 'pre_tokenizer');
  const steps =
    root['type'] === 'Sequence'
      ? asArray(root['pretokenizers'], 'pre_tokenizer.pretokenizers')
      : [value];
  const patterns: SplitPattern[] = [];
  steps.forEach((item, index) => {
    const where = steps.length > 1 ? `pre_tokenizer step ${index}` : 'pre_tokenizer';
    const step = asObject(item, where);
    if (step['type'] === 'Split') patterns.push(readSplit(step, where));
    else if (step['type'] === 'ByteLevel') checkByteLevel(step, where, index === steps.length - 1);
    else fail(`${where}: type ${show(step['type'])} is not supported; expected Split, ByteLevel`);
  });
  if (asObject(steps.at(-1), 'pre_tokenizer')['type'] !== 'ByteLevel') {
    fail('pre_tokenizer must end with a ByteLevel step');
  }
  return patterns;
}

function readSplit(step: JsonObject, where: string): SplitPattern {
  if (step['behavior'] !== 'Isolated' || step['invert']) {
    fail(
      `${where}: Split with behavior ${show(step['behavior'])}, invert ${show(step['invert'])} ` +
        'is not supported; expected "Isolated", false',
    );
  }
  const pattern = asObject(step['pattern'], `${where}.pattern`);
  const regex = pattern['Regex'];
  if (typeof regex === 'string') return { kind: 'regex', text: regex };
  const literal = pattern['String'];
  if (typeof literal === 'string' && literal !== '') return { kind: 'literal', text: literal };
  return fail(`${where}.pattern must have a Regex or String, found ${show(pattern)}`);
}

function checkByteLevel(step: JsonObject, where: string, isLast: boolean): void {
  if (!isLast) fail(`${where}: ByteLevel must be the last step`);
  if (step['add_prefix_space'] !== false || step['use_regex'] !== false) {
    fail(
      `${where}: ByteLevel with add_prefix_space ${show(step['add_prefix_space'])}, use_regex ` +
        `${show(step['use_regex'])} is not supported; expected false, false`,
    );
  }
}
