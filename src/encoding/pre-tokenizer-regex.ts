// Pre-tokenizer for any other list of isolating Split patterns, through RegExp. Owns the translation
// of the pattern dialect (Oniguruma in the reference) to JavaScript, and refuses what it cannot
// translate exactly. Slow next to the V3 scanner; correctness tests compare the two.

import { unitsToText } from './bpe-units.js';
import type { PieceSink, PreTokenizer } from './pre-tokenizer.js';

/** Longest pattern accepted from a file. */
const MAX_PATTERN_LENGTH = 4096;

/** \s and \d are Unicode properties in the dialect; JavaScript's \s takes U+FEFF and misses U+0085. */
const ESCAPES: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
};
const SAME_ESCAPES = 'pPrntfvxu';
const SYNTAX_CHARACTERS = '^$\\.*+?()[]{}|/-';

/** Translates one pattern. Throws SyntaxError that names the part it cannot take. */
export function compilePattern(pattern: string): RegExp {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new SyntaxError(`pattern of ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH}`);
  }
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    const next = pattern[i + 1] ?? '';
    if (character === '[' && next === ':') throw new SyntaxError('bracket class "[:" in pattern');
    if (character === '&' && next === '&') throw new SyntaxError('intersection "&&" in pattern');
    if (character !== '\\') {
      source += character;
      continue;
    }
    i++;
    if (next in ESCAPES) source += ESCAPES[next]!;
    else if (SAME_ESCAPES.includes(next) && next !== '') source += `\\${next}`;
    else if (/[A-Za-z0-9]/.test(next)) throw new SyntaxError(`escape "\\${next}" in pattern`);
    else source += SYNTAX_CHARACTERS.includes(next) ? `\\${next}` : next;
  }
  return new RegExp(source, 'gu');
}

/** A literal Split string as a pattern. */
export function compileLiteral(text: string): RegExp {
  return new RegExp(text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'), 'gu');
}

/** Applies the patterns in order; each cuts every piece the one before it left. */
export function regexPreTokenizer(patterns: readonly RegExp[]): PreTokenizer {
  return {
    split(units: Uint16Array, start: number, end: number, sink: PieceSink): void {
      if (start === end) return;
      let pieces = [unitsToText(units, start, end)];
      for (const pattern of patterns) pieces = pieces.flatMap((piece) => isolate(piece, pattern));
      let at = start;
      for (const piece of pieces) {
        sink.addPiece(units, at, at + piece.length);
        at += piece.length;
      }
    },
  };
}

/** Both the matches and the gaps between them, none empty. */
function isolate(text: string, pattern: RegExp): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0].length === 0) continue;
    if (match.index > at) pieces.push(text.slice(at, match.index));
    pieces.push(match[0]);
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}
