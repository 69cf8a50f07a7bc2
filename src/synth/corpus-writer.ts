// Writes a corpus (layout: corpus.ts). Every file appears whole or not at all: it is written beside its
// place and renamed, so a file that is there is complete, and a build that was cut off goes on from
// what it finds. The manifest comes last; its hash is over what the corpus says, not over when or by
// how many workers it was built.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byCodeUnit } from './canonical.js';
import { CorpusError, environmentFolder, MANIFEST, PRIVATE_SUFFIX } from './corpus.js';
import type { PrivateTask, PublicTask } from './task-types.js';
import type { Environment } from './world-types.js';

export interface CorpusFile {
  /** Below the corpus, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Lines of a JSONL file, else 1. */
  readonly rows: number;
}

export interface Manifest {
  readonly format: 1;
  readonly environments: number;
  readonly tasks: number;
  /** Of all environments, tasks and private parts. */
  readonly corpus_hash: string;
  readonly files: readonly CorpusFile[];
  readonly [more: string]: unknown;
}

export interface TaskPair {
  readonly task: PublicTask;
  readonly private: PrivateTask;
}

const FORMAT = 1;

export class CorpusWriter {
  readonly #files = new Map<string, CorpusFile>();

  constructor(readonly folder: string) {
    mkdirSync(join(folder, 'envs'), { recursive: true });
    mkdirSync(join(folder, 'tasks'), { recursive: true });
  }

  /** @throws CorpusError for an id that is no path */
  writeEnvironment({ rows, ...env }: Environment): readonly CorpusFile[] {
    const folder = environmentFolder(env.id).replaceAll('\\', '/');
    // The rows first: an environment counts from its env.json on.
    return [
      this.write(`${folder}/rows.json`, `${JSON.stringify(rows)}\n`),
      this.write(`${folder}/env.json`, `${JSON.stringify(env)}\n`),
    ];
  }

  /** Two sibling files. @throws CorpusError for a pair that does not belong together */
  writeTasks(shard: string, pairs: readonly TaskPair[]): void {
    for (const { task, private: secret } of pairs) {
      if (task.taskId !== secret.taskId || task.hash !== secret.hash) {
        throw new CorpusError(`${task.key}: the private part is of ${secret.taskId}`);
      }
    }
    // The private parts first: a shard counts from its public file on.
    this.writeLines(
      `tasks/${shard}${PRIVATE_SUFFIX}`,
      pairs.map((pair) => pair.private),
    );
    this.writeLines(
      `tasks/${shard}.jsonl`,
      pairs.map(({ task: { key, ...rest } }) => ({ key, ...rest })),
    );
  }

  /** Anything else, one JSON value a line (evidence of gates). */
  writeLines(path: string, rows: readonly unknown[]): CorpusFile {
    return this.write(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  /** @param path below the corpus, with forward slashes */
  write(path: string, text: string): CorpusFile {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    const unfinished = `${target}.${process.pid}.tmp`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, target);
    const file = describe(path, text);
    this.#files.set(path, file);
    return file;
  }

  /**
   * Takes over what an earlier run or another worker has written, as it described it: a corpus is not read
   * again for its manifest. @throws CorpusError if the file is not there, or not of that size
   */
  adopt(file: CorpusFile): void {
    const target = join(this.folder, file.path);
    const found = existsSync(target) ? statSync(target).size : 'missing';
    if (found !== file.bytes) {
      throw new CorpusError(`${target} is ${found}; it was written with ${file.bytes} bytes`);
    }
    this.#files.set(file.path, file);
  }

  /** Writes manifest.json over all that was written and adopted. */
  finish(more: Readonly<Record<string, unknown>> = {}): Manifest {
    const files = [...this.#files.values()].toSorted((a, b) => byCodeUnit(a.path, b.path));
    const shards = files.filter(({ path }) => isPublicShard(path));
    const manifest: Manifest = {
      ...more,
      format: FORMAT,
      environments: files.filter(({ path }) => /^envs\/.*\/env\.json$/.test(path)).length,
      tasks: shards.reduce((sum, { rows }) => sum + rows, 0),
      corpus_hash: hashOf(files),
      files,
    };
    this.write(MANIFEST, `${JSON.stringify(manifest, null, 1)}\n`);
    this.#files.delete(MANIFEST);
    return manifest;
  }
}

/** @throws CorpusError if a file differs from what the manifest says */
export function checkCorpus(folder: string): Manifest {
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
  for (const file of manifest.files) {
    const target = join(folder, file.path);
    const seen = existsSync(target) ? sha256(readFileSync(target, 'utf8')) : 'missing';
    if (seen !== file.sha256) {
      throw new CorpusError(`${target} is ${seen}; the manifest says ${file.sha256}`);
    }
  }
  return manifest;
}

function isPublicShard(path: string): boolean {
  return /^tasks\/.*\.jsonl$/.test(path) && !path.endsWith(PRIVATE_SUFFIX);
}

function hashOf(files: readonly CorpusFile[]): string {
  return sha256(
    files
      .filter(({ path }) => path.startsWith('envs/') || path.startsWith('tasks/'))
      .map(({ path, sha256: hash }) => `${hash}  ${path}\n`)
      .join(''),
  );
}

function describe(path: string, text: string): CorpusFile {
  const rows = path.endsWith('.jsonl') ? text.split('\n').length - 1 : 1;
  return { path, sha256: sha256(text), bytes: Buffer.byteLength(text), rows };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
