// Which files of a repository make a model: one GGUF file, with the tokenizer beside it where there is
// one; or the checkpoint of safetensors that `hadal convert` reads.

import type { HubFile, HubSource } from './hub-files.js';
import { PullError, shownSize, shownText } from './pull-error.js';
import { isSafeName } from './pull-source.js';

export interface ChosenFiles {
  kind: 'gguf' | 'checkpoint';
  /** The model first; then what belongs to it. */
  files: HubFile[];
}

/** Of files that were cut for hubs with a size limit. */
const SPLIT = /-\d{5}-of-\d{5}\.gguf$/i;
const MAX_LISTED = 30;
/** What `hadal convert` reads, and what people look for beside it. */
const CHECKPOINT_FILES = new Set([
  'config.json',
  'generation_config.json',
  'model.safetensors.index.json',
  'tokenizer.json',
  'tokenizer_config.json',
]);

/** @throws PullError `not-found`, `choose`, `source` */
export function chooseFiles(source: HubSource, listed: readonly HubFile[]): ChosenFiles {
  const name = `${source.hub}:${source.owner}/${source.repo}`;
  const files = listed.filter(({ path }) => path.split('/').every(isSafeName));
  const tokenizer = files.filter(({ path }) => path === 'tokenizer.json');
  if (source.file !== undefined) {
    const file = files.find(({ path }) => path === source.file);
    if (!file) {
      const there = listOf(name, files.filter(isGguf));
      throw new PullError('not-found', `${name} has no ${shownText(source.file)}${there}`);
    }
    requireWhole(name, file);
    return { kind: 'gguf', files: [file, ...tokenizer] };
  }
  const models = files.filter((file) => isGguf(file) && !/(^|\/)mmproj/i.test(file.path));
  if (models.length > 1) {
    throw new PullError('choose', `${name} has ${models.length} GGUF files${listOf(name, models)}`);
  }
  if (models.length === 1) {
    requireWhole(name, models[0]!);
    return { kind: 'gguf', files: [models[0]!, ...tokenizer] };
  }
  return chooseCheckpoint(name, files);
}

function chooseCheckpoint(name: string, files: readonly HubFile[]): ChosenFiles {
  const weights = files.filter(({ path }) => /^[^/]+\.safetensors$/.test(path));
  if (weights.length === 0 || !files.some(({ path }) => path === 'config.json')) {
    throw new PullError(
      'not-found',
      `${name} has neither a GGUF file nor a checkpoint (config.json and .safetensors)`,
    );
  }
  const rest = files.filter(({ path }) => CHECKPOINT_FILES.has(path));
  return { kind: 'checkpoint', files: [...rest, ...weights] };
}

function requireWhole(name: string, { path }: HubFile): void {
  if (!isGguf({ path })) {
    throw new PullError(
      'source',
      `${shownText(path)} is no .gguf file; leave it out to pull ${name}`,
    );
  }
  if (SPLIT.test(path)) {
    throw new PullError(
      'source',
      `${shownText(path)} is one part of a split model, and the engine reads whole files only; ` +
        'join the parts with llama-gguf-split --merge, or pull a repository with a whole file',
    );
  }
}

function isGguf({ path }: Pick<HubFile, 'path'>): boolean {
  return path.toLowerCase().endsWith('.gguf');
}

function listOf(name: string, files: readonly HubFile[]): string {
  if (files.length === 0) return '';
  const lines = files
    .slice(0, MAX_LISTED)
    .map(({ path, size }) => `\n  ${name}/${path}  (${shownSize(size)})`);
  const more = files.length > MAX_LISTED ? `\n  and ${files.length - MAX_LISTED} more` : '';
  return `; name one of them:${lines.join('')}${more}`;
}
