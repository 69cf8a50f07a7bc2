// Bearer tokens that this process lends to its own runs: a chat of the page is answered by a client of
// the public API, which needs a key, and keys are known here by their digest only. A token stands for
// one key until it is released; it is never written anywhere and no other process knows it.

import { randomBytes } from 'node:crypto';

const PREFIX = 'hadal-lent-';

export class LentTokens {
  readonly #keyIds = new Map<string, string>();

  lend(keyId: string): { token: string; release: () => void } {
    const token = PREFIX + randomBytes(24).toString('base64url');
    this.#keyIds.set(token, keyId);
    return { token, release: () => this.#keyIds.delete(token) };
  }

  keyIdOf(token: string): string | undefined {
    return token.startsWith(PREFIX) ? this.#keyIds.get(token) : undefined;
  }
}
