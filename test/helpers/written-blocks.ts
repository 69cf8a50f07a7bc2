// Blocks whose rows follow from their keys, so that a reader in another process can check them.

import { createHash } from 'node:crypto';

export function writtenKey(number: number): string {
  return createHash('sha256').update(`block ${number}`).digest('hex');
}

export function writtenRows(key: string, byteLength: number): Uint8Array {
  return new Uint8Array(byteLength).fill(Number.parseInt(key.slice(0, 2), 16));
}
