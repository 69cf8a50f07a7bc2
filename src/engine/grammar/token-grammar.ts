// A grammar as one sequence walks through it: which tokens may come next, what has been taken, what
// must come. Works on token ids and logits; knows no text of prompts and no engine.

import type { LogitsProcessor } from '../sampler.js';
import type { ForcedText } from './forced-text.js';
import type { XGrammarMatcher } from './xgrammar.js';

export class TokenGrammar {
  readonly #matcher: XGrammarMatcher;
  readonly #forcedText: ForcedText;
  #mask: Int32Array | undefined;
  #isDisposed = false;

  constructor(matcher: XGrammarMatcher, forcedText: ForcedText) {
    this.#matcher = matcher;
    this.#forcedText = forcedText;
  }

  /** Works out what may come next; to be called while the forward pass runs. */
  async computeMask(): Promise<void> {
    this.#mask ??= await this.#matcher.getNextTokenBitmask();
  }

  /** Whether the token may come next; `computeMask` has been awaited. */
  allows(token: number): boolean {
    return ((this.#mask![token >> 5] ?? 0) & (1 << (token & 31))) !== 0;
  }

  /** Takes the logits of all tokens away that may not come next. */
  readonly mask: LogitsProcessor = (logits) => {
    const mask = this.#mask;
    if (!mask) throw new Error('the grammar mask was not computed before sampling');
    for (let word = 0; word * 32 < logits.length; word++) {
      const bits = mask[word] ?? 0;
      if (bits === -1) continue;
      const start = word * 32;
      const end = Math.min(start + 32, logits.length);
      for (let token = start; token < end; token++) {
        if ((bits & (1 << (token - start))) === 0) logits[token] = -Infinity;
      }
    }
  };

  /** @throws when the grammar does not allow the token: it was not sampled under its mask */
  accept(token: number): void {
    this.#mask = undefined;
    if (!this.#matcher.acceptToken(token)) {
      throw new Error(`token ${token} is not allowed by the grammar`);
    }
  }

  /**
   * Accepts the tokens that must come next and returns them; none where there is a choice. The text
   * may be cut within a character, at either end; what does not fit is left to sampling.
   */
  acceptForced(): number[] {
    const text = this.#matcher.findJumpForwardString();
    if (text === '') return [];
    const tokens = this.#forcedText.tokens(text);
    const refused = tokens.findIndex((token) => !this.#matcher.acceptToken(token));
    const accepted = refused < 0 ? tokens : tokens.slice(0, refused);
    if (accepted.length > 0) this.#mask = undefined;
    return accepted;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#matcher.dispose();
  }
}
