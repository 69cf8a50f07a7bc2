// Holds the tokenizer in use against the vocabulary inside the model file. They come from different
// files as soon as a tokenizer.json lies beside the model or is named on the command line; a wrong
// one gives fluent nonsense, which nobody would trace back to it.

import { bytesOfToken, isControlToken, type TokenTable } from '../backend/token-table.js';
import { ModelError, showValue } from '../model/model-error.js';
import type { VocabMetadata } from '../model/tokenizer-metadata.js';

/**
 * Compares the bytes of every token that is plain text on both sides. Control tokens may differ:
 * files spell padding, placeholders and the newer markers (`<think>` in V3.2) each in their own way.
 * @throws ModelError naming the first token that differs.
 */
export function requireSameVocabulary(vocab: VocabMetadata, table: TokenTable, path: string): void {
  for (const [token, inModel] of vocab.tokenBytes.entries()) {
    if (vocab.controlTokens.has(token) || isControlToken(table, token)) continue;
    const inTokenizer = bytesOfToken(table, token);
    if (Buffer.compare(inModel, inTokenizer) === 0) continue;
    throw new ModelError(
      `${path}: token ${token} is ${text(inModel)} in the model and ${text(inTokenizer)} in the ` +
        'tokenizer; they do not belong together (--tokenizer names another one)',
    );
  }
}

function text(bytes: Uint8Array): string {
  return showValue(Buffer.from(bytes).toString('utf8'));
}
