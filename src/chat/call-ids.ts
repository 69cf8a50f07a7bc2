// Ids of tool calls in the platform's format: `call_00_` and 24 alphanumerics (api reference §3.1).

import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export type NewCallId = (index: number) => string;

export function newCallId(index: number): string {
  const letters = Array.from({ length: 24 }, () => ALPHABET[randomInt(ALPHABET.length)]!);
  return `call_${String(index).padStart(2, '0')}_${letters.join('')}`;
}
