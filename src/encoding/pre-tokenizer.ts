// Chooses the pre-tokenizer for a list of isolating splits: the scanner for DeepSeek's own three
// patterns, RegExp for any other. A pre-tokenizer cuts text into the pieces BPE never merges across.

import { compileLiteral, compilePattern, regexPreTokenizer } from './pre-tokenizer-regex.js';
import { V3_PATTERNS, v3PreTokenizer } from './pre-tokenizer-v3.js';

/** Receives pieces in order, as ranges of UTF-16 units. */
export interface PieceSink {
  addPiece(units: Uint16Array, start: number, end: number): void;
}

export interface PreTokenizer {
  /** Cuts units[start, end), which hold no lone surrogate. The pieces cover the range exactly. */
  split(units: Uint16Array, start: number, end: number, sink: PieceSink): void;
  /**
   * Exclusive end of the piece that begins at `start`, of a range that ends at `end`. Only where a
   * piece depends on nothing before it, so that splitting can stop and go on at any piece.
   */
  pieceEnd?(units: Uint16Array, start: number, end: number): number;
}

/** One isolating Split of tokenizer.json. */
export interface SplitPattern {
  readonly kind: 'regex' | 'literal';
  readonly text: string;
}

/** Contract: throws SyntaxError naming the pattern it cannot translate. */
export function createPreTokenizer(patterns: readonly SplitPattern[]): PreTokenizer {
  if (isV3(patterns)) return v3PreTokenizer;
  return regexPreTokenizer(
    patterns.map(({ kind, text }) =>
      kind === 'literal' ? compileLiteral(text) : compilePattern(text),
    ),
  );
}

/** Files spell line ends inside patterns either raw or as escapes; both mean the same. */
function isV3(patterns: readonly SplitPattern[]): boolean {
  return (
    patterns.length === V3_PATTERNS.length &&
    patterns.every(
      ({ kind, text }, i) =>
        kind === 'regex' && unescapeLineEnds(text) === unescapeLineEnds(V3_PATTERNS[i]!),
    )
  );
}

function unescapeLineEnds(pattern: string): string {
  return pattern.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
}
