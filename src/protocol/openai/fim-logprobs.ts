// Log-probabilities of a text completion (api reference §6.2): four lists side by side. Offsets count
// characters (code points) of the returned text.

import type { ReplyLogprob } from '../../chat/types.js';
import { wireLogprobOf } from './logprobs.js';

export interface WireFimLogprobs {
  text_offset: number[];
  token_logprobs: number[];
  tokens: string[];
  /** The most likely tokens, and the chosen one if it is not among them. */
  top_logprobs: Record<string, number>[];
}

/** Keeps count of where tokens stand, over the pieces of one reply. */
export class FimLogprobs {
  /** Characters begun so far. */
  #numCharacters: number;

  constructor({ startOffset }: { startOffset: number }) {
    this.#numCharacters = startOffset;
  }

  /** Of the tokens that follow the ones of the last call. */
  take(logprobs: readonly ReplyLogprob[]): WireFimLogprobs {
    return {
      text_offset: logprobs.map(({ bytes }) => this.#offsetOf(bytes)),
      token_logprobs: logprobs.map(wireLogprobOf),
      tokens: logprobs.map(({ bytes }) => tokenText(bytes)),
      top_logprobs: logprobs.map(topLogprobs),
    };
  }

  /** A token that begins inside a character stands where that character does. */
  #offsetOf(bytes: Uint8Array): number {
    const isInside = bytes.length > 0 && isContinuation(bytes[0]!);
    const offset = this.#numCharacters - (isInside ? 1 : 0);
    for (const byte of bytes) if (!isContinuation(byte)) this.#numCharacters++;
    return offset;
  }
}

function topLogprobs(logprob: ReplyLogprob): Record<string, number> {
  const entries = logprob.topLogprobs.map(({ bytes, logprob }) => [tokenText(bytes), logprob]);
  const chosen = tokenText(logprob.bytes);
  if (!entries.some(([token]) => token === chosen)) entries.push([chosen, wireLogprobOf(logprob)]);
  // fromEntries defines own properties, so a token `__proto__` stays a token.
  return Object.fromEntries(entries) as Record<string, number>;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Part of a character is written as its bytes, so that different tokens stay different keys. */
function tokenText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    const escapes = Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
    return `bytes:${escapes.join('')}`;
  }
}

/** Any byte of a UTF-8 character but its first. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
