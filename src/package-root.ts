// Where this package lies on disk, whether it runs from dist/ in a clone or from node_modules.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of hadal not found above the program');
    folder = parent;
  }
  return folder;
}

const root = findRoot();

/** Absolute path of a file that ships with the package. */
export const packageFile = (...parts: string[]) => join(root, ...parts);
