// Writes `x.br` beside every file of the built page that gains from it; the server sends that where the
// browser takes it. `compressFolder` is used by the build of the documentation too.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const COMPRESSIBLE = /\.(html|m?js|css|json|webmanifest|svg|txt|wasm)$/;
const MIN_BYTES = 600;
/** 11 takes ten times as long for two percent. */
const QUALITY = 9;

export function compressFolder(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (existsSync(`${path}.br`)) continue; // by another part of the build
    const body = readFileSync(path);
    if (body.length < MIN_BYTES) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
    writeFileSync(`${path}.br`, brotliCompressSync(body, { params }));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  compressFolder(fileURLToPath(new URL('../dist/site', import.meta.url)));
}
