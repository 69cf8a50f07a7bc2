// Loads XGrammar (WASM) and declares the part of it that is used. The package is a UMD file inside a
// package marked as ESM, so neither `import` nor `require` can load it: it is compiled as CommonJS
// here. A grammar that it cannot take ends in an abort of the WASM instance (RuntimeError), so every
// caller that sees one must drop the instance and everything made with it.

import { readFile } from 'node:fs/promises';
import { createRequire, Module } from 'node:module';

export interface Disposable {
  dispose(): void;
}

export interface XGrammarMatcher extends Disposable {
  acceptToken(token: number): boolean;
  /** One bit per token, 32 to a word; 1 = allowed. */
  getNextTokenBitmask(): Promise<Int32Array>;
  isTerminated(): boolean;
  /** The text that must come next, whatever the tokens; may be empty. */
  findJumpForwardString(): string;
}

export interface XGrammarCompiler extends Disposable {
  compileGrammar(ebnf: string, rootRule: string): Promise<Disposable>;
}

export interface XGrammar {
  TokenizerInfo: {
    createTokenizerInfo(
      vocabulary: readonly string[],
      kind: 'byte_level',
      prependSpace: boolean,
      vocabSize: number,
      stopTokens: readonly number[],
    ): Promise<Disposable>;
  };
  GrammarCompiler: {
    createGrammarCompiler(vocabulary: Disposable, cache: boolean): Promise<XGrammarCompiler>;
  };
  GrammarMatcher: { createGrammarMatcher(grammar: Disposable): Promise<XGrammarMatcher> };
}

const PACKAGE = '@mlc-ai/web-xgrammar';

/** A fresh WASM instance. @throws the system's error when the package is not installed */
export async function loadXGrammar(): Promise<XGrammar> {
  const path = createRequire(import.meta.url).resolve(PACKAGE);
  const module = new Module(path) as Module & { _compile(source: string, path: string): void };
  module.filename = path;
  module._compile(await readFile(path, 'utf8'), path);
  return module.exports as XGrammar;
}
