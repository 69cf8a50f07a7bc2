// The token table as XGrammar takes it: one string per token, each byte spelled as in byte-level BPE
// files. Control tokens are left out, except those a grammar names, which get the text it gives them.

import {
  bytesOfToken,
  isControlToken,
  numTokens,
  type TokenTable,
} from '../../backend/token-table.js';
import type { GrammarSpec } from '../../backend/types.js';

/**
 * U+0001 to U+0008 stand for control tokens. An ordinary token that holds one could pass for it;
 * leaving it out costs only characters that no text has.
 */
const FIRST_STAND_IN = 0x01;
const LAST_STAND_IN = 0x08;

const SPELLING = spelledBytes();

/** A token spelled `''` is never allowed. */
export function grammarVocabulary(
  table: TokenTable,
  controlTokens: GrammarSpec['controlTokens'],
): string[] {
  const vocabulary = Array.from({ length: numTokens(table) }, (_, token) =>
    isControlToken(table, token) ? '' : spell(bytesOfToken(table, token)),
  );
  for (const { token, text } of controlTokens) {
    if (token in vocabulary) vocabulary[token] = spellAll(Buffer.from(text));
  }
  return vocabulary;
}

function spell(bytes: Uint8Array): string {
  const isStandIn = (byte: number) => byte >= FIRST_STAND_IN && byte <= LAST_STAND_IN;
  return bytes.some(isStandIn) ? '' : spellAll(bytes);
}

function spellAll(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += SPELLING[byte]!;
  return text;
}

/** Visible Latin-1 as it is, the other bytes from U+0100 on, in order (GPT-2's table). */
function spelledBytes(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(isVisible ? byte : next++);
  });
}
