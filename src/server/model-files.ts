// The model files this server may load: the embedded one, the one given at start, and those in the
// models folder of the data folder. Files have ids; a path never comes from a request, so nothing
// outside of these can be named. Reads headers, loads nothing.

import { readdirSync, statSync, type Dirent } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ARCHITECTURES } from '../model/config.js';
import { readModelInfo, type ModelInfo } from '../model/model-info.js';
import { findEmbeddedModel, findTokenizer, type TokenizerPlace } from '../model-location.js';
import type { ModelFolder, ModelSummary } from '../web/models-wire.js';

export interface ModelFile {
  id: string;
  name: string;
  path: string;
  bytes: number;
  modifiedAt: Date;
  isRemovable: boolean;
  summary: ModelSummary | null;
  /** Why it cannot be loaded; null = nothing known against it. */
  problem: string | null;
}

export interface ModelFilesOptions {
  /** Undefined: the server was started with the embedded model. */
  startPath: string | undefined;
  /** Undefined: nothing is kept on disk. */
  dataDir: string | undefined;
}

export const MODELS_FOLDER = 'models';
export const EMBEDDED_ID = 'embedded';
export const START_ID = 'start';

/** Folders in the models folder are looked into this deep. */
const MAX_DEPTH = 3;
const MAX_FILES = 1000;

type Header = { summary: ModelSummary; problem: null } | { summary: null; problem: string };

export class ModelFiles {
  readonly folder: string | undefined;
  readonly #startPath: string | undefined;
  /** By path; read again when the file has changed. */
  readonly #headers = new Map<string, { stamp: string; header: Header }>();

  constructor({ startPath, dataDir }: ModelFilesOptions) {
    this.#startPath = startPath;
    this.folder = dataDir === undefined ? undefined : join(resolve(dataDir), MODELS_FOLDER);
  }

  list(): ModelFile[] {
    const embedded = findEmbeddedModel()?.modelPath;
    const inFolder = this.#walk().filter((name) => name.toLowerCase().endsWith('.gguf'));
    return [
      embedded === undefined ? undefined : this.#fileAt(EMBEDDED_ID, embedded),
      this.#startPath === undefined ? undefined : this.#fileAt(START_ID, this.#startPath),
      ...inFolder.map((name) => this.#fileAt(`folder/${name}`, join(this.folder!, name))),
    ].filter((file) => file !== undefined);
  }

  find(id: string): ModelFile | undefined {
    return this.list().find((file) => file.id === id);
  }

  /** The file, and what belongs to nothing else: its tokenizer and its folder when they are left alone. */
  async remove({ path }: ModelFile): Promise<void> {
    await rm(path);
    const home = dirname(path);
    if (home === this.folder) return;
    const left = readdirSync(home);
    if (left.every((name) => name === 'tokenizer.json')) await rm(home, { recursive: true });
  }

  async describe(loaded: string | null): Promise<ModelFolder> {
    return {
      folder: this.folder ?? null,
      free_bytes: await freeBytes(this.folder),
      files: this.list().map((file) => ({
        id: file.id,
        name: file.name,
        bytes: file.bytes,
        modified_at: file.modifiedAt.toISOString(),
        loaded: file.id === loaded,
        removable: file.isRemovable,
        summary: file.summary,
        problem: file.problem,
      })),
      checkpoints: this.#checkpoints(),
    };
  }

  /** Folders with safetensors, which have to be converted first. */
  #checkpoints(): ModelFolder['checkpoints'] {
    const files = this.#walk();
    const folders = new Set(
      files.filter((name) => name.endsWith('.safetensors')).map((name) => dirname(name)),
    );
    return [...folders].map((name) => {
      const own = files.filter((file) => dirname(file) === name);
      const bytes = own.reduce((sum, file) => sum + sizeOf(join(this.folder!, file)), 0);
      return { name, path: join(this.folder!, name), bytes };
    });
  }

  /** Names of the files in the folder, with `/`, sorted; no hidden ones and none being pulled. */
  #walk(): string[] {
    if (this.folder === undefined) return [];
    const names: string[] = [];
    const visit = (path: string, prefix: string, depth: number): void => {
      for (const entry of entriesOf(path)) {
        if (entry.name.startsWith('.') || names.length >= MAX_FILES) continue;
        const isFolder = entry.isDirectory();
        if (isFolder && depth < MAX_DEPTH) {
          visit(join(path, entry.name), `${prefix}${entry.name}/`, depth + 1);
        } else if (!isFolder && !entry.name.endsWith('.part')) names.push(prefix + entry.name);
      }
    };
    visit(this.folder, '', 1);
    return names.toSorted();
  }

  /** undefined when it is gone, or no file. */
  #fileAt(id: string, path: string): ModelFile | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const stamp = `${stat.size} ${stat.mtimeMs}`;
    const known = this.#headers.get(path);
    const header = known?.stamp === stamp ? known.header : readHeader(path);
    this.#headers.set(path, { stamp, header });
    const name = id.startsWith('folder/') ? id.slice('folder/'.length) : nameOf(path);
    const isRemovable = id.startsWith('folder/');
    return { id, name, path, bytes: stat.size, modifiedAt: stat.mtime, isRemovable, ...header };
  }
}

/** GGUF architectures that the engine runs. */
export const SUPPORTED_ARCHITECTURES: readonly string[] = ARCHITECTURES;

/** Why a file cannot be loaded; undefined = its header has nothing against it. */
export function problemOfModel(path: string): string | undefined {
  return readHeader(path).problem ?? undefined;
}

/** Where the tokenizer of a file comes from. @throws ModelNotFoundError, ModelError */
export function tokenizerPlace(path: string, named: string | undefined): TokenizerPlace {
  return findTokenizer(path, named);
}

/** `models/hadal-mini/model.gguf` is named by its folder, as the engine names it. */
function nameOf(path: string): string {
  const name = basename(path).replace(/\.gguf$/i, '');
  return name === 'model' ? basename(dirname(path)) : name;
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readHeader(path: string): Header {
  try {
    return { summary: summaryOf(readModelInfo(path)), problem: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Which file it is stands beside it; where it lies is nobody's business on a page.
    return { summary: null, problem: message.replaceAll(`${path}: `, '') };
  }
}

function summaryOf(info: ModelInfo): ModelSummary {
  const { config, storage } = info;
  const { moe, indexer } = config;
  return {
    architecture: config.architecture,
    name: config.name,
    parameters: info.numParameters,
    active_parameters: info.numActiveParameters,
    layers: config.numLayers,
    dense_layers: config.numDenseLayers,
    mtp_layers: config.numNextnLayers,
    hidden_size: config.hiddenSize,
    heads: config.numHeads,
    experts: moe && {
      count: moe.numExperts,
      per_token: moe.numExpertsPerToken,
      shared: moe.numSharedExperts,
    },
    dsa: indexer && { top_k: indexer.topk, heads: indexer.numHeads },
    context_length: config.contextLength,
    vocab_size: config.vocabSize,
    storage: Object.entries(storage)
      .map(([type, entry]) => ({ type, ...entry }))
      .toSorted((a, b) => b.bytes - a.bytes),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** On the disk of the folder, which need not be there yet. */
async function freeBytes(folder: string | undefined): Promise<number | null> {
  if (folder === undefined) return null;
  for (const path of [folder, dirname(folder)]) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return null;
}
