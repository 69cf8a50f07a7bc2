// The server's secret, from which the keys of the reasoning vault are derived. Given by the operator,
// or made at the first start and kept in a file that only its owner can read.

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreLog } from './store-log.js';

const MIN_CHARACTERS = 16;

/** @throws when a given secret is too short to be one. */
export function givenSecret(secret: string): Buffer {
  if (secret.length >= MIN_CHARACTERS) return Buffer.from(secret);
  throw new Error(
    `the server secret has ${secret.length} characters; give at least ${MIN_CHARACTERS}, ` +
      'e.g. the output of `openssl rand -hex 32`',
  );
}

/** Reads `<dataDir>/secret.key`, made when it is missing. Two processes agree on one. */
export async function secretFromFile(dataDir: string, log: StoreLog): Promise<Buffer> {
  const path = join(dataDir, 'secret.key');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await createOnce(path);
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
    log('warn', 'the secret was readable by others; its permissions are corrected', { path });
    await chmod(path, 0o600);
  }
  return givenSecret((await readFile(path, 'utf8')).trim());
}

/** Linked into place when complete, so that nobody reads half a secret. */
async function createOnce(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was first
  } finally {
    await rm(draft, { force: true });
  }
}
