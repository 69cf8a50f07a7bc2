// Hand-written scanner for the three isolating splits of the DeepSeek-V3 pre-tokenizer (encoding
// reference, section 2): numbers in threes, ideograph/kana runs, then one alternation.
// Works on UTF-16 units that hold no lone surrogate. Stateless: a piece depends only on the text
// from its start, because none of the rules looks behind.
//
// Numbers and CJK runs cut the text before the alternation sees it, so for the rules below both
// count as the end of the text. `flag` is CJK inside such a run and 0 elsewhere: class ^ flag is the
// plain class inside the region and matches nothing outside.

import {
  ASCII_LETTER,
  ASCII_PUNCTUATION,
  astralClass,
  CJK,
  LETTER,
  MARK,
  NEWLINE,
  NUMBER,
  OTHER,
  PUNCTUATION,
  SPACE,
  SURROGATE,
  UNIT_CLASSES,
  WHITESPACE,
} from './pre-tokenizer-classes.js';
import type { PieceSink, PreTokenizer } from './pre-tokenizer.js';

/** The patterns this scanner stands for, in their order in tokenizer.json. */
export const V3_PATTERNS: readonly string[] = [
  '\\p{N}{1,3}',
  '[一-龥\u3040-ゟ゠-ヿ]+',
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+' +
    '|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+' +
    '| ?[\\p{P}\\p{S}]+[\r\n]*' +
    '|\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
];

export const v3PreTokenizer: PreTokenizer = {
  split(units: Uint16Array, start: number, end: number, sink: PieceSink): void {
    let at = start;
    while (at < end) {
      const next = pieceEnd(units, at, end);
      sink.addPiece(units, at, next);
      at = next;
    }
  },
  pieceEnd,
};

/** Exclusive end of the piece that starts at `start`; `start < end`. */
export function pieceEnd(units: Uint16Array, start: number, end: number): number {
  const full = classAt(units, start, end);
  const flag = full & CJK;
  const next = start + widthAt(units, start);
  switch (full ^ flag) {
    case ASCII_LETTER:
    case LETTER:
    case MARK:
      return lettersEnd(units, next, end, flag);
    case ASCII_PUNCTUATION:
      if (next < end && UNIT_CLASSES[units[next]!] === ASCII_LETTER) {
        return asciiLettersEnd(units, next, end);
      }
      return punctuationEnd(units, next, end, flag);
    case PUNCTUATION:
      return punctuationEnd(units, next, end, flag);
    case NUMBER:
      return numberEnd(units, next, end);
    case SPACE: {
      const following = classAt(units, next, end);
      if (isLetter(following)) return lettersEnd(units, next, end, 0);
      if (isPunctuation(following)) return punctuationEnd(units, next, end, 0);
      return whitespaceEnd(units, start, end);
    }
    case WHITESPACE:
      if (isLetter(classAt(units, next, end))) return lettersEnd(units, next, end, 0);
      return whitespaceEnd(units, start, end);
    case NEWLINE:
      return whitespaceEnd(units, start, end);
    default:
      return otherEnd(units, start, end, flag);
  }
}

/** Class at a position; past the end 0, which no rule matches. */
function classAt(units: Uint16Array, at: number, end: number): number {
  if (at >= end) return 0;
  const value = UNIT_CLASSES[units[at]!]!;
  return value === SURROGATE ? astralClass(units[at]!, units[at + 1]!) : value;
}

function widthAt(units: Uint16Array, at: number): number {
  return UNIT_CLASSES[units[at]!] === SURROGATE ? 2 : 1;
}

function isLetter(value: number): boolean {
  return value >= ASCII_LETTER && value <= MARK;
}

function isPunctuation(value: number): boolean {
  return value === ASCII_PUNCTUATION || value === PUNCTUATION;
}

function isWhitespace(value: number): boolean {
  return value >= SPACE && value <= WHITESPACE;
}

/** [\p{L}\p{M}]* */
function lettersEnd(units: Uint16Array, start: number, end: number, flag: number): number {
  let at = start;
  while (at < end) {
    const value = UNIT_CLASSES[units[at]!]!;
    if (value === SURROGATE) {
      if (!isLetter(astralClass(units[at]!, units[at + 1]!) ^ flag)) break;
      at += 2;
    } else {
      if (!isLetter(value ^ flag)) break;
      at++;
    }
  }
  return at;
}

/** [A-Za-z]* */
function asciiLettersEnd(units: Uint16Array, start: number, end: number): number {
  let at = start;
  while (at < end && UNIT_CLASSES[units[at]!] === ASCII_LETTER) at++;
  return at;
}

/** [\p{P}\p{S}]*[\r\n]* */
function punctuationEnd(units: Uint16Array, start: number, end: number, flag: number): number {
  let at = start;
  while (at < end && isPunctuation(classAt(units, at, end) ^ flag)) at += widthAt(units, at);
  while (at < end && (UNIT_CLASSES[units[at]!]! ^ flag) === NEWLINE) at++;
  return at;
}

/** The rest of \p{N}{1,3} after its first number. */
function numberEnd(units: Uint16Array, start: number, end: number): number {
  let at = start;
  for (let count = 1; count < 3; count++) {
    if (classAt(units, at, end) !== NUMBER) break;
    at += widthAt(units, at);
  }
  return at;
}

/** \s*[\r\n]+|\s+(?!\S)|\s+ : up to the last newline of the run; without one the whole run at the
 *  end of a region, else all but its last character, which may open the next piece. */
function whitespaceEnd(units: Uint16Array, start: number, end: number): number {
  let at = start;
  let afterNewline = start;
  while (at < end) {
    const value = UNIT_CLASSES[units[at]!]!;
    if (!isWhitespace(value)) break;
    at++;
    if (value === NEWLINE) afterNewline = at;
  }
  if (afterNewline > start) return afterNewline;
  const following = classAt(units, at, end);
  const isRegionEnd = following === 0 || following === NUMBER || (following & CJK) !== 0;
  return isRegionEnd || at - start === 1 ? at : at - 1;
}

/** A character no rule takes by itself: it opens a word when letters follow, otherwise it belongs to
 *  a gap, which runs to the next position where some rule matches. */
function otherEnd(units: Uint16Array, start: number, end: number, flag: number): number {
  let at = start;
  for (;;) {
    const next = at + widthAt(units, at);
    const following = classAt(units, next, end) ^ flag;
    if (next < end && isLetter(following)) {
      return at === start ? lettersEnd(units, next, end, flag) : at;
    }
    at = next;
    if (next >= end || following !== OTHER) return at;
  }
}
