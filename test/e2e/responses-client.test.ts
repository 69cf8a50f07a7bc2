// The official `openai` client's Responses API against the server: whole and streamed answers, a
// tool loop in thinking mode, what is refused.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import OpenAI from 'openai';
import type { FunctionTool, ResponseInput } from 'openai/resources/responses/responses';
import { playedModel, type PlayedModel } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';

async function connect(t: TestContext, model: PlayedModel, path = '/v1') {
  const { server } = await startScripted(t, model);
  return new OpenAI({ baseURL: server.url + path, apiKey: server.apiKey, maxRetries: 0 });
}

const WEATHER: FunctionTool = {
  type: 'function',
  name: 'weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

test('a whole answer under every base, with usage', async (t) => {
  const model = playedModel({ thinking: 'Hm.', content: '97.' });
  for (const path of ['', '/v1', '/beta']) {
    const client = await connect(t, model, path);
    const response = await client.responses.create({
      model: 'deepseek-reasoner',
      instructions: 'Be brief.',
      input: 'A prime above 90?',
    });
    assert.equal(response.output_text, '97.');
    assert.equal(response.status, 'completed');
    const [reasoning, message] = response.output;
    assert.ok(reasoning?.type === 'reasoning' && reasoning.content?.[0]?.text === 'Hm.');
    assert.ok(message?.type === 'message');
    const usage = response.usage!;
    assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
    assert.ok(usage.output_tokens_details.reasoning_tokens > 0);
  }
  assert.match(model.prompts[0]!, /Be brief\./);
});

test('a stream is numbered, ordered, and ends with the whole response', async (t) => {
  const client = await connect(t, playedModel({ thinking: 'Hm, hm.', content: 'Ninety-seven.' }));
  const stream = await client.responses.create({
    model: 'deepseek-reasoner',
    input: 'A prime above 90?',
    stream: true,
  });
  const types: string[] = [];
  let text = '';
  let reasoning = '';
  for await (const event of stream) {
    assert.equal(event.sequence_number, types.length);
    types.push(event.type);
    if (event.type === 'response.output_text.delta') text += event.delta;
    if (event.type === 'response.reasoning_text.delta') reasoning += event.delta;
    if (event.type === 'response.completed') assert.equal(event.response.output.length, 2);
  }
  assert.deepEqual([reasoning, text], ['Hm, hm.', 'Ninety-seven.']);
  assert.deepEqual(types.slice(0, 2), ['response.created', 'response.in_progress']);
  assert.equal(types.at(-1), 'response.completed');
});

for (const stream of [false, true]) {
  test(`a thinking tool loop gives the reasoning back, ${stream ? 'streamed' : 'whole'}`, async (t) => {
    const model = playedModel(
      { thinking: 'I look it up.', calls: [['weather', { city: 'Oslo' }]] },
      { thinking: 'Cold.', content: 'It is -3.' },
    );
    const client = await connect(t, model);
    const input: ResponseInput = [{ role: 'user', content: 'Oslo?' }];
    const request = { model: 'deepseek-reasoner', input, tools: [WEATHER] };
    const first = stream
      ? await client.responses.stream(request).finalResponse()
      : await client.responses.create(request);
    for (const item of first.output) {
      if (item.type === 'reasoning') input.push(item);
      if (item.type !== 'function_call') continue;
      assert.deepEqual([item.name, JSON.parse(item.arguments)], ['weather', { city: 'Oslo' }]);
      input.push(item, { type: 'function_call_output', call_id: item.call_id, output: '-3' });
    }
    const second = await client.responses.create(request);
    assert.equal(second.output_text, 'It is -3.');
    assert.ok(model.prompts[1]!.includes('<think>I look it up.</think>'));
    assert.ok(model.prompts[1]!.includes('<result>-3</result>'));
  });
}

test('a cut answer is incomplete; what needs a memory on the server is refused', async (t) => {
  const client = await connect(t, playedModel({ content: 'a b c d e f g h' }));
  const cut = await client.responses.create({
    model: 'deepseek-chat',
    input: 'count',
    max_output_tokens: 2,
  });
  assert.deepEqual(
    [cut.status, cut.incomplete_details?.reason],
    ['incomplete', 'max_output_tokens'],
  );
  await assert.rejects(
    client.responses.create({
      model: 'deepseek-chat',
      input: 'and then?',
      previous_response_id: cut.id,
    }),
    (error) =>
      error instanceof OpenAI.BadRequestError && /previous_response_id/.test(error.message),
  );
  await assert.rejects(
    client.responses.create({ model: 'gpt-5', input: 'hi' }),
    (error) => error instanceof OpenAI.BadRequestError && /Model Not Exist/.test(error.message),
  );
});
