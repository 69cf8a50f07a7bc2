// Where a libSQL database lies, and whether it still does: a file that is moved away counts as away,
// since writing on into the moved file would lose money, and one put in its place is opened anew.

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseError } from './libsql-database.js';

/** The path in `file:relative`, `file:/absolute` or `file:///absolute`; undefined for `:memory:`. */
export function databasePath(url: string): string | undefined {
  if (url === ':memory:') return undefined;
  const encoded = url.replace(/^file:/, '').replace(/^\/\/(localhost)?(?=\/)/, '');
  const path = decodeURIComponent(encoded.replace(/[?#].*$/, ''));
  if (existsSync(dirname(resolve(path)))) return path;
  throw new Error(`the folder of the database file ${path} does not exist: make it first`);
}

/** Which file lies there. @throws DatabaseError FILE_AWAY. */
export function inodeOf(path: string): bigint {
  const inode = statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  if (inode !== undefined) return inode;
  throw new DatabaseError(`the database file ${path} is gone`, 'FILE_AWAY');
}
