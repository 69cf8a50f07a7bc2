// A tokenizer as people name it: one that comes with the package, or a file.

import { loadBuiltinTokenizer } from './builtin-tokenizers.js';
import { Tokenizer } from './tokenizer.js';

/** `v3`, `v3.2` or the path of a tokenizer.json. @throws TokenizerFileError */
export function openTokenizer(name: string): Tokenizer {
  return name === 'v3' || name === 'v3.2' ? loadBuiltinTokenizer(name) : Tokenizer.fromFile(name);
}
