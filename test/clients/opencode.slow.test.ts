// opencode, headless, through the chat door and the Anthropic door, with and without thinking.
// Set-up as in docs/clients/opencode.md; its two adapter packages are inside the binary.

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

const options = { skip: skipWithout('opencode'), timeout: 180_000 };

const DOORS = [
  { npm: '@ai-sdk/openai-compatible', base: '/v1', door: '/v1/chat/completions' },
  { npm: '@ai-sdk/anthropic', base: '/anthropic/v1', door: '/anthropic/v1/messages' },
];

function configOf({ npm, baseURL }: { npm: string; baseURL: string }) {
  return {
    $schema: 'https://opencode.ai/config.json',
    share: 'disabled',
    autoupdate: false,
    provider: {
      hadal: {
        npm,
        name: 'Hadal',
        options: { baseURL, apiKey: '{env:HADAL_API_KEY}' },
        models: {
          'deepseek-chat': {
            name: 'DeepSeek-V3.2',
            tool_call: true,
            limit: { context: 131_072, output: 8192 },
          },
          'deepseek-reasoner': {
            name: 'DeepSeek-V3.2, thinking',
            reasoning: true,
            tool_call: true,
            limit: { context: 131_072, output: 65_536 },
          },
        },
      },
    },
    small_model: 'hadal/deepseek-chat',
    permission: { edit: 'allow', bash: 'allow' },
  };
}

interface Asked {
  workshop: Workshop;
  url: string;
  apiKey: string;
  npm: string;
  base: string;
  model: string;
}

function runOpencode(t: TestContext, asked: Asked): Promise<ClientRun> {
  const { workshop, url, apiKey, npm, base, model } = asked;
  const config = configOf({ npm, baseURL: url + base });
  writeFileSync(join(workshop.folder, 'opencode.json'), JSON.stringify(config));
  const args = ['run', '--format', 'json', '-m', `hadal/${model}`, 'Do all steps.'];
  return runClient(t, findClient('opencode')!, args, {
    ...workshop,
    env: {
      HADAL_API_KEY: apiKey,
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    },
  });
}

interface OpencodeEvent {
  type: string;
  part?: {
    text?: string;
    state?: { status: string };
    tokens?: { reasoning: number; cache: { read: number } };
  };
  error?: { name: string; data?: { message?: string; statusCode?: number } };
}

for (const { npm, base, door } of DOORS) {
  for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
    test(`opencode with ${npm} and ${model} edits a file`, options, async (t) => {
      const workshop = makeWorkshop(t);
      const file = join(workshop.folder, 'greeting.txt');
      writeFileSync(file, 'hello world\n');
      const steps: Step[] = [
        ['read', { filePath: file }],
        ['edit', { filePath: file, oldString: 'world', newString: 'deep sea' }],
        ['bash', { command: `cat ${file}`, description: 'Show the file' }],
      ];
      const agent = await startAgentServer(t, steps);
      const { code, stdout, stderr } = await runOpencode(t, {
        workshop,
        ...agent,
        npm,
        base,
        model,
      });

      assert.equal(code, 0, stderr);
      assert.equal(readFileSync(file, 'utf8'), 'hello deep sea\n', stdout);
      const events = jsonLines<OpencodeEvent>(stdout);
      const outcomes = events.filter(({ type }) => type === 'tool_use');
      assert.deepEqual(
        outcomes.map(({ part }) => part?.state?.status),
        ['completed', 'completed', 'completed'],
      );
      assert.equal(events.findLast(({ type }) => type === 'text')?.part?.text, LAST_WORDS);
      const tokens = events.findLast(({ type }) => type === 'step_finish')?.part?.tokens;
      assert.ok(tokens && tokens.cache.read > 0);

      const thinks = model === 'deepseek-reasoner';
      const last = agent.prompts.at(-1)!;
      assert.equal(last.isThinking, thinks);
      for (const step of steps.keys()) {
        assert.equal(last.text.includes(thoughtBefore(step)), thinks);
      }
      assert.ok(agent.requests.every(({ path }) => path.startsWith(door)));
      const usage = (await agent.usage()).find(({ group }) => group === model);
      assert.ok(usage && usage.requests >= steps.length + 1);
      assert.ok(usage.cacheHitTokens > 0);
      assert.equal(usage.reasoningTokens > 0, thinks);
    });
  }

  test(`opencode with ${npm} shows that a key is wrong`, options, async (t) => {
    const agent = await startAgentServer(t, []);
    const asked = { workshop: makeWorkshop(t), ...agent, npm, base, model: 'deepseek-chat' };
    const { stdout } = await runOpencode(t, { ...asked, apiKey: 'sk-wrong' });
    const failure = jsonLines<OpencodeEvent>(stdout).find(({ type }) => type === 'error');
    assert.equal(failure?.error?.data?.statusCode, 401, stdout);
    assert.match(failure.error.data.message ?? '', /Authentication Fails, Your api key/);
  });
}
