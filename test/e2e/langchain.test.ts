// `@langchain/deepseek` against the server: messages whole and streamed, tools, structured output, and
// the thinking tool turn whose reasoning this client loses: refused by the default profile as by the
// original, healed by `agents`.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatDeepSeek } from '@langchain/deepseek';
import { z } from 'zod';
import { newKey } from '../helpers/api-key.js';
import { playedModel } from '../helpers/played-model.js';
import { startScripted, type ScriptedServerOptions } from '../helpers/scripted-server.js';

const weather = tool(({ city }: { city: string }) => (city === 'Oslo' ? '-3' : '4'), {
  name: 'weather',
  description: 'temperature of a city',
  schema: z.object({ city: z.string() }),
});

interface Options extends ScriptedServerOptions {
  model?: string;
  agents?: boolean;
  path?: string;
}

async function connect(
  t: TestContext,
  { model = 'deepseek-chat', agents = false, path = '', ...options }: Options,
) {
  const { server, backend } = await startScripted(t, options);
  const leniencies: (string | null)[] = [];
  const client = new ChatDeepSeek({
    apiKey: agents ? await newKey(server, { profile: 'agents' }) : server.apiKey,
    model,
    maxRetries: 0,
    configuration: {
      baseURL: server.url + path,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        leniencies.push(response.headers.get('x-hadal-leniency'));
        return response;
      },
    },
  });
  return { client, backend, leniencies };
}

test('invoke: text, reasoning beside it, usage', async (t) => {
  const model = playedModel({ thinking: 'Hm.', content: '97.' });
  const { client, backend } = await connect(t, { ...model, model: 'deepseek-reasoner' });
  const message = await client.invoke('A prime above 90?');
  assert.equal(message.text, '97.');
  assert.equal(message.additional_kwargs['reasoning_content'], 'Hm.');
  assert.equal(message.usage_metadata!.input_tokens, backend.requests[0]!.promptTokens.length);
  assert.equal(message.response_metadata['finish_reason'], 'stop');
});

test('stream: the pieces add up', async (t) => {
  const model = playedModel({ thinking: 'Hm, hm.', content: 'Ninety-seven.' });
  const { client } = await connect(t, { ...model, model: 'deepseek-reasoner' });
  let text = '';
  let reasoning = '';
  for await (const piece of await client.stream('A prime above 90?')) {
    text += piece.text;
    reasoning += (piece.additional_kwargs['reasoning_content'] as string | undefined) ?? '';
  }
  assert.deepEqual([reasoning, text], ['Hm, hm.', 'Ninety-seven.']);
});

/** Asks, runs the tool, asks again: what an agent on this client does. */
async function runLoop(client: ChatDeepSeek): Promise<string> {
  const messages: BaseMessage[] = [new HumanMessage('Oslo?')];
  const withTools = client.bindTools([weather]);
  for (let round = 0; round < 4; round++) {
    const message = await withTools.invoke(messages);
    messages.push(message);
    const calls = message.tool_calls ?? [];
    if (calls.length === 0) return message.text;
    for (const call of calls) {
      messages.push((await weather.invoke({ ...call, type: 'tool_call' })) as ToolMessage);
    }
  }
  throw new Error('the loop did not end');
}

const LOOP = [
  { thinking: 'I look it up.', calls: [['weather', { city: 'Oslo' }]] },
  { thinking: 'Cold.', content: 'It is -3.' },
] as const;

test('tools in chat mode', async (t) => {
  const model = playedModel(...LOOP);
  const { client, leniencies } = await connect(t, { ...model });
  assert.equal(await runLoop(client), 'It is -3.');
  assert.deepEqual(leniencies, [null, null]);
  assert.match(model.prompts[1]!, /<result>-3<\/result>/);
});

test('tools in thinking mode: the default profile refuses, as the original does', async (t) => {
  const { client } = await connect(t, { ...playedModel(...LOOP), model: 'deepseek-reasoner' });
  await assert.rejects(runLoop(client), (error: Error & { status?: number }) => {
    assert.equal(error.status, 400);
    assert.match(error.message, /Missing `reasoning_content` field .* at message index 1\./);
    return true;
  });
});

test('tools in thinking mode: the agents profile puts the reasoning back and says so', async (t) => {
  const model = playedModel(...LOOP);
  const { client, leniencies } = await connect(t, {
    ...model,
    model: 'deepseek-reasoner',
    agents: true,
  });
  assert.equal(await runLoop(client), 'It is -3.');
  assert.deepEqual(leniencies, [null, 'heal_reasoning']);
  assert.match(model.prompts[1]!, /<think>I look it up\.<\/think>/);
});

test('structured output: a forced call, or JSON mode', async (t) => {
  const schema = z.object({ city: z.string() });
  const forced = await connect(t, { path: '/lab/tool-call' });
  const byCall = forced.client.withStructuredOutput(schema, { method: 'functionCalling' });
  assert.deepEqual(await byCall.invoke('Which city?'), { city: 'Oslo' });
  const json = await connect(t, { path: '/lab/json-mode' });
  const byMode = json.client.withStructuredOutput(schema, { method: 'jsonMode' });
  assert.deepEqual(await byMode.invoke('Which city? Answer in JSON.'), { city: 'Oslo' });
});

test('structured output in thinking mode: refused, or forced without thinking', async (t) => {
  const schema = z.object({ city: z.string() });
  const options = { path: '/lab/tool-call', model: 'deepseek-reasoner' };
  const exact = await connect(t, options);
  await assert.rejects(
    exact.client.withStructuredOutput(schema, { method: 'functionCalling' }).invoke('Which?'),
    /deepseek-reasoner does not support this tool_choice/,
  );
  const agents = await connect(t, { ...options, agents: true });
  const structured = agents.client.withStructuredOutput(schema, { method: 'functionCalling' });
  assert.deepEqual(await structured.invoke('Which?'), { city: 'Oslo' });
  assert.deepEqual(agents.leniencies, ['forced_tool_choice']);
});
