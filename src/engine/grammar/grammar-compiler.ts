// Compiles the grammars of requests against the model's vocabulary, and keeps the last ones: the same
// tools or the same JSON mode come again and again. Everything is made on first use, so an engine
// without constrained requests pays nothing. Owns the WASM instance and its memory.

import type { TokenTable } from '../../backend/token-table.js';
import type { GrammarSpec } from '../../backend/types.js';
import { ForcedText } from './forced-text.js';
import { grammarVocabulary } from './grammar-vocabulary.js';
import { TokenGrammar } from './token-grammar.js';
import { loadXGrammar, type Disposable, type XGrammar, type XGrammarCompiler } from './xgrammar.js';

/** The grammar is not valid, or not for this vocabulary. */
export class GrammarError extends Error {
  override name = 'GrammarError';
}

export interface GrammarCompilerOptions {
  tokenTable: TokenTable;
  /** Compiled grammars kept, least recently used first to go. */
  maxKept?: number;
}

/** What depends on the control tokens and stop tokens of a request; in practice one set of them. */
interface Vocabulary {
  info: Disposable;
  compiler: XGrammarCompiler;
  forcedText: ForcedText;
}

const MAX_VOCABULARIES = 4;
const DEFAULT_MAX_KEPT = 64;

export class GrammarCompiler {
  readonly #tokenTable: TokenTable;
  readonly #maxKept: number;
  #xgrammar: Promise<XGrammar> | undefined;
  readonly #vocabularies = new Map<string, Promise<Vocabulary>>();
  readonly #compiled = new Map<string, Promise<Disposable>>();

  constructor({ tokenTable, maxKept = DEFAULT_MAX_KEPT }: GrammarCompilerOptions) {
    this.#tokenTable = tokenTable;
    this.#maxKept = maxKept;
  }

  /**
   * A grammar at its beginning, for one sequence; whoever gets it disposes of it.
   * @throws GrammarError
   */
  async start(spec: GrammarSpec, stopTokens: readonly number[]): Promise<TokenGrammar> {
    if (stopTokens.length === 0) throw new GrammarError('a grammar needs a stop token to end with');
    const vocabularyKey = JSON.stringify([spec.controlTokens, stopTokens]);
    const key = JSON.stringify([vocabularyKey, spec.root, spec.ebnf]);
    try {
      this.#xgrammar ??= loadXGrammar();
      const xgrammar = await this.#xgrammar;
      const vocabulary = await remember(this.#vocabularies, vocabularyKey, MAX_VOCABULARIES, () =>
        this.#vocabulary(xgrammar, spec, stopTokens),
      );
      const compiled = await remember(this.#compiled, key, this.#maxKept, () =>
        vocabulary.compiler.compileGrammar(spec.ebnf, spec.root),
      );
      const matcher = await xgrammar.GrammarMatcher.createGrammarMatcher(compiled);
      return new TokenGrammar(matcher, vocabulary.forcedText);
    } catch (error) {
      this.#forget();
      const reason = error instanceof Error ? error.message : String(error);
      throw new GrammarError(`the grammar could not be compiled: ${reason}`, { cause: error });
    }
  }

  async #vocabulary(
    xgrammar: XGrammar,
    { controlTokens }: GrammarSpec,
    stopTokens: readonly number[],
  ): Promise<Vocabulary> {
    const vocabulary = grammarVocabulary(this.#tokenTable, controlTokens);
    const info = await xgrammar.TokenizerInfo.createTokenizerInfo(
      vocabulary,
      'byte_level',
      false,
      vocabulary.length,
      [...stopTokens],
    );
    const compiler = await xgrammar.GrammarCompiler.createGrammarCompiler(info, false);
    return { info, compiler, forcedText: new ForcedText(this.#tokenTable, controlTokens) };
  }

  /** After an abort nothing that lives in the instance can be trusted: the next call starts anew. */
  #forget(): void {
    this.#xgrammar = undefined;
    this.#vocabularies.clear();
    this.#compiled.clear();
  }
}

/** The value made for the key before, or a new one; the oldest goes when there are too many. */
async function remember<T extends object>(
  kept: Map<string, Promise<T>>,
  key: string,
  max: number,
  make: () => Promise<T>,
): Promise<T> {
  const value = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, value);
  for (const [oldest, dropped] of kept) {
    if (kept.size <= max) break;
    kept.delete(oldest);
    void dropped.then(release, () => {});
  }
  return value;
}

/** A matcher keeps what it needs of its grammar alive by itself. */
function release(value: object): void {
  if ('dispose' in value) (value as Disposable).dispose();
  if ('compiler' in value) {
    (value as Vocabulary).compiler.dispose();
    (value as Vocabulary).info.dispose();
  }
}
