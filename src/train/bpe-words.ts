// The words a no-space BPE is trained on: counts of letter runs as the V3 pre-tokenizer bounds them.

import { AddedTokenTrie } from '../encoding/added-tokens.js';
import { toUnits, unitsToText } from '../encoding/bpe-units.js';
import {
  ASCII_LETTER,
  astralClass,
  MARK,
  UNIT_CLASSES,
} from '../encoding/pre-tokenizer-classes.js';
import { v3PreTokenizer } from '../encoding/pre-tokenizer-v3.js';
import type { PieceSink } from '../encoding/pre-tokenizer.js';

/** Counts letter runs (\p{L} and \p{M}) of at least two units; added tokens are cut out before. */
export function countLetterRuns(
  texts: Iterable<string>,
  addedTokens: readonly string[],
): Map<string, number> {
  const counts = new Map<string, number>();
  const trie = new AddedTokenTrie(
    addedTokens.map((content, id) => ({ id, content, special: true })),
  );
  const sink: PieceSink = {
    addPiece(units, start, end) {
      // A piece with letters is letters, after at most one character of another kind.
      let at = start;
      while (at < end && !isLetterAt(units, at)) at++;
      if (end - at < 2) return;
      const word = unitsToText(units, at, end);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    },
  };
  for (const text of texts) {
    const units = toUnits(text);
    let at = 0;
    for (;;) {
      const match = trie.next(units, at, units.length);
      v3PreTokenizer.split(units, at, match?.start ?? units.length, sink);
      if (!match) break;
      at = match.end;
    }
  }
  return counts;
}

function isLetterAt(units: Uint16Array, at: number): boolean {
  const unit = units[at]!;
  const isPair = unit >= 0xd800 && unit < 0xdc00;
  // The flag bits of CJK do not matter here: only the class below them.
  const value = (isPair ? astralClass(unit, units[at + 1]!) : UNIT_CLASSES[unit]!) & 15;
  return value >= ASCII_LETTER && value <= MARK;
}
