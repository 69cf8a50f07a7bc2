// Text that must come next, as tokens. The model's tokenizer is not at hand in the engine, but in
// byte-level BPE the order of the vocabulary is the order of the merges, so the pair with the lowest
// id is merged first. Only tokens that would come out whatever follows are returned: the last
// ordinary one may grow, and markup that begins a longer control token is left to the model.

import {
  bytesOfToken,
  isControlToken,
  numTokens,
  type TokenTable,
} from '../../backend/token-table.js';
import type { GrammarSpec } from '../../backend/types.js';

/** Longer stretches without a control token are left to the model: merging is quadratic. */
const MAX_PIECE = 512;

export class ForcedText {
  readonly #controls: { token: number; text: string }[];
  readonly #table: TokenTable;
  #ids: Map<string, number> | undefined;

  constructor(table: TokenTable, controlTokens: GrammarSpec['controlTokens']) {
    this.#table = table;
    this.#controls = controlTokens.toSorted((a, b) => b.text.length - a.text.length);
  }

  tokens(text: string): number[] {
    const tokens: number[] = [];
    let plainStart = 0;
    for (let at = 0; at < text.length;) {
      const rest = text.slice(at);
      // It may become a longer one than what is certain; the model decides.
      const mayGrow = this.#controls.some(
        (one) => one.text.length > rest.length && one.text.startsWith(rest),
      );
      const control = this.#controls.find((one) => rest.startsWith(one.text));
      if (control === undefined && !mayGrow) {
        at++;
        continue;
      }
      tokens.push(...this.#merge(text.slice(plainStart, at)));
      if (control === undefined || mayGrow) return tokens;
      tokens.push(control.token);
      at += control.text.length;
      plainStart = at;
    }
    return [...tokens, ...this.#merge(text.slice(plainStart)).slice(0, -1)];
  }

  #merge(text: string): number[] {
    const bytes = Buffer.from(text).toString('latin1');
    if (bytes.length > MAX_PIECE) return [];
    const ids = (this.#ids ??= ordinaryIds(this.#table));
    const parts = Array.from(bytes);
    for (;;) {
      let best = Infinity;
      let bestAt = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const id = ids.get(parts[i]! + parts[i + 1]!);
        if (id !== undefined && id < best) [best, bestAt] = [id, i];
      }
      if (bestAt < 0) break;
      parts.splice(bestAt, 2, parts[bestAt]! + parts[bestAt + 1]!);
    }
    const tokens: number[] = [];
    for (const part of parts) {
      const id = ids.get(part);
      if (id === undefined) return tokens; // no token for a byte: the model may know better
      tokens.push(id);
    }
    return tokens;
  }
}

/** By their bytes, spelled as Latin-1. */
function ordinaryIds(table: TokenTable): Map<string, number> {
  const ids = new Map<string, number>();
  for (let token = 0; token < numTokens(table); token++) {
    const bytes = Buffer.from(bytesOfToken(table, token));
    if (isControlToken(table, token) || bytes.length === 0) continue;
    const key = bytes.toString('latin1');
    if (!ids.has(key)) ids.set(key, token);
  }
  return ids;
}
