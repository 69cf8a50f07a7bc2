// The browser of the tests: Debian's Chromium, or the one that HADAL_CHROMIUM names. Nothing is
// downloaded; without one the tests are skipped and say so.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment['HADAL_CHROMIUM'];
  if (given) return given;
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}

/** For the `skip` option of a test: false = run it. */
export const noBrowser: string | false =
  findChromium() === undefined
    ? 'no Chromium found; install it (apt-get install chromium) or set HADAL_CHROMIUM'
    : false;
