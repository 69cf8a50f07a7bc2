// Cline's command line, headless, through the chat door with native tool calls, with and without
// thinking. Set-up as in docs/clients/cline.md.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findClient, skipWithout } from '../helpers/installed-client.js';
import {
  jsonLines,
  makeWorkshop,
  runClient,
  startAgentServer,
  type ClientRun,
  type Workshop,
} from './agent-bench.js';
import { LAST_WORDS, thoughtBefore, type Step } from './stepping-model.js';

const options = { skip: skipWithout('cline'), timeout: 180_000 };

interface Asked {
  workshop: Workshop;
  url: string;
  apiKey: string;
  model: string;
}

/** With a data folder of its own it stores its settings there and starts no background hub. */
async function runCline(t: TestContext, asked: Asked): Promise<ClientRun> {
  const { workshop, url, apiKey, model } = asked;
  const cline = findClient('cline')!;
  const env = { CI: '1', DO_NOT_TRACK: '1', CLINE_NO_AUTO_UPDATE: '1' };
  const state = ['--data-dir', join(workshop.home, 'data')];
  const account = ['-p', 'openai', '-k', apiKey, '-m', model, '-b', `${url}/v1`];
  const setUp = await runClient(t, cline, ['auth', ...account, ...state], { ...workshop, env });
  assert.equal(setUp.code, 0, setUp.stderr);
  const prompt = 'Do all steps.';
  const args = ['--json', '-P', 'openai', '-m', model, ...state, prompt];
  return runClient(t, cline, args, { ...workshop, env });
}

interface ClineLine {
  type: string;
  finishReason?: string;
  text?: string;
  usage?: { inputTokens: number; outputTokens: number; cacheReadTokens: number };
}

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`Cline with ${model} edits a file`, options, async (t) => {
    const workshop = makeWorkshop(t);
    const file = join(workshop.folder, 'greeting.txt');
    writeFileSync(file, 'hello world\n');
    const steps: Step[] = [
      ['read_files', { files: [{ path: file }] }],
      ['editor', { path: file, old_text: 'world', new_text: 'deep sea' }],
      ['run_commands', { commands: [`cat ${file}`] }],
    ];
    const agent = await startAgentServer(t, steps);
    const { code, stdout, stderr } = await runCline(t, { workshop, ...agent, model });

    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(file, 'utf8'), 'hello deep sea\n', stdout.slice(-2000));
    const result = jsonLines<ClineLine>(stdout).findLast(({ type }) => type === 'run_result');
    assert.equal(result?.finishReason, 'completed');
    assert.equal(result.text, LAST_WORDS);

    const thinks = model === 'deepseek-reasoner';
    const last = agent.prompts.at(-1)!;
    assert.equal(last.isThinking, thinks);
    assert.match(last.results[2]!, /hello deep sea/);
    for (const step of steps.keys()) {
      assert.equal(last.text.includes(thoughtBefore(step)), thinks);
    }
    const [usage, ...others] = await agent.usage();
    assert.deepEqual(others, []);
    assert.equal(usage?.requests, steps.length + 1);
    assert.equal(usage.promptTokens, result.usage?.inputTokens);
    assert.equal(usage.cacheHitTokens, result.usage?.cacheReadTokens);
    assert.equal(usage.completionTokens, result.usage?.outputTokens);
    assert.ok(usage.cacheHitTokens > 0);
    assert.equal(usage.reasoningTokens > 0, thinks);
  });
}

test('Cline shows that a key is wrong', options, async (t) => {
  const agent = await startAgentServer(t, []);
  const asked = { workshop: makeWorkshop(t), ...agent, model: 'deepseek-chat' };
  const { code, stdout, stderr } = await runCline(t, { ...asked, apiKey: 'sk-wrong' });
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /Authentication Fails, Your api key: \*\*\*\*rong is invalid/);
});
