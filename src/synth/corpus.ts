// A corpus as a folder, and how it is read without loading it:
//   manifest.json                       counts, hashes of every file (corpus-writer.ts)
//   envs/<env id>/env.json, rows.json   an environment and its tables; the id may contain slashes
//   tasks/<shard>.jsonl                 public tasks, one a line, the field `key` first
//   tasks/<shard>.private.jsonl         their private parts, line by line in the same order
// Opening notes where every task lies; a task is read from disk when it is asked for. The private part
// is a separate file and a separate call, so that a process that only shows tasks can do without it.

import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, sep } from 'node:path';
import { linesOf, type Line } from './corpus-lines.js';
import type { PrivateTask, PublicTask } from './task-types.js';
import type { Environment, Tables } from './world-types.js';

export const MANIFEST = 'manifest.json';
export const PRIVATE_SUFFIX = '.private.jsonl';

/** The folder is no corpus, or a part of it is damaged or missing; `message` names the file. */
export class CorpusError extends Error {
  override name = 'CorpusError';
}

/** What serving and exporting need of a corpus. */
export interface CorpusStore {
  /** In order of code units. */
  readonly environmentIds: readonly string[];
  /** Keys in the order of shards and lines. */
  taskKeys(): Iterable<string>;
  readonly numTasks: number;
  /** undefined = no such id. Reads and parses each time. @throws CorpusError for a damaged file */
  environment(id: string): Environment | undefined;
  /** undefined = no such key. @throws CorpusError for a damaged file */
  task(key: string): PublicTask | undefined;
  /** undefined = no such key. @throws CorpusError if the private part is missing or another task's */
  privateTask(key: string): PrivateTask | undefined;
}

interface Place {
  readonly shard: string;
  readonly line: number;
  readonly start: number;
  readonly length: number;
}

/** Where an environment's folder is, below the corpus. @throws CorpusError for an id that is no path */
export function environmentFolder(id: string): string {
  const parts = id.split('/');
  if (!parts.every((part) => /^[a-z0-9][a-z0-9+_.-]*$/.test(part))) {
    throw new CorpusError(`${JSON.stringify(id)} is no id of an environment`);
  }
  return join('envs', ...parts);
}

/** @throws CorpusError where there is no corpus, or a task's line has no key */
export function openCorpus(folder: string): CorpusStore {
  return new FolderCorpus(folder);
}

class FolderCorpus implements CorpusStore {
  readonly environmentIds: readonly string[];
  readonly #environments: ReadonlySet<string>;
  readonly #places = new Map<string, Place>();
  /** Of private shards, made when the first private part of the shard is asked for. */
  readonly #privateLines = new Map<string, readonly Line[]>();

  constructor(readonly folder: string) {
    if (!existsSync(join(folder, 'envs'))) {
      throw new CorpusError(`${folder} is no corpus: it has no folder envs`);
    }
    this.environmentIds = environmentIdsIn(join(folder, 'envs'));
    this.#environments = new Set(this.environmentIds);
    for (const shard of shardsIn(join(folder, 'tasks'))) this.#index(shard);
  }

  get numTasks(): number {
    return this.#places.size;
  }

  taskKeys(): Iterable<string> {
    return this.#places.keys();
  }

  environment(id: string): Environment | undefined {
    if (!this.#environments.has(id)) return undefined;
    const folder = join(this.folder, environmentFolder(id));
    const env = readJson(join(folder, 'env.json')) as Omit<Environment, 'rows'>;
    return { ...env, rows: readJson(join(folder, 'rows.json')) as Tables };
  }

  task(key: string): PublicTask | undefined {
    const place = this.#places.get(key);
    return place && (this.#read(`${place.shard}.jsonl`, place) as PublicTask);
  }

  privateTask(key: string): PrivateTask | undefined {
    const place = this.#places.get(key);
    if (!place) return undefined;
    const file = place.shard + PRIVATE_SUFFIX;
    let lines = this.#privateLines.get(place.shard);
    if (!lines) {
      lines = this.#privateLinesOf(file);
      this.#privateLines.set(place.shard, lines);
    }
    const line = lines[place.line];
    const found = line && (this.#read(file, line) as PrivateTask);
    const task = this.task(key)!;
    if (found?.taskId !== task.taskId || found.hash !== task.hash) {
      throw new CorpusError(`${file}: line ${place.line + 1} is not of the task ${key}`);
    }
    return found;
  }

  #index(shard: string): void {
    const file = join(this.folder, 'tasks', `${shard}.jsonl`);
    let line = 0;
    for (const { start, length, head } of linesOf(file)) {
      const key = keyOf(head ?? '');
      if (key === undefined) {
        throw new CorpusError(`${file}: line ${line + 1} does not begin with a key`);
      }
      if (this.#places.has(key)) throw new CorpusError(`${file}: the key ${key} is there twice`);
      this.#places.set(key, { shard, line, start, length });
      line++;
    }
  }

  #privateLinesOf(file: string): Line[] {
    const path = join(this.folder, 'tasks', file);
    try {
      return [...linesOf(path)].map(({ start, length }) => ({ start, length }));
    } catch (cause) {
      throw new CorpusError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  #read(file: string, { start, length }: Line): unknown {
    const path = join(this.folder, 'tasks', file);
    const bytes = Buffer.allocUnsafe(length);
    const descriptor = openSync(path, 'r');
    try {
      const size = readSync(descriptor, bytes, 0, length, start);
      if (size !== length) throw new CorpusError(`${path} ends early: it changed while in use`);
    } finally {
      closeSync(descriptor);
    }
    return parse(bytes.toString(), path);
  }
}

function environmentIdsIn(envs: string): string[] {
  return readdirSync(envs, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep))
    .filter((parts) => parts.at(-1) === 'env.json')
    .map((parts) => parts.slice(0, -1).join('/'))
    .toSorted();
}

function shardsIn(tasks: string): string[] {
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks)
    .filter((name) => name.endsWith('.jsonl') && !name.endsWith(PRIVATE_SUFFIX))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .toSorted();
}

/** The writer puts the key first, so that indexing parses nothing. */
function keyOf(head: string): string | undefined {
  const [, text] = /^\{"key":("(?:[^"\\]|\\.)*")/.exec(head) ?? [];
  return text === undefined ? undefined : (JSON.parse(text) as string);
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CorpusError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return parse(text, path);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CorpusError(`${path} is damaged: ${(cause as Error).message}`, { cause });
  }
}
