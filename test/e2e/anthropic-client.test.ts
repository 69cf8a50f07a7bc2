// The official Anthropic SDK against the server: messages whole and streamed, a thinking tool loop,
// token counts, both ways to send the key, the beta path, errors.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import { playedModel, type PlayedModel } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';

async function connect(t: TestContext, model: PlayedModel, options: ClientOptions = {}) {
  const { server, backend } = await startScripted(t, model);
  const client = new Anthropic({
    baseURL: `${server.url}/anthropic`,
    apiKey: server.apiKey,
    authToken: null,
    maxRetries: 0,
    ...options,
  });
  return { client, server, backend };
}

const REQUEST = {
  model: 'deepseek-chat',
  max_tokens: 1000,
  messages: [{ role: 'user' as const, content: 'Oslo?' }],
};

const WEATHER: Anthropic.Tool = {
  name: 'weather',
  description: 'weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

test('a whole message with either header for the key; usage and names', async (t) => {
  const model = playedModel({ content: 'Cold.' });
  const { client, server, backend } = await connect(t, model);
  const bearer = new Anthropic({
    baseURL: client.baseURL,
    apiKey: null,
    authToken: server.apiKey,
    maxRetries: 0,
  });
  for (const each of [client, bearer]) {
    const message = await each.messages.create({
      ...REQUEST,
      model: 'claude-sonnet-4-20250514',
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: 'u1' },
    });
    assert.deepEqual(message.content, [{ type: 'text', text: 'Cold.' }]);
    assert.deepEqual([message.model, message.stop_reason], ['deepseek-chat', 'end_turn']);
    const { input_tokens, output_tokens, cache_read_input_tokens } = message.usage;
    const { length } = backend.requests.at(-1)!.promptTokens;
    assert.equal(input_tokens + (cache_read_input_tokens ?? 0), length);
    assert.ok(output_tokens > 0);
  }
  assert.match(model.prompts[0]!, /Be brief\./);
});

test('count_tokens is what the message is billed for', async (t) => {
  const { client } = await connect(t, playedModel({ content: 'Cold.' }));
  const request = { ...REQUEST, tools: [WEATHER], system: 'Be brief.' };
  const { max_tokens: _, ...counted } = request;
  const { input_tokens } = await client.messages.countTokens(counted);
  const { usage } = await client.messages.create(request);
  assert.equal(input_tokens, usage.input_tokens + (usage.cache_read_input_tokens ?? 0));
});

for (const stream of [false, true]) {
  test(`a thinking tool loop of two rounds, ${stream ? 'streamed' : 'whole'}`, async (t) => {
    const model = playedModel(
      { thinking: 'First Oslo.', content: 'One moment.', calls: [['weather', { city: 'Oslo' }]] },
      { thinking: 'Then Bergen.', calls: [['weather', { city: 'Bergen' }]] },
      { thinking: 'Compare.', content: 'Oslo is colder.' },
    );
    const { client } = await connect(t, model);
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Which is colder?' }];
    const request = {
      ...REQUEST,
      messages,
      max_tokens: 20_000,
      tools: [WEATHER],
      thinking: { type: 'enabled' as const, budget_tokens: 8000 },
    };
    const next = () =>
      stream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
    let message = await next();
    assert.deepEqual(
      message.content.map(({ type }) => type),
      ['thinking', 'text', 'tool_use'],
    );
    for (let round = 0; message.stop_reason === 'tool_use'; round++) {
      assert.ok(round < 2);
      const use = message.content.find((block) => block.type === 'tool_use')!;
      messages.push(
        { role: 'assistant', content: message.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: use.id, content: JSON.stringify(use.input) },
          ],
        },
      );
      message = await next();
    }
    assert.deepEqual(message.content.at(-1), { type: 'text', text: 'Oslo is colder.' });
    assert.equal(message.model, 'deepseek-reasoner');
    const last = model.prompts.at(-1)!;
    assert.ok(last.includes('First Oslo.</think>') && last.includes('Then Bergen.</think>'));
    assert.ok(last.includes('<result>{"city":"Bergen"}</result>'));
  });
}

/** It asks the server to keep the conversation first, and sends it whole when that is refused. */
test('the tool runner of the beta API drives the loop by itself', async (t) => {
  for (const thread of [undefined, false] as const) {
    const model = playedModel(
      { thinking: 'Look.', calls: [['weather', { city: 'Oslo' }]] },
      { thinking: 'Cold.', content: 'It is -3 in Oslo.' },
    );
    const statuses: number[] = [];
    const { client } = await connect(t, model, {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        statuses.push(response.status);
        return response;
      },
    });
    const { content } = await client.beta.messages.toolRunner({
      model: 'deepseek-reasoner',
      max_tokens: 1000,
      messages: [{ role: 'user', content: 'Oslo?' }],
      betas: ['interleaved-thinking-2025-05-14'],
      tools: [
        {
          ...WEATHER,
          type: 'custom',
          run: (input: unknown) => `-3 for ${JSON.stringify(input)}`,
          parse: (input: unknown) => input,
        },
      ],
      ...(thread === false && { thread }),
    });
    assert.ok(content.some((block) => block.type === 'text' && /-3 in Oslo/.test(block.text)));
    assert.match(model.prompts[1]!, /Look\.<\/think>/);
    assert.deepEqual(statuses, thread === false ? [200, 200] : [400, 200, 200]);
  }
});

test('a thread of the beta API says what to do instead', async (t) => {
  const { client } = await connect(t, playedModel({ content: 'Hi.' }));
  const thread = client.beta.messages.thread({ model: 'deepseek-chat', max_tokens: 10 });
  await assert.rejects(
    thread.send({ role: 'user', content: 'hi' }),
    /Send all messages with every/,
  );
});

const LAB_FAILURES = [
  ['content-risk', Anthropic.BadRequestError, 'invalid_request_error'],
  ['unauthorized', Anthropic.AuthenticationError, 'authentication_error'],
  ['insufficient-balance', Anthropic.APIError, 'billing_error'],
  ['not-found', Anthropic.NotFoundError, null], // without a body, like every path that is not there
  ['rate-limit', Anthropic.RateLimitError, 'rate_limit_error'],
  ['internal-error', Anthropic.InternalServerError, 'api_error'],
  ['overloaded', Anthropic.InternalServerError, 'overloaded_error'],
] as const;

test('failures arrive as the classes and types that this SDK knows', async (t) => {
  const { client, server } = await connect(t, playedModel({}));
  for (const [scenario, expected, type] of LAB_FAILURES) {
    const baseURL = `${server.url}/lab/${scenario}/anthropic`;
    const broken = new Anthropic({ baseURL, apiKey: server.apiKey, maxRetries: 0 });
    for (const stream of [false, true]) {
      await assert.rejects(broken.messages.create({ ...REQUEST, stream }), (error) => {
        assert.ok(error instanceof expected, `${scenario}: ${String(error)}`);
        assert.equal(error.type, type, scenario);
        return true;
      });
    }
  }
  const stranger = new Anthropic({ baseURL: client.baseURL, apiKey: 'sk-no', maxRetries: 0 });
  await assert.rejects(stranger.messages.create(REQUEST), /Your api key: \*\*\*\*k-no is invalid/);
  const dying = new Anthropic({
    baseURL: `${server.url}/lab/mid-stream-failure/anthropic`,
    apiKey: server.apiKey,
    maxRetries: 0,
  });
  await assert.rejects(dying.messages.stream(REQUEST).finalMessage(), /overloaded_error/);
});

test('a list of models for clients that ask', async (t) => {
  const { client } = await connect(t, playedModel({}));
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  assert.deepEqual(ids, ['deepseek-chat', 'deepseek-reasoner']);
});
