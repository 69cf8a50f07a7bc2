// Files of a build that are not the corpus: what it was begun for, and what is in the making. They lie in
// the corpus's folder, appear whole or not at all, and those in the making are gone when it is finished.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Below it lies all that is in the making. */
export const DRAFTS = 'drafts';

/** undefined = it is not there. @param path below the folder */
export function readStored<T>(folder: string, path: string): T | undefined {
  const file = join(folder, path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

export function store(folder: string, path: string, value: object): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(value)}\n`);
  renameSync(unfinished, file);
}

/** What was in the making, and what killed workers have left half written. */
export function removeUnfinished(folder: string): void {
  rmSync(join(folder, DRAFTS), { recursive: true, force: true });
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.\d+\.tmp$/.test(path)) rmSync(join(folder, path));
  }
}
