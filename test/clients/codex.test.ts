// Codex CLI, headless, against the server's lab: a tool round trip that creates a file, with the
// configuration files that docs/clients/codex shows.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { packageFile } from '../../src/package-root.js';
import { findClient, skipWithout } from '../helpers/installed-client.js';
import { startScripted } from '../helpers/scripted-server.js';

const codex = findClient('codex');
const skip = skipWithout('codex');

interface CodexEvent {
  type: string;
  item?: { type: string; status?: string; text?: string };
  usage?: { input_tokens: number; output_tokens: number; reasoning_output_tokens: number };
}

interface CodexRun {
  folder: string;
  events: CodexEvent[];
}

interface CodexOptions {
  model: string;
  /** Without one, Codex knows nothing of the model and offers it no apply_patch. */
  hasCatalogue?: boolean;
}

async function runCodex(
  t: TestContext,
  { model, hasCatalogue = true }: CodexOptions,
): Promise<CodexRun> {
  const { server } = await startScripted(t);
  const root = mkdtempSync(join(tmpdir(), 'hadal-codex-'));
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const [home, folder] = [join(root, 'home'), join(root, 'work')];
  cpSync(packageFile('docs', 'clients', 'codex'), home, { recursive: true });
  mkdirSync(folder);
  if (!hasCatalogue) dropFromConfig(home, 'model_catalog_json');
  const baseUrl = `model_providers.hadal.base_url="${server.url}/lab/edit-file/v1"`;
  const options = ['exec', '--json', '--strict-config', '--skip-git-repo-check', '-C', folder];
  // The temporary folder is the sandbox here: Codex's own is not available in every container.
  options.push(
    '-s',
    'danger-full-access',
    '-m',
    model,
    '-c',
    baseUrl,
    '-c',
    'analytics.enabled=false',
  );
  const child = spawn(codex!, [...options, 'Create hello.txt containing "hi there"'], {
    env: { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home, HADAL_API_KEY: server.apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  assert.equal(code, 0, `${errors}\n${output}`);
  const lines = output.trim().split('\n');
  return { folder, events: lines.map((line) => JSON.parse(line) as CodexEvent) };
}

function dropFromConfig(home: string, key: string): void {
  const path = join(home, 'config.toml');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.filter((line) => !line.startsWith(key)).join('\n'));
}

function itemTypes(events: readonly CodexEvent[]): (string | undefined)[] {
  return events.filter(({ type }) => type === 'item.completed').map(({ item }) => item?.type);
}

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`${model}: a freeform tool (apply_patch) creates a file`, { skip }, async (t) => {
    const { folder, events } = await runCodex(t, { model });
    assert.equal(readFileSync(join(folder, 'hello.txt'), 'utf8'), 'hi there\n');
    assert.deepEqual(itemTypes(events), ['agent_message', 'file_change', 'agent_message']);
    const last = events.at(-1);
    assert.equal(last?.type, 'turn.completed');
    const thinks = model === 'deepseek-reasoner';
    assert.equal((last.usage?.reasoning_output_tokens ?? 0) > 0, thinks);
  });
}

test('without a model catalogue: a function (the shell) creates the file', { skip }, async (t) => {
  const { folder, events } = await runCodex(t, { model: 'deepseek-chat', hasCatalogue: false });
  assert.equal(readFileSync(join(folder, 'hello.txt'), 'utf8'), 'hi there\n');
  assert.ok(itemTypes(events).includes('command_execution'));
});
