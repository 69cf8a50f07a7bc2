// Reads the file `tokenizer.json` as JSON. Knows nothing of its content.

import { readFileSync, statSync } from 'node:fs';

/** The V3 file has 8 MB; anything far beyond is no tokenizer of this family. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The tokenizer file is missing, unreadable, malformed, or of a kind the loader does not know. */
export class TokenizerFileError extends Error {
  override name = 'TokenizerFileError';
}

/** Contract: throws TokenizerFileError, without the path: the caller knows what to call the file. */
export function readTokenizerFile(path: string): unknown {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) {
      throw new TokenizerFileError(`${size} bytes; at most ${MAX_FILE_BYTES} are read`);
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof TokenizerFileError) throw error;
    throw new TokenizerFileError(`cannot read the tokenizer file: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TokenizerFileError(`not JSON: ${(error as Error).message}`, { cause: error });
  }
}
