// Finds a real command-line client for end-to-end tests. They are big native programs in a package
// of their own (test/clients): tests run where it is installed and say so where it is not.

import { existsSync } from 'node:fs';
import { packageFile } from '../../src/package-root.js';

export type ClientName = 'claude' | 'cline' | 'codex' | 'opencode';

const SYSTEM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The programs in the platform packages, first come first taken. The packages in front of them need
 * an install script to find these, and none is run here.
 */
const PROGRAMS: Record<ClientName, string[]> = {
  claude: [
    `@anthropic-ai/claude-code-${SYSTEM}/claude`,
    `@anthropic-ai/claude-code-${SYSTEM}-musl/claude`,
  ],
  cline: [`@cline/cli-${SYSTEM}/bin/cline`],
  codex: ['@openai/codex/bin/codex.js'],
  // The baseline build first: it runs on every processor.
  opencode: [
    `opencode-${SYSTEM}-baseline/bin/opencode`,
    `opencode-${SYSTEM}/bin/opencode`,
    `opencode-${SYSTEM}-baseline-musl/bin/opencode`,
    `opencode-${SYSTEM}-musl/bin/opencode`,
  ],
};

/**
 * The program's path: what the environment variable HADAL_TEST_<NAME> says, else the installed one
 * of test/clients. Never one from PATH, whose version nobody pinned.
 */
export function findClient(name: ClientName): string | undefined {
  const given = process.env[`HADAL_TEST_${name.toUpperCase()}`];
  if (given !== undefined) return given;
  return PROGRAMS[name]
    .map((path) => packageFile('test', 'clients', 'node_modules', path))
    .find((path) => existsSync(path));
}

/** For node:test's `skip`: false where the client is there. */
export function skipWithout(name: ClientName): string | false {
  if (findClient(name) !== undefined) return false;
  return `${name} is not installed; npm run test:clients installs it`;
}
