// Finds a real command-line client for end-to-end tests. They are big native programs and no
// dependencies of this package: tests run where one is installed and say so where it is not.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageFile } from '../../src/package-root.js';

/**
 * The program's path: what the environment variable HADAL_TEST_<NAME> says, then the packages of
 * test/clients, then PATH.
 */
export function findClient(name: string): string | undefined {
  const given = process.env[`HADAL_TEST_${name.toUpperCase()}`];
  if (given !== undefined) return given;
  const folders = [
    packageFile('test', 'clients', 'node_modules', '.bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: the next folder
  }
}
