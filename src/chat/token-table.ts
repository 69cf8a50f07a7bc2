// Hands the tokenizer's bytes to a backend, which knows no tokenizer.

import { packTokenTable, type TokenTable } from '../backend/token-table.js';
import type { Tokenizer } from '../encoding/tokenizer.js';

export function tokenTableOf(tokenizer: Tokenizer): TokenTable {
  return packTokenTable(
    Array.from({ length: tokenizer.vocabSize }, (_, token) => ({
      bytes: tokenizer.tokenBytes(token),
      isControl: tokenizer.isControl(token),
    })),
  );
}
