// Character classes of the V3 pre-tokenizer, one byte per code point. Owns the tables; knows nothing
// of the split rules. Tables are made from the engine's own Unicode data (\p{...}), so scanner and
// RegExp path always agree on the Unicode version.

export const ASCII_LETTER = 1;
export const LETTER = 2;
export const MARK = 3;
export const ASCII_PUNCTUATION = 4;
export const PUNCTUATION = 5; // \p{P} or \p{S} outside ASCII
export const SPACE = 6; // U+0020 only
export const NEWLINE = 7; // CR, LF
export const WHITESPACE = 8; // other Unicode White_Space: U+0085 is in, U+FEFF is not
export const NUMBER = 9;
export const OTHER = 10; // controls, format characters, unassigned, private use
/** Flag on top of the class: the code point belongs to the ideograph and kana ranges. */
export const CJK = 16;
/** A high surrogate unit: ask `astralClass` for the pair. */
export const SURROGATE = 32;

const PLANE_SIZE = 0x10000;
const CATEGORIES: readonly (readonly [RegExp, number])[] = [
  [/\p{L}+/gu, LETTER],
  [/\p{M}+/gu, MARK],
  [/\p{N}+/gu, NUMBER],
  [/[\p{P}\p{S}]+/gu, PUNCTUATION],
  [/\p{White_Space}+/gu, WHITESPACE],
];

/** Every code point of a plane in order, surrogates left out. */
function planeText(plane: number): string {
  let text = '';
  const chunk: number[] = [];
  for (let offset = 0; offset < PLANE_SIZE; offset++) {
    const codePoint = plane * PLANE_SIZE + offset;
    if (codePoint < 0xd800 || codePoint > 0xdfff) chunk.push(codePoint);
    if (chunk.length === 4096 || offset === PLANE_SIZE - 1) {
      text += String.fromCodePoint(...chunk);
      chunk.length = 0;
    }
  }
  return text;
}

/** A run found by matchAll is a contiguous range: no class touches both sides of the surrogates. */
function buildPlane(plane: number): Uint8Array {
  const classes = new Uint8Array(PLANE_SIZE).fill(OTHER);
  const text = planeText(plane);
  for (const [pattern, value] of CATEGORIES) {
    for (const match of text.matchAll(pattern)) {
      const start = text.codePointAt(match.index)! - plane * PLANE_SIZE;
      const count = plane === 0 ? match[0].length : match[0].length / 2;
      classes.fill(value, start, start + count);
    }
  }
  return classes;
}

function buildBasicPlane(): Uint8Array {
  const classes = buildPlane(0);
  for (let unit = 0x21; unit < 0x7f; unit++) {
    if (classes[unit] === LETTER) classes[unit] = ASCII_LETTER;
    if (classes[unit] === PUNCTUATION) classes[unit] = ASCII_PUNCTUATION;
  }
  classes[0x20] = SPACE;
  classes[0x0a] = NEWLINE;
  classes[0x0d] = NEWLINE;
  for (let unit = 0x4e00; unit <= 0x9fa5; unit++) classes[unit]! |= CJK;
  for (let unit = 0x3040; unit <= 0x30ff; unit++) classes[unit]! |= CJK;
  classes.fill(SURROGATE, 0xd800, 0xdc00);
  return classes;
}

/** Class of a UTF-16 unit of the basic plane, by unit. */
export const UNIT_CLASSES: Uint8Array = buildBasicPlane();

const astralPlanes: Uint8Array[] = [];

/** Class of a surrogate pair; the plane's table is built when it is first met. */
export function astralClass(high: number, low: number): number {
  const codePoint = ((high - 0xd800) << 10) + (low - 0xdc00) + PLANE_SIZE;
  const plane = codePoint >>> 16;
  const classes = (astralPlanes[plane] ??= buildPlane(plane));
  return classes[codePoint & 0xffff]!;
}
