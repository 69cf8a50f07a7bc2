// Words and values of the generated tasks. Invented words force the model to copy instead of to
// remember. One invented word in eight (by hash) and one number in eight belong to the held-out
// split: training never shows them, evaluation shows only them.

import { NOUNS } from './nouns.js';
import type { Rng } from './rng.js';

export type Split = 'train' | 'eval';

const ONSETS =
  'b br c ch cl d dr f fl g gl gr h j k kr l m n p pl pr qu r s sh sk sl st t th tr v w y z'.split(
    ' ',
  );
const VOWELS = 'a e i o u a e i o ai ea io ou'.split(' ');
const CODAS = 'n r l s t m x nd rk st lt n r l'.split(' ');

/** FNV-1a, the hash that decides the split of a word or number. */
export function splitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export function isHeldOut(text: string): boolean {
  return splitHash(text.toLowerCase()) % 8 === 0;
}

function inSplit(split: Split, make: () => string): string {
  for (;;) {
    const text = make();
    if (isHeldOut(text) === (split === 'eval')) return text;
  }
}

/** An invented lower-case word of two syllables. */
export function inventedWord(rng: Rng, split: Split): string {
  return inSplit(split, () => {
    const syllables = 2;
    let word = '';
    for (let i = 0; i < syllables; i++) {
      word += rng.pick(ONSETS) + rng.pick(VOWELS);
      if (rng.chance(i === syllables - 1 ? 0.6 : 0.15)) word += rng.pick(CODAS);
    }
    return word.length <= 9 ? word : word.slice(0, 9);
  });
}

export const capitalise = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const PLACES =
  'Oslo Bergen Paris London Berlin Madrid Rome Vienna Prague Lisbon Dublin Athens Cairo Lagos Nairobi Tokyo Osaka Seoul Beijing Shanghai Hangzhou Shenzhen Delhi Mumbai Bangkok Hanoi Sydney Perth Toronto Montreal Boston Chicago Denver Seattle Austin Miami Lima Bogota Santiago Zurich Geneva Munich Hamburg Warsaw Helsinki Stockholm'.split(
    ' ',
  );
const PEOPLE =
  'Anna Ben Clara David Emma Felix Grace Henry Ida Jack Karen Leo Maria Nina Oscar Paul Quinn Rosa Sam Tina Victor Wendy Alice Bob Carol Eve Frank Lucy Tom Zoe Wei Ming Yuki Omar Priya Ivan'.split(
    ' ',
  );
const PLAIN =
  'red blue green small large urgent normal high low open closed draft final daily weekly spring summer autumn winter coffee bread water paper music garden river mountain window table report summary budget travel office kitchen school market'.split(
    ' ',
  );

/** A capitalised name: real or invented, one or two words. */
export function properName(
  rng: Rng,
  split: Split,
  kind: 'place' | 'person' | 'thing' = 'thing',
): string {
  if (split === 'train' && rng.chance(0.15)) {
    if (kind === 'place') return rng.pick(PLACES);
    if (kind === 'person') return rng.pick(PEOPLE);
  }
  const word = capitalise(inventedWord(rng, split));
  return rng.chance(kind === 'person' ? 0.35 : 0.2)
    ? `${word} ${capitalise(inventedWord(rng, split))}`
    : word;
}

export function plainWord(rng: Rng, split: Split): string {
  if (split === 'train' && rng.chance(0.25)) return rng.pick(rng.chance(0.5) ? PLAIN : NOUNS);
  return inventedWord(rng, split);
}

/** Two or three lower-case words. */
export function phrase(rng: Rng, split: Split): string {
  return Array.from({ length: rng.int(2, 3) }, () => plainWord(rng, split)).join(' ');
}

export function integer(rng: Rng, split: Split, low: number, high: number): number {
  for (let tries = 0; ; tries++) {
    const value = rng.int(low, high);
    // Ranges of a few values cannot be split; they are shared.
    if (high - low < 20 || tries > 200) return value;
    if (isHeldOut(String(value)) === (split === 'eval')) return value;
  }
}

/** An integer whose number of digits is uniform, so short and long numbers are both common. */
export function anyInteger(rng: Rng, split: Split, maxDigits = 5): number {
  const digits = rng.int(1, maxDigits);
  return integer(rng, split, digits === 1 ? 1 : 10 ** (digits - 1), 10 ** digits - 1);
}

/** An operand of short arithmetic: mostly two digits. */
export function operand(rng: Rng, split: Split, maxDigits: number): number {
  const digits = Math.min(maxDigits, Number(rng.weighted({ '1': 25, '2': 45, '3': 25, '4': 5 })));
  return integer(rng, split, digits === 1 ? 1 : 10 ** (digits - 1), 10 ** digits - 1);
}

export function decimal(rng: Rng, split: Split): number {
  return Number(`${anyInteger(rng, split, 3)}.${rng.int(1, 9)}`);
}

export function code(rng: Rng, split: Split): string {
  return inSplit(split, () => {
    const letters = Array.from({ length: rng.int(1, 3) }, () =>
      rng.pick([...'ABCDEFGHKLMNPQRSTVWXZ']),
    );
    return `${letters.join('')}-${rng.int(10, 99999)}`;
  });
}

export function isoDate(rng: Rng, split: Split): string {
  return inSplit(split, () => {
    const month = String(rng.int(1, 12)).padStart(2, '0');
    const day = String(rng.int(1, 28)).padStart(2, '0');
    return `${rng.int(2023, 2028)}-${month}-${day}`;
  });
}

export function clockTime(rng: Rng): string {
  return `${String(rng.int(0, 23)).padStart(2, '0')}:${rng.pick(['00', '15', '30', '45', '10', '05', '20', '50'])}`;
}

export function email(rng: Rng, split: Split): string {
  return `${inventedWord(rng, split)}@${inventedWord(rng, split)}.${rng.pick(['com', 'org', 'net', 'io'])}`;
}

export function fileName(rng: Rng, split: Split): string {
  const name = inventedWord(rng, split) + (rng.chance(0.3) ? `_${rng.int(1, 99)}` : '');
  return `${name}.${rng.pick(['txt', 'csv', 'md', 'json', 'pdf', 'png', 'log'])}`;
}
