// The tokenizer inside a model file: a Hugging Face tokenizer.json (byte-level BPE) to
// `tokenizer.ggml.*` keys as llama.cpp reads them, and back to the bytes of each token. It does not
// tokenise; encoding/ does. The whole tokenizer.json is kept too (`tokenizer.huggingface.json`), so a
// model file is complete by itself. Source: model reference §14, the GGUF specification.

import type { ModelConfig } from './config.js';
import { MetadataReader } from './gguf-metadata.js';
import type { GgufValue } from './gguf-types.js';
import { ModelError, showValue } from './model-error.js';

/** Values of `tokenizer.ggml.token_type`. */
export const TOKEN_TYPE = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** What the layers above need to know of the tokenizer in a model file. */
export interface VocabMetadata {
  /** Bytes of each token by id; special tokens give their spelling. */
  tokenBytes: Uint8Array[];
  /** Ids of tokens that are never plain text: control and unused. */
  controlTokens: ReadonlySet<number>;
}

export interface TokenizerOptions {
  config: ModelConfig;
  /** Whether plain text is to start with BOS; the family's tokenizers all say so. */
  addBos: boolean;
  /** llama.cpp's name of the splitting rules. */
  preTokenizer: string;
  /** File name for messages. */
  source: string;
}

/** @throws {ModelError} for a tokenizer.json that is not byte-level BPE or does not fit the model */
export function tokenizerToGguf(text: string, options: TokenizerOptions): Map<string, GgufValue> {
  const { config, source } = options;
  const { vocab, merges, added } = parseTokenizer(text, source);
  const tokens: string[] = [];
  const types = new Int32Array(config.vocabSize).fill(TOKEN_TYPE.unused);
  const place = (token: string, id: unknown, type: number): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= config.vocabSize) {
      throw new ModelError(
        `${source}: token ${showValue(token)} has id ${showValue(id)}; the model's vocabulary has ${config.vocabSize} rows`,
      );
    }
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(vocab)) place(token, id, TOKEN_TYPE.normal);
  for (const { id, content, special } of added) {
    place(content, id, special ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined);
  }
  for (let id = 0; id < config.vocabSize; id++) tokens[id] ??= `[PAD${id}]`;
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: options.preTokenizer }],
    ['tokenizer.ggml.tokens', { type: 'array', itemType: 'string', value: tokens }],
    ['tokenizer.ggml.token_type', { type: 'array', itemType: 'i32', value: types }],
    ['tokenizer.ggml.merges', { type: 'array', itemType: 'string', value: merges }],
    ...tokenId('bos', config.bosToken),
    ...tokenId('eos', config.eosToken),
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: options.addBos }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ['tokenizer.huggingface.json', { type: 'string', value: text }],
  ]);
}

function tokenId(name: string, id: number | null): [string, GgufValue][] {
  return id === null ? [] : [[`tokenizer.ggml.${name}_token_id`, { type: 'u32', value: id }]];
}

interface AddedToken {
  id: unknown;
  content: string;
  special: boolean;
}

function parseTokenizer(
  text: string,
  source: string,
): { vocab: Record<string, unknown>; merges: string[]; added: AddedToken[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ModelError(`${source}: is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const root = asObject(json, source);
  const model = asObject(root['model'], `${source}: model`);
  if (model['type'] !== 'BPE') {
    throw new ModelError(`${source}: model.type is ${showValue(model['type'])}; supported: BPE`);
  }
  const merges = asArray(model['merges'], `${source}: model.merges`).map((merge, i) => {
    const pair = Array.isArray(merge) ? merge.join(' ') : merge;
    if (typeof pair === 'string' && pair.split(' ').length === 2) return pair;
    throw new ModelError(`${source}: model.merges[${i}] is ${showValue(JSON.stringify(merge))}`);
  });
  const added = asArray(root['added_tokens'] ?? [], `${source}: added_tokens`).map((entry, i) => {
    const token = asObject(entry, `${source}: added_tokens[${i}]`);
    const { id, content } = token;
    if (typeof content !== 'string' || content === '') {
      throw new ModelError(`${source}: added_tokens[${i}].content is ${showValue(content)}`);
    }
    return { id, content, special: token['special'] === true };
  });
  return { vocab: asObject(model['vocab'], `${source}: model.vocab`), merges, added };
}

function asObject(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ModelError(`${field} is missing or not an object`);
}

function asArray(value: unknown, field: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ModelError(`${field} is missing or not an array`);
}

/**
 * The tokens of a model file.
 * @throws {ModelError} when the file has no byte-level BPE vocabulary of the model's size
 */
export function vocabFromGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  config: ModelConfig,
  path: string,
): VocabMetadata {
  const meta = new MetadataReader(metadata, path);
  const tokens = meta.strings('tokenizer.ggml.tokens');
  const kind = meta.string('tokenizer.ggml.model', 'none');
  if (tokens === undefined || kind !== 'gpt2') {
    throw new ModelError(
      `${path}: tokenizer.ggml.model is ${showValue(kind)}; expected gpt2 (byte-level BPE) with tokenizer.ggml.tokens`,
    );
  }
  if (tokens.length !== config.vocabSize) {
    throw new ModelError(
      `${path}: tokenizer.ggml.tokens has ${tokens.length} entries; the model has ${config.vocabSize}`,
    );
  }
  const types = meta.integers('tokenizer.ggml.token_type');
  // Too short a list would turn control tokens into plain text without a word.
  if (types !== undefined && types.length !== tokens.length) {
    throw new ModelError(
      `${path}: tokenizer.ggml.token_type has ${types.length} entries; there are ${tokens.length} tokens`,
    );
  }
  const controlTokens = new Set<number>();
  const tokenBytes = tokens.map((token, id) => {
    const type = types?.[id] ?? TOKEN_TYPE.normal;
    if (type === TOKEN_TYPE.normal) return byteLevelBytes(token);
    if (type !== TOKEN_TYPE.userDefined) controlTokens.add(id);
    return Buffer.from(token, 'utf8');
  });
  return { tokenBytes, controlTokens };
}

/** GPT-2's printable stand-in for each byte: itself where printable, else 256 and up in order. */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
})();

const CHAR_TO_BYTE = new Map(BYTE_TO_CHAR.map((char, byte) => [char, byte]));

/** Bytes of a byte-level token; characters outside the table stand for their UTF-8 bytes. */
function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of token) {
    const byte = CHAR_TO_BYTE.get(char);
    if (byte === undefined) bytes.push(...Buffer.from(char, 'utf8'));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
