// Decontamination: whether a text has anything in common with the prompts of public benchmarks. Only
// hashes of those are here (public-prompts.ts, made by scripts/public-prompts.mjs).
// 13 words in a row in common: every fifth run of 9 words of a public prompt is noted, and any 13 words
// contain one of them, so nothing is missed and a little less than 13 is refused too. Entities: names of
// several words, addresses, and identifiers of letters and digits. Source: agents reference §6.5.

import { PUBLIC_ENTITIES, PUBLIC_RUNS } from './public-prompts.js';

const RUN = 9;
const STEP = 5;
const BYTES = 5;

let runs: ReadonlySet<number> | undefined;
let entities: ReadonlySet<number> | undefined;

/** What is in common, in words; undefined = nothing. */
export function publicOverlap(text: string): string | undefined {
  runs ??= decoded(PUBLIC_RUNS);
  entities ??= decoded(PUBLIC_ENTITIES);
  const words = wordsOf(text);
  for (let at = 0; at + RUN <= words.length; at++) {
    const run = words.slice(at, at + RUN).join(' ');
    if (runs.has(hashOf(run))) return `“${run}” is in a public prompt`;
  }
  const known = entitiesOf(text).find((one) => entities!.has(hashOf(one)));
  return known === undefined ? undefined : `${known} is in a public prompt`;
}

/** Of a public prompt: the runs to be noted. */
export function runsOf(text: string): number[] {
  const words = wordsOf(text);
  const hashes: number[] = [];
  for (let at = 0; at + RUN <= words.length; at += STEP) {
    hashes.push(hashOf(words.slice(at, at + RUN).join(' ')));
  }
  return hashes;
}

/** Names of two or three words, mail addresses, identifiers. */
export function entitiesOf(text: string): string[] {
  // A capital after the end of a sentence says nothing.
  const inside = text.replaceAll(/(^|[.?!:;\n“”"‘’'>-])\s*\p{Lu}/gu, (start) =>
    start.toLowerCase(),
  );
  const names = [...inside.matchAll(/(?=\b(\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)?)\b)/gu)];
  const addresses = text.match(/[\w.+-]+@[\w-]+\.[\w.]+/g) ?? [];
  const codes = text.match(/\b(?=\w*[A-Za-z])(?=\w*\d)\w{5,}\b/g) ?? [];
  const found = names.flatMap(([, name]) => [name!, name!.split(' ').slice(0, 2).join(' ')]);
  return [...found, ...addresses, ...codes].map((one) => one.toLowerCase());
}

/** 40 bits. */
export function hashOf(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b ^= b >>> 15;
  }
  a ^= a >>> 13;
  return (a >>> 0) * 0x100 + ((b ^ (b >>> 16)) & 0xff);
}

/** In rising order, base64 of 5 bytes each. */
export function encodeHashes(hashes: Iterable<number>): string {
  const sorted = [...new Set(hashes)].toSorted((a, b) => a - b);
  const bytes = Buffer.alloc(sorted.length * BYTES);
  sorted.forEach((hash, i) => bytes.writeUIntBE(hash, i * BYTES, BYTES));
  return bytes.toString('base64');
}

function decoded(text: string): ReadonlySet<number> {
  const bytes = Buffer.from(text, 'base64');
  const found = new Set<number>();
  for (let at = 0; at < bytes.length; at += BYTES) found.add(bytes.readUIntBE(at, BYTES));
  return found;
}

/** Latin words and numbers; every Chinese character by itself. */
function wordsOf(text: string): string[] {
  const spaced = text.toLowerCase().replaceAll(/\p{Script=Han}/gu, ' $& ');
  return spaced.match(/[\p{L}\p{N}]+/gu) ?? [];
}
