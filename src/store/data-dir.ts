// Where the store lives unless told otherwise. The only file here that looks at the environment.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** `HADAL_HOME`, else `~/.hadal`. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['HADAL_HOME'] || join(homedir(), '.hadal'));
}

/** `HADAL_DATABASE_URL`, else `hadal.db` in the data folder. */
export function defaultDatabaseUrl(dataDir: string, env: NodeJS.ProcessEnv = process.env): string {
  return env['HADAL_DATABASE_URL'] || pathToFileURL(join(dataDir, 'hadal.db')).href;
}
