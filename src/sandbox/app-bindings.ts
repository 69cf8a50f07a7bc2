// The files of this package that are seen inside a locked process, and where: Node.js, the compiled
// sandbox folder, and the two packages it imports. Nothing else of the package is there.

import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../package-root.js';
import { INNER_BIN } from './locked-process.js';
import type { Binding } from './private-root.js';

const INNER_SANDBOX = '/app/dist/sandbox';
/** The program of isolate-child.ts, as seen inside. */
export const INNER_CHILD = `${INNER_SANDBOX}/isolate-child.js`;

const PACKAGES = [
  'quickjs-emscripten-core',
  '@jitl/quickjs-ffi-types',
  '@jitl/quickjs-wasmfile-release-sync',
];

/** @throws Error if a package is not installed */
export function appBindings(): Binding[] {
  const here = dirname(fileURLToPath(import.meta.url));
  return [
    nodeBinding(),
    { from: here, to: INNER_SANDBOX },
    // Says that the files are ES modules.
    { from: packageFile('package.json'), to: '/app/package.json' },
    ...PACKAGES.map((name) => ({ from: packageFolder(name), to: `/app/node_modules/${name}` })),
  ];
}

export function nodeBinding(): Binding {
  return { from: realpathSync(process.execPath), to: `${INNER_BIN}/node` };
}

function packageFolder(name: string): string {
  const resolve = createRequire(import.meta.url).resolve;
  const file = realpathSync(resolve(name));
  const inside = `${sep}node_modules${sep}${name.split('/').join(sep)}${sep}`;
  const at = file.lastIndexOf(inside);
  if (at < 0) throw new Error(`the package ${name} lies at ${file}, not in a node_modules folder`);
  return file.slice(0, at + inside.length - 1);
}
