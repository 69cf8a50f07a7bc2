// Which model and tokenizer to serve: the files a person names, or the checkpoint that ships with
// the package. Finds files; loading is the engine's.

import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openTokenizer } from './encoding/named-tokenizer.js';
import { TokenizerFileError } from './encoding/tokenizer-file.js';
import { Tokenizer } from './encoding/tokenizer.js';
import { openGguf } from './model/gguf-reader.js';
import { packageFile } from './package-root.js';

const EMBEDDED = 'hadal-mini';

/** No model where one was expected; `message` names the fix. */
export class ModelNotFoundError extends Error {
  override name = 'ModelNotFoundError';
}

export interface ModelLocation {
  modelPath: string;
  tokenizerPath: string;
}

/** The checkpoint in the package, undefined when this copy has none. */
export function findEmbeddedModel(): ModelLocation | undefined {
  const folder = packageFile('models', EMBEDDED);
  const tokenizerPath = join(folder, 'tokenizer.json');
  const modelPath = ['model.gguf', `${EMBEDDED}.gguf`]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  return modelPath && existsSync(tokenizerPath) ? { modelPath, tokenizerPath } : undefined;
}

/** @throws ModelNotFoundError */
export function requireEmbeddedModel(): ModelLocation {
  const location = findEmbeddedModel();
  if (location) return location;
  throw new ModelNotFoundError(
    `there is no model in ${packageFile('models', EMBEDDED)}; name one with --model path.gguf ` +
      '(`hadal model random test.gguf` makes an untrained one)',
  );
}

/** Where the tokenizer of a model file is: named by a person, beside it, or in it. */
export type TokenizerPlace =
  | { from: 'named'; name: string }
  | { from: 'beside'; path: string }
  | { from: 'inside'; json: string };

/**
 * The tokenizer of a model file: the one named (`v3`, `v3.2` or the path of a tokenizer.json), the
 * tokenizer.json beside the model, or the one inside it.
 * @throws ModelNotFoundError, TokenizerFileError, ModelError
 */
export function loadTokenizerFor(modelPath: string, tokenizerPath?: string): Tokenizer {
  const place = findTokenizer(modelPath, tokenizerPath);
  switch (place.from) {
    case 'named':
      return openTokenizer(place.name);
    case 'beside':
      return Tokenizer.fromFile(place.path);
    case 'inside':
      return tokenizerFromInside(place.json, modelPath);
  }
}

/** @throws ModelNotFoundError, ModelError */
export function findTokenizer(modelPath: string, tokenizerPath?: string): TokenizerPlace {
  if (!existsSync(modelPath)) throw new ModelNotFoundError(`there is no file ${modelPath}`);
  if (statSync(modelPath).isDirectory()) {
    throw new ModelNotFoundError(`${modelPath} is a folder; name the .gguf file in it`);
  }
  if (tokenizerPath !== undefined) return { from: 'named', name: tokenizerPath };
  const beside = join(dirname(modelPath), 'tokenizer.json');
  if (existsSync(beside)) return { from: 'beside', path: beside };
  const inside = tokenizerJsonInside(modelPath);
  if (inside !== undefined) return { from: 'inside', json: inside };
  throw new ModelNotFoundError(
    `${modelPath} carries no tokenizer and there is no ${beside}; name one with --tokenizer`,
  );
}

function tokenizerFromInside(json: string, modelPath: string): Tokenizer {
  try {
    return Tokenizer.fromJson(JSON.parse(json));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TokenizerFileError)) throw error;
    throw new TokenizerFileError(`the tokenizer inside ${modelPath}: ${error.message}`, {
      cause: error,
    });
  }
}

function tokenizerJsonInside(modelPath: string): string | undefined {
  const file = openGguf(modelPath);
  try {
    const entry = file.metadata.get('tokenizer.huggingface.json');
    return entry?.type === 'string' ? entry.value : undefined;
  } finally {
    file.close();
  }
}
