// Walks through a grammar as a model with random weights would: every step draws one of the allowed
// tokens. Needs no model. Draws lean towards tokens that end things, or recursion would never end.

import { GrammarCompiler } from '../../src/engine/grammar/grammar-compiler.js';
import type { TokenGrammar } from '../../src/engine/grammar/token-grammar.js';
import type { GrammarSpec } from '../../src/backend/types.js';
import { tokenTableOf } from '../../src/chat/token-table.js';
import type { Tokenizer } from '../../src/encoding/tokenizer.js';
import { bytesOfToken, isControlToken } from '../../src/backend/token-table.js';

export interface WalkOptions {
  random: () => number;
  /** After this many tokens only the most closing ones are drawn. */
  patience?: number;
  maxTokens?: number;
  /** Also takes what is forced in one go. */
  jumpAhead?: boolean;
}

export interface Walk {
  tokens: number[];
  text: string;
  /** A stop token was drawn. */
  isEnded: boolean;
  /** Tokens that were not drawn but forced. */
  numForced: number;
}

export class GrammarWalker {
  readonly compiler: GrammarCompiler;
  readonly #weights: Float64Array;

  constructor(readonly tokenizer: Tokenizer) {
    const table = tokenTableOf(tokenizer);
    this.compiler = new GrammarCompiler({ tokenTable: table });
    this.#weights = Float64Array.from({ length: tokenizer.vocabSize }, (_, token) => {
      const text = Buffer.from(bytesOfToken(table, token)).toString();
      if (isControlToken(table, token)) return text.startsWith('</') ? 40 : 1;
      return closing(text);
    });
  }

  async walk(spec: GrammarSpec, options: WalkOptions): Promise<Walk> {
    const grammar = await this.compiler.start(spec, [this.tokenizer.eosId]);
    try {
      return await this.#walk(grammar, options);
    } finally {
      grammar.dispose();
    }
  }

  async #walk(
    grammar: TokenGrammar,
    { random, patience = 80, maxTokens = 4000, jumpAhead = false }: WalkOptions,
  ): Promise<Walk> {
    const tokens: number[] = [];
    let numForced = 0;
    const ended = (isEnded: boolean) => ({
      tokens,
      text: this.tokenizer.decode(tokens),
      isEnded,
      numForced,
    });
    while (tokens.length < maxTokens) {
      await grammar.computeMask();
      const token = this.#draw(grammar, random, tokens.length > patience);
      if (token === this.tokenizer.eosId) return ended(true);
      tokens.push(token);
      grammar.accept(token);
      if (!jumpAhead) continue;
      const forced = grammar.acceptForced();
      tokens.push(...forced);
      numForced += forced.length;
    }
    return ended(false);
  }

  #draw(grammar: TokenGrammar, random: () => number, isImpatient: boolean): number {
    const { eosId } = this.tokenizer;
    const allowed: number[] = [];
    let total = 0;
    const weight = (token: number) => {
      const base = token === eosId ? 20 : this.#weights[token]!;
      return isImpatient ? base ** 6 : base;
    };
    for (let token = 0; token < this.#weights.length; token++) {
      if (!grammar.allows(token)) continue;
      allowed.push(token);
      total += weight(token);
    }
    if (allowed.length === 0) throw new Error('the mask allows no token');
    let left = random() * total;
    for (const token of allowed) {
      left -= weight(token);
      if (left < 0) return token;
    }
    return allowed.at(-1)!;
  }
}

/** How much a token brings the end nearer; one that opens something does the opposite. */
function closing(text: string): number {
  if (/[[{]/.test(text)) return 0.3;
  if (text.startsWith('"')) return 15;
  if (/^[\\\]}<@0-9]/.test(text)) return 8;
  return 1;
}
