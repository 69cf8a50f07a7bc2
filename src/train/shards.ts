// The token shard format that train/data.py reads. Little-endian: magic, version, sample count,
// token count (u32 each); sample lengths (u32); tokens (u16); target flags (u8); kinds (u8).

import { renameSync, writeFileSync } from 'node:fs';
import type { Sample } from './corpus.js';

const MAGIC = 0x48444c31; // "HDL1"
const VERSION = 1;

export function writeShard(path: string, samples: readonly (Sample & { kind: number })[]): void {
  const numTokens = samples.reduce((sum, sample) => sum + sample.tokens.length, 0);
  const header = new Uint32Array([MAGIC, VERSION, samples.length, numTokens]);
  const lengths = new Uint32Array(samples.map((sample) => sample.tokens.length));
  const tokens = new Uint16Array(numTokens);
  const targets = new Uint8Array(numTokens);
  let at = 0;
  for (const sample of samples) {
    tokens.set(sample.tokens, at);
    targets.set(sample.isTarget, at);
    at += sample.tokens.length;
  }
  const kinds = new Uint8Array(samples.map((sample) => sample.kind));
  const parts = [header, lengths, tokens, targets, kinds].map(
    (part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
  );
  // A reader polls for the file: it must never see half of one.
  writeFileSync(`${path}.part`, Buffer.concat(parts));
  renameSync(`${path}.part`, path);
}
