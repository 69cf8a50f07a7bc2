// The pages of docs/clients, run as they stand: their files, then all their commands in order, with
// only the server's address changed. The model is the lab's `edit-file`, as the pages suggest.
// pages.test.ts holds the Chinese pages to the same code.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ScenarioBackend } from '../../src/lab/scenario-backend.js';
import { SCENARIOS } from '../../src/lab/scenarios.js';
import { packageFile } from '../../src/package-root.js';
import { startServer } from '../../src/server/start-server.js';
import { systemTimers } from '../../src/server/timers.js';
import { findClient, skipWithout, type ClientName } from '../helpers/installed-client.js';
import { testTokenizer } from '../helpers/scripted-backend.js';
import { makeWorkshop, runClient, type Workshop } from './agent-bench.js';
import { shellScript } from './page.js';

const ADDRESS = 'http://127.0.0.1:8000';

async function startEditFile(t: TestContext) {
  const tokenizer = testTokenizer();
  const scenario = SCENARIOS.get('edit-file')!;
  const backend = new ScenarioBackend(scenario, { tokenizer, timers: systemTimers });
  const server = await startServer({
    log: () => {},
    port: 0,
    otlp: null,
    served: { backend, tokenizer },
  });
  t.after(() => server.close());
  return server;
}

interface Page {
  client: ClientName;
  name: string;
  /** Turns what the page tells to write into files; all other pages have none. */
  prepare?: (workshop: Workshop, moved: (text: string) => string) => void;
  /** Beside HADAL_API_KEY, for the test's sake only. */
  env?: (workshop: Workshop) => Record<string, string>;
}

const PAGES: Page[] = [
  { client: 'claude', name: 'claude-code' },
  {
    client: 'opencode',
    name: 'opencode',
    prepare: ({ folder }, moved) => {
      const config = readFileSync(packageFile('docs', 'clients', 'opencode', 'opencode.json'));
      writeFileSync(join(folder, 'opencode.json'), moved(config.toString()));
    },
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' }),
  },
  {
    client: 'cline',
    name: 'cline',
    // No background process may outlive the test.
    env: ({ home }) => ({ CLINE_SANDBOX: '1', CLINE_SANDBOX_DATA_DIR: join(home, 'cline') }),
  },
  {
    client: 'codex',
    name: 'codex',
    prepare: ({ home }, moved) => {
      const [from, to] = [packageFile('docs', 'clients', 'codex'), join(home, '.codex')];
      mkdirSync(to);
      const config = readFileSync(join(from, 'config.toml'), 'utf8');
      writeFileSync(join(to, 'config.toml'), moved(config));
      copyFileSync(join(from, 'models.json'), join(to, 'models.json'));
    },
  },
];

for (const { client, name, prepare, env } of PAGES) {
  test(
    `docs/clients/${name}.md works`,
    { skip: skipWithout(client), timeout: 240_000 },
    async (t) => {
      const server = await startEditFile(t);
      const workshop = makeWorkshop(t);
      const moved = (text: string) => text.replaceAll(ADDRESS, server.url);
      prepare?.(workshop, moved);
      const bin = join(workshop.home, 'bin');
      mkdirSync(bin);
      symlinkSync(findClient(client)!, join(bin, client));
      // Codex's own sandbox is not available in every container.
      const script = moved(shellScript(`${name}.md`)).replaceAll(
        'workspace-write',
        'danger-full-access',
      );
      const { code, stdout, stderr } = await runClient(t, 'bash', ['-ec', script], {
        ...workshop,
        env: {
          ...env?.(workshop),
          PATH: `${bin}${delimiter}${process.env['PATH']}`,
          HADAL_API_KEY: server.apiKey!,
        },
      });
      assert.equal(code, 0, `${stderr}\n${stdout}`);
      assert.equal(readFileSync(join(workshop.folder, 'hello.txt'), 'utf8'), 'hi there\n');
    },
  );
}
