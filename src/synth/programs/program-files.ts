// Where the files of a program are: rows of a table whose paths begin with its folder. Within the program
// a file goes by its name without the folder, which is how they import one another.

import type { Database } from '../database.js';

interface Columns {
  readonly table: string;
  readonly path: string;
  readonly source: string;
}

/** `pricing/index.js` -> folder `pricing/`, entry `index.js`. */
export function entryOf(path: string): { readonly folder: string; readonly entry: string } {
  const cut = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, cut), entry: path.slice(cut) };
}

/** Source texts by name, of the files directly in this folder. */
export function filesOf(db: Database, columns: Columns, folder: string): Record<string, string> {
  const files = Object.create(null) as Record<string, string>;
  for (const row of db.rows(columns.table)) {
    const place = entryOf(String(row[columns.path]));
    if (place.folder === folder) files[place.entry] = String(row[columns.source]);
  }
  return files;
}
