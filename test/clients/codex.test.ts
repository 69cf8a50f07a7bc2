// Codex CLI, headless, against the server's lab: a tool round trip that creates a file, with the
// configuration files that docs/clients/codex shows.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { packageFile } from '../../src/package-root.js';
import { findClient, skipWithout } from '../helpers/installed-client.js';
import { startScripted } from '../helpers/scripted-server.js';
import {
  jsonLines,
  makeWorkshop,
  runClient,
  startAgentServer,
  type Workshop,
} from './agent-bench.js';
import { LAST_WORDS, thoughtBefore, type Step } from './stepping-model.js';

const options = { skip: skipWithout('codex'), timeout: 120_000 };

interface CodexUsage {
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_output_tokens: number;
}

interface CodexEvent {
  type: string;
  item?: { type: string; status?: string; text?: string };
  message?: string;
  error?: { message: string };
  usage?: CodexUsage;
}

interface CodexRun {
  code: number | null;
  events: CodexEvent[];
}

interface Asked {
  workshop: Workshop;
  /** With `/v1`. */
  baseUrl: string;
  apiKey: string;
  prompt: string;
  model: string;
  /** Of docs/clients/codex: what Codex may use with our models. */
  hasCatalogue?: boolean;
}

async function runCodex(t: TestContext, asked: Asked): Promise<CodexRun> {
  const { workshop, baseUrl, apiKey, prompt, model, hasCatalogue = true } = asked;
  const { home, folder } = workshop;
  const setUp = packageFile('docs', 'clients', 'codex');
  const config = readFileSync(join(setUp, 'config.toml'), 'utf8');
  const written = hasCatalogue ? config : config.replace(/^model_catalog_json.*\n/m, '');
  writeFileSync(join(home, 'config.toml'), written);
  cpSync(join(setUp, 'models.json'), join(home, 'models.json'));
  const provider = `model_providers.hadal.base_url="${baseUrl}"`;
  const options = ['exec', '--json', '--strict-config', '--skip-git-repo-check', '-C', folder];
  // The temporary folder is the sandbox here: Codex's own is not available in every container.
  const args = [...options, '-s', 'danger-full-access', '-c', provider, '-m', model, prompt];
  const { code, stdout } = await runClient(t, findClient('codex')!, args, {
    ...workshop,
    env: { CODEX_HOME: home, HADAL_API_KEY: apiKey },
  });
  return { code, events: jsonLines(stdout) };
}

/** Against the lab, as docs/clients/codex.md tries a set-up. */
async function runInLab(t: TestContext, wanted: Pick<Asked, 'model' | 'hasCatalogue'>) {
  const { server } = await startScripted(t);
  const prompt = 'Create hello.txt containing "hi there"';
  const workshop = makeWorkshop(t);
  const baseUrl = `${server.url}/lab/edit-file/v1`;
  const run = await runCodex(t, { workshop, baseUrl, apiKey: server.apiKey, prompt, ...wanted });
  assert.equal(run.code, 0, JSON.stringify(run.events));
  return { ...run, folder: workshop.folder };
}

function itemTypes(events: readonly CodexEvent[]): (string | undefined)[] {
  return events.filter(({ type }) => type === 'item.completed').map(({ item }) => item?.type);
}

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`${model}: a freeform tool (apply_patch) creates a file`, options, async (t) => {
    const { folder, events } = await runInLab(t, { model });
    assert.equal(readFileSync(join(folder, 'hello.txt'), 'utf8'), 'hi there\n');
    assert.deepEqual(itemTypes(events), ['agent_message', 'file_change', 'agent_message']);
    const last = events.at(-1);
    assert.equal(last?.type, 'turn.completed');
    const thinks = model === 'deepseek-reasoner';
    assert.equal((last.usage?.reasoning_output_tokens ?? 0) > 0, thinks);
  });
}

test('without a model catalogue: a function (the shell) creates the file', options, async (t) => {
  const { folder, events } = await runInLab(t, { model: 'deepseek-chat', hasCatalogue: false });
  assert.equal(readFileSync(join(folder, 'hello.txt'), 'utf8'), 'hi there\n');
  assert.ok(itemTypes(events).includes('command_execution'));
});

const PATCH = `*** Begin Patch
*** Update File: greeting.txt
@@
-hello world
+hello deep sea
*** End Patch`;

const STEPS: Step[] = [
  ['exec_command', { cmd: 'cat greeting.txt' }],
  ['apply_patch', { input: PATCH }],
  ['exec_command', { cmd: 'cat greeting.txt' }],
];

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`Codex with ${model} edits a file in a tool loop`, options, async (t) => {
    const workshop = makeWorkshop(t);
    const file = join(workshop.folder, 'greeting.txt');
    writeFileSync(file, 'hello world\n');
    const agent = await startAgentServer(t, STEPS);
    const { code, events } = await runCodex(t, {
      workshop,
      ...agent,
      baseUrl: `${agent.url}/v1`,
      prompt: 'Do all steps.',
      model,
    });
    assert.equal(code, 0, JSON.stringify(events));
    assert.equal(readFileSync(file, 'utf8'), 'hello deep sea\n');
    const messages = events.filter(({ item }) => item?.type === 'agent_message');
    assert.equal(messages.at(-1)?.item?.text, LAST_WORDS);

    // The reasoning travels inside the items that the client keeps and sends back.
    const thinks = model === 'deepseek-reasoner';
    const last = agent.prompts.at(-1)!;
    assert.match(last.results[2]!, /hello deep sea/);
    for (const step of STEPS.keys()) {
      assert.equal(last.text.includes(thoughtBefore(step)), thinks);
    }
    const [usage, ...others] = await agent.usage();
    assert.deepEqual(others, []);
    const counted = events.at(-1)!.usage!;
    assert.equal(usage?.requests, STEPS.length + 1);
    assert.equal(usage.promptTokens, counted.input_tokens);
    assert.equal(usage.cacheHitTokens, counted.cached_input_tokens);
    assert.equal(usage.completionTokens, counted.output_tokens);
    assert.equal(usage.reasoningTokens, counted.reasoning_output_tokens);
    assert.ok(usage.cacheHitTokens > 0);
    assert.equal(usage.reasoningTokens > 0, thinks);
  });
}

test('Codex shows that a key is wrong', options, async (t) => {
  const agent = await startAgentServer(t, []);
  const { code, events } = await runCodex(t, {
    workshop: makeWorkshop(t),
    baseUrl: `${agent.url}/v1`,
    apiKey: 'sk-wrong',
    prompt: 'Do all steps.',
    model: 'deepseek-chat',
  });
  assert.equal(code, 1);
  const failure = events.find(({ type }) => type === 'turn.failed');
  assert.match(failure?.error?.message ?? '', /Authentication Fails, Your api key/);
});
