// Stands before the engine: a request with a grammar is queued when the grammar has been compiled,
// any other at once. Compiling happens once per grammar and keeps the loop busy for milliseconds, on
// the first one with a large vocabulary for about half a second.

import type { TokenTable } from '../../backend/token-table.js';
import {
  BackendError,
  type GenerateEvent,
  type GenerateRequest,
  type GrammarSpec,
} from '../../backend/types.js';
import type { Engine } from '../engine.js';
import { GrammarCompiler, GrammarError } from './grammar-compiler.js';
import type { TokenGrammar } from './token-grammar.js';

export interface GrammarGateOptions {
  engine: Pick<Engine, 'submit'>;
  tokenTable: TokenTable;
  /** For requests that end before the engine knows them. */
  emit: (event: GenerateEvent, id: string) => void;
  /** The request cannot be started. */
  refuse: (id: string, reason: string, code: BackendError['code']) => void;
}

export class GrammarGate {
  readonly #options: GrammarGateOptions;
  readonly #compiler: GrammarCompiler;
  /** Requests whose grammar is being compiled. */
  readonly #waiting = new Map<string, GenerateRequest>();

  constructor(options: GrammarGateOptions) {
    this.#options = options;
    this.#compiler = new GrammarCompiler({ tokenTable: options.tokenTable });
  }

  admit(request: GenerateRequest): void {
    if (request.grammar) void this.#compileFor(request, request.grammar);
    else this.#submit(request);
  }

  /** Ids of requests that do not wait here are ignored: the engine may have them. */
  abort(id: string): void {
    const request = this.#waiting.get(id);
    if (!this.#waiting.delete(id)) return;
    const promptTokens = request!.promptTokens.length;
    const usage = { promptTokens, cacheHitTokens: 0, completionTokens: 0 };
    this.#options.emit({ type: 'finish', reason: 'aborted', usage }, id);
  }

  async #compileFor(request: GenerateRequest, spec: GrammarSpec): Promise<void> {
    this.#waiting.set(request.id, request);
    try {
      const grammar = await this.#compiler.start(spec, request.stopTokens);
      if (this.#waiting.delete(request.id)) this.#submit(request, grammar);
      else grammar.dispose();
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error;
      if (!this.#waiting.delete(request.id)) return;
      this.#options.refuse(request.id, error.message, 'invalid_request');
    }
  }

  #submit(request: GenerateRequest, grammar?: TokenGrammar): void {
    try {
      this.#options.engine.submit(request, grammar);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      this.#options.refuse(request.id, error.message, error.code);
    }
  }
}
