// Names of the 64-token blocks of one sequence. A block's key covers its tokens, everything before
// them, the model and the tenant: equal keys mean equal rows, and nobody can ask for rows of a
// prompt, or of a tenant, that he does not know. Knows no rows and no storage.
// Source: api reference §7 (storage unit, isolation per account); the form of the key is ours.

import { createHash } from 'node:crypto';

/** The platform's storage unit. */
export const BLOCK_TOKENS = 64;

/**
 * Prompt tokens served when its first `commonTokens` are known: whole blocks only, and at least one
 * token of the prompt is always computed, because its logits are needed.
 */
export function hitTokens(promptTokens: number, commonTokens = promptTokens): number {
  return Math.floor(Math.min(commonTokens, promptTokens - 1) / BLOCK_TOKENS) * BLOCK_TOKENS;
}

export interface Namespace {
  /** Content-derived name of the weights and of the layout of their rows. */
  fingerprint: string;
  /** Tenant; no tenant is a namespace of its own. */
  salt: string | undefined;
}

export class BlockChain {
  /** Key of each whole block, 64 hexadecimal digits, in order of position. */
  readonly keys: string[] = [];
  #parent: Buffer;

  constructor({ fingerprint, salt }: Namespace) {
    const namespace = JSON.stringify([fingerprint, salt ?? null]);
    this.#parent = createHash('sha256').update(namespace).digest();
  }

  /** Tokens that have a key. */
  get numTokens(): number {
    return this.keys.length * BLOCK_TOKENS;
  }

  /** Adds the keys of the whole blocks of `tokens`, which stand at `numTokens` and after. */
  extend(tokens: Int32Array): void {
    const bytes = Buffer.allocUnsafe(BLOCK_TOKENS * 4);
    for (let start = 0; start + BLOCK_TOKENS <= tokens.length; start += BLOCK_TOKENS) {
      for (let i = 0; i < BLOCK_TOKENS; i++) bytes.writeInt32LE(tokens[start + i]!, i * 4);
      this.#parent = createHash('sha256').update(this.#parent).update(bytes).digest();
      this.keys.push(this.#parent.toString('hex'));
    }
  }
}
