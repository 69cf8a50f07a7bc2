// The official `openai` client with what the platform adds to OpenAI's API: prefix completion, FIM
// and strict tools under /beta, JSON mode, thinking by an extra field, reasoning kept in a loop.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import OpenAI from 'openai';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import { playedModel, type PlayedModel } from '../helpers/played-model.js';
import { EOS, startScripted } from '../helpers/scripted-server.js';

async function connect(t: TestContext, model: Pick<PlayedModel, 'complete'>, path = '/beta') {
  const { server, backend } = await startScripted(t, model);
  const baseURL = server.url + path;
  return { client: new OpenAI({ baseURL, apiKey: server.apiKey, maxRetries: 0 }), backend };
}

const WEATHER: ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'weather',
    strict: true,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

test('prefix completion continues the last message up to the stop sequence', async (t) => {
  const model = playedModel({ content: 'print("hi")\n```\nThat was it.' });
  const { client } = await connect(t, model);
  const messages = [
    { role: 'user', content: 'Say hi in Python.' },
    { role: 'assistant', content: '```python\n', prefix: true },
  ] as ChatCompletionMessageParam[];
  const { choices } = await client.chat.completions.create({
    model: 'deepseek-chat',
    messages,
    stop: ['```'],
  });
  assert.equal(choices[0]!.message.content, 'print("hi")\n');
  assert.equal(choices[0]!.finish_reason, 'stop');
  assert.ok(model.prompts[0]!.endsWith('</think>```python\n'));

  const { client: main } = await connect(t, model, '/v1');
  await assert.rejects(
    main.chat.completions.create({ model: 'deepseek-chat', messages }),
    /prefix is only available when using beta api/,
  );
});

test('fill in the middle, whole and streamed', async (t) => {
  const complete = () => `    return a${EOS}`;
  const { client, backend } = await connect(t, { complete });
  const request = { model: 'deepseek-chat', prompt: 'def f(a):\n', suffix: '\n\nf(1)' };
  const whole = await client.completions.create({ ...request, max_tokens: 64 });
  assert.equal(whole.choices[0]!.text, '    return a');
  assert.equal(whole.choices[0]!.finish_reason, 'stop');
  assert.equal(whole.usage!.prompt_tokens, backend.requests[0]!.promptTokens.length);
  let streamed = '';
  let reason: string | null = null;
  for await (const { choices } of await client.completions.create({ ...request, stream: true })) {
    streamed += choices[0]!.text;
    reason = choices[0]!.finish_reason ?? reason;
  }
  assert.deepEqual([streamed, reason], ['    return a', 'stop']);

  const { client: main } = await connect(t, { complete }, '');
  await assert.rejects(
    main.completions.create(request),
    /completions api is only available when using beta api/,
  );
});

test('strict tools: the schema is checked before anything is generated', async (t) => {
  const model = playedModel({ calls: [['weather', { city: 'Oslo' }]] });
  const { client } = await connect(t, model);
  const messages = [{ role: 'user' as const, content: 'Oslo?' }];
  const ask = (tool: ChatCompletionTool) =>
    client.chat.completions.create({ model: 'deepseek-chat', messages, tools: [tool] });
  const { choices } = await ask(WEATHER);
  assert.equal(choices[0]!.finish_reason, 'tool_calls');
  assert.ok(WEATHER.type === 'function');
  const loose = { ...WEATHER.function.parameters, required: [] };
  await assert.rejects(
    ask({ type: 'function', function: { ...WEATHER.function, parameters: loose } }),
    (error) =>
      error instanceof OpenAI.BadRequestError &&
      /Invalid schema for function 'weather'/.test(error.message),
  );
  assert.equal(model.prompts.length, 1);
});

test('JSON mode: an instruction reaches the prompt, the object comes back', async (t) => {
  const model = playedModel({ content: '{"prime": 97}' });
  const { client } = await connect(t, model, '');
  const ask = (content: string) =>
    client.chat.completions.create({
      model: 'deepseek-chat',
      messages: [{ role: 'user', content }],
      response_format: { type: 'json_object' },
    });
  const { choices } = await ask('A prime above 90, as JSON.');
  assert.deepEqual(JSON.parse(choices[0]!.message.content!), { prime: 97 });
  await assert.rejects(ask('A prime above 90.'), /Prompt must contain the word 'json'/);
  await assert.rejects(
    client.chat.completions.create({
      model: 'deepseek-chat',
      messages: [{ role: 'user', content: 'json' }],
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: {} } },
    }),
    /This response_format type is unavailable now/,
  );
});

type ThinkingParams = ChatCompletionCreateParamsNonStreaming & {
  thinking: { type: 'enabled' | 'disabled' };
};

test('thinking by the extra field: two rounds of tools keep every reasoning', async (t) => {
  const model = playedModel(
    { thinking: 'First Oslo.', calls: [['weather', { city: 'Oslo' }]] },
    { thinking: 'Then Bergen.', calls: [['weather', { city: 'Bergen' }]] },
    { thinking: 'Compare.', content: 'Oslo is colder.' },
    { thinking: 'New question.', content: 'You are welcome.' },
  );
  const { client } = await connect(t, model, '/v1');
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Which is colder?' }];
  const request: ThinkingParams = {
    model: 'deepseek-chat',
    messages,
    tools: [WEATHER],
    thinking: { type: 'enabled' },
  };
  for (const temperature of ['-3', '4']) {
    const { choices } = await client.chat.completions.create(request);
    const { message } = choices[0]!;
    messages.push(message, {
      role: 'tool',
      tool_call_id: message.tool_calls![0]!.id,
      content: temperature,
    });
  }
  const { choices } = await client.chat.completions.create(request);
  assert.equal(choices[0]!.message.content, 'Oslo is colder.');
  const third = model.prompts[2]!;
  assert.ok(third.includes('First Oslo.</think>') && third.includes('Then Bergen.</think>'));

  messages.push(choices[0]!.message, { role: 'user', content: 'Thanks.' });
  await client.chat.completions.create(request);
  assert.doesNotMatch(model.prompts[3]!, /First Oslo|Then Bergen|Compare/);
});
