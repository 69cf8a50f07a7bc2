// Claude Code, headless, through the Anthropic door: tool loops with and without thinking, cache
// hits between conversations, and what it shows when the server refuses. Set-up as in
// docs/clients/claude-code.md.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findClient, skipWithout } from '../helpers/installed-client.js';
import { makeWorkshop, runClient, startAgentServer, type Workshop } from './agent-bench.js';
import { LAST_WORDS, thoughtBefore, type Step } from './stepping-model.js';

const options = { skip: skipWithout('claude'), timeout: 120_000 };

interface Report {
  is_error: boolean;
  api_error_status: number | null;
  result: string;
  num_turns: number;
  permission_denials: unknown[];
  usage: { input_tokens: number; cache_read_input_tokens: number; output_tokens: number };
}

interface Asked {
  workshop: Workshop;
  url: string;
  apiKey: string;
  model: string;
  prompt?: string;
}

async function runClaude(
  t: TestContext,
  { workshop, url, apiKey, model, prompt = 'Do all steps.' }: Asked,
): Promise<{ code: number | null; report: Report }> {
  const args = [
    '-p',
    prompt,
    '--output-format',
    'json',
    '--allowedTools',
    'Write,Edit,Bash(cat:*)',
  ];
  const { code, stdout, stderr } = await runClient(t, findClient('claude')!, args, {
    ...workshop,
    env: {
      ANTHROPIC_BASE_URL: `${url}/anthropic`,
      ANTHROPIC_AUTH_TOKEN: apiKey,
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'deepseek-chat',
      API_TIMEOUT_MS: '600000',
      // A server that fails is to be seen at once and not after three minutes.
      CLAUDE_CODE_MAX_RETRIES: '2',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
    },
  });
  assert.match(stdout, /^\{/, stderr);
  return { code, report: JSON.parse(stdout) as Report };
}

/** Read, edit and look at a file: three calls, each with the results of those before. */
function editing(folder: string): { file: string; steps: Step[] } {
  const file = join(folder, 'greeting.txt');
  writeFileSync(file, 'hello world\n');
  const steps: Step[] = [
    ['Read', { file_path: file }],
    ['Edit', { file_path: file, old_string: 'world', new_string: 'deep sea' }],
    ['Bash', { command: `cat ${file}`, description: 'Show the file' }],
  ];
  return { file, steps };
}

interface SentBlock {
  type: string;
  thinking?: string;
  signature?: string;
}

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`Claude Code with ${model} edits a file in a tool loop`, options, async (t) => {
    const workshop = makeWorkshop(t);
    const { file, steps } = editing(workshop.folder);
    const agent = await startAgentServer(t, steps);
    const { code, report } = await runClaude(t, { workshop, ...agent, model });

    assert.equal(code, 0, report.result);
    assert.equal(report.is_error, false);
    assert.equal(report.result, LAST_WORDS);
    assert.deepEqual(report.permission_denials, []);
    assert.equal(readFileSync(file, 'utf8'), 'hello deep sea\n');

    // The last prompt holds the reasoning of every step of the loop, or none in chat mode.
    const thinks = model === 'deepseek-reasoner';
    const last = agent.prompts.at(-1)!;
    assert.equal(last.isThinking, thinks);
    assert.match(last.results[2]!, /hello deep sea/);
    for (const step of steps.keys()) {
      assert.equal(last.text.includes(thoughtBefore(step)), thinks);
    }
    const sent = JSON.parse(agent.requests.at(-1)!.body) as {
      thinking: unknown;
      messages: { role: string; content: SentBlock[] }[];
    };
    assert.deepEqual(sent.thinking, { type: 'adaptive' });
    const echoed = sent.messages
      .filter(({ role }) => role === 'assistant')
      .flatMap(({ content }) => content.filter(({ type }) => type === 'thinking'));
    assert.equal(echoed.length, thinks ? steps.length : 0);
    assert.ok(echoed.every(({ signature }) => signature !== undefined && signature !== ''));

    const [usage, ...others] = await agent.usage();
    assert.deepEqual(others, []);
    assert.equal(usage?.group, model);
    assert.equal(usage.requests, steps.length + 1);
    const { input_tokens, cache_read_input_tokens, output_tokens } = report.usage;
    assert.equal(usage.promptTokens, input_tokens + cache_read_input_tokens);
    assert.equal(usage.cacheHitTokens, cache_read_input_tokens);
    assert.equal(usage.completionTokens, output_tokens);
    assert.equal(usage.reasoningTokens > 0, thinks);
  });
}

test('a second Claude Code conversation finds the prompt of the first', options, async (t) => {
  const workshop = makeWorkshop(t);
  const file = join(workshop.folder, 'hello.txt');
  const agent = await startAgentServer(t, [['Write', { file_path: file, content: 'hi there\n' }]]);
  const ask = (prompt: string) =>
    runClaude(t, { workshop, ...agent, model: 'deepseek-chat', prompt });

  await ask('Write the file.');
  assert.equal(readFileSync(file, 'utf8'), 'hi there\n');
  const { code } = await ask('What is a trench? Look it up first.');
  assert.equal(code, 0);

  // Its first system block differs between the two, by design of the client.
  const bodies = agent.requests.filter(({ body }) => body !== '').map(({ body }) => body);
  const billing = bodies.map(
    (body) => (JSON.parse(body) as { system: { text: string }[] }).system[0],
  );
  assert.match(billing[0]!.text, /^x-anthropic-billing-header:/);
  assert.notEqual(billing[0]!.text, billing.at(-1)!.text);

  const [{ promptTokens, cacheHitTokens } = { promptTokens: 0, cacheHitTokens: 0 }] =
    await agent.usage();
  // Four requests with almost the same tools and instructions: only the first had to read them.
  assert.ok(cacheHitTokens / promptTokens > 0.7, `${cacheHitTokens} of ${promptTokens} tokens`);
});

test('Claude Code shows that a key is wrong, at once', options, async (t) => {
  const agent = await startAgentServer(t, []);
  const wrong = { workshop: makeWorkshop(t), ...agent, apiKey: 'sk-wrong', model: 'deepseek-chat' };
  const { code, report } = await runClaude(t, wrong);
  assert.equal(code, 1);
  assert.equal(report.is_error, true);
  assert.equal(report.api_error_status, 401);
  assert.match(report.result, /Authentication Fails, Your api key: \*\*\*\*rong is invalid/);
  assert.equal(agent.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('Claude Code shows that the balance is used up, at once', options, async (t) => {
  const agent = await startAgentServer(t, []);
  const { admin } = agent.server.platform;
  const account = await admin.createAccount({ name: 'prepaid' });
  const { key } = await admin.createKey({ accountId: account.id });
  const poor = { workshop: makeWorkshop(t), ...agent, apiKey: key, model: 'deepseek-chat' };
  const { code, report } = await runClaude(t, poor);
  assert.equal(code, 1);
  assert.equal(report.api_error_status, 402);
  assert.match(report.result, /Insufficient Balance/);
  assert.equal(agent.requests.filter(({ method }) => method === 'POST').length, 1);
  assert.deepEqual(await agent.usage(), []);
});
