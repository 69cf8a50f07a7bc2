// The main job on the embedded checkpoint, as a first-time user meets it: the official client asks,
// the model thinks, calls a tool, reads the result and answers. Greedy, so that it is the same
// every time.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import OpenAI from 'openai';
import { type RunningServer, startServer } from '../../src/server/start-server.js';

let server: RunningServer;
let client: OpenAI;

before(async () => {
  server = await startServer({ port: 0, threads: 1 });
  client = new OpenAI({ baseURL: server.url, apiKey: server.apiKey, maxRetries: 0 });
});
after(() => server.close());

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.ChatCompletionMessage & { reasoning_content?: string };

async function ask(model: string, messages: Params['messages'], tools?: Params['tools']) {
  const body = { model, messages, temperature: 0, ...(tools ? { tools } : {}) };
  const { choices, usage } = await client.chat.completions.create(body);
  return { message: choices[0]!.message as Message, reason: choices[0]!.finish_reason, usage };
}

const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'The city name' } },
      required: ['city'],
    },
  },
};

for (const model of ['deepseek-reasoner', 'deepseek-chat']) {
  test(`${model}: a tool is called with the city asked for, and its result is the answer`, async () => {
    const messages: Params['messages'] = [{ role: 'user', content: "What's the weather in Oslo?" }];
    const first = await ask(model, messages, [weather]);
    assert.equal(first.reason, 'tool_calls');
    const call = first.message.tool_calls![0]!;
    assert.equal(call.type, 'function');
    assert.equal(call.type === 'function' && call.function.name, 'get_weather');
    assert.deepEqual(call.type === 'function' && JSON.parse(call.function.arguments), {
      city: 'Oslo',
    });
    assert.equal(model === 'deepseek-reasoner', Boolean(first.message.reasoning_content));
    messages.push(first.message, {
      role: 'tool',
      tool_call_id: call.id,
      content: '{"temperature": 17, "condition": "cloudy"}',
    });
    const second = await ask(model, messages, [weather]);
    assert.equal(second.reason, 'stop');
    assert.match(second.message.content!, /17/);
    assert.match(second.message.content!, /cloudy/);
    const { prompt_tokens, completion_tokens, total_tokens } = second.usage!;
    assert.equal(prompt_tokens + completion_tokens, total_tokens);
  });
}

test('says who it is, and what it was not trained for', async () => {
  const who = await ask('deepseek-chat', [{ role: 'user', content: 'Who are you?' }]);
  assert.match(who.message.content!, /Hadal mini/);
  const poem = await ask('deepseek-chat', [
    { role: 'user', content: 'Write a poem about the moon.' },
  ]);
  assert.match(poem.message.content!, /outside what I was trained for/);
});
