// The official SDK against the door: its types, its stream helper, and a tool round trip in thinking
// mode that sends back what it got.

import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import type { ResponseInputItem, Tool } from 'openai/resources/responses/responses';
import { ApiError } from '../api-error.js';
import type { ChatRequest } from '../../chat/types.js';
import { bodyText, eventsOf, parseRequest, streamText, type Reply } from './door-fixtures.js';
import { responsesDoor } from './responses-door.js';

interface FakeServer {
  client: OpenAI;
  requests: ChatRequest[];
}

/** Answers with the given replies in turn. */
function serve(...replies: Reply[]): FakeServer {
  const requests: ChatRequest[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    assert.equal(String(url), 'http://hadal.test/v1/responses');
    try {
      const parsed = parseRequest(JSON.parse(String(init?.body)) as Record<string, unknown>);
      const events = eventsOf(replies[requests.length] ?? {});
      requests.push(parsed.chat);
      return parsed.stream
        ? respond(200, 'text/event-stream', streamText(parsed, events))
        : respond(200, 'application/json', bodyText(parsed, events));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return respond(error.status, 'application/json', responsesDoor.errorBody(error));
    }
  };
  const client = new OpenAI({
    apiKey: 'sk-x',
    baseURL: 'http://hadal.test/v1',
    fetch,
    maxRetries: 0,
  });
  return { client, requests };
}

function respond(status: number, type: string, body: string): Response {
  return new Response(body, { status, headers: { 'content-type': type } });
}

const TOOLS: Tool[] = [
  { type: 'function', name: 'temp', strict: false, parameters: { type: 'object', properties: {} } },
  { type: 'custom', name: 'patch', format: { type: 'text' } },
];

test('a plain answer', async () => {
  const { client } = serve({ content: ['Hel', 'lo'] });
  const response = await client.responses.create({ model: 'deepseek-chat', input: 'Hi' });
  assert.equal(response.output_text, 'Hello');
  assert.equal(response.status, 'completed');
  assert.equal(response.usage?.total_tokens, 107);
});

test('the stream helper follows every item', async () => {
  const { client } = serve({
    reasoning: ['hm'],
    content: ['Hel', 'lo'],
    calls: [
      { name: 'temp', pieces: ['{"a":', '1}'] },
      { name: 'patch', pieces: ['{"input":"x', '\\ny"}'] },
    ],
  });
  const stream = client.responses.stream({
    model: 'deepseek-reasoner',
    input: 'Hi',
    tools: TOOLS,
    stream: true,
  });
  const deltas: string[] = [];
  stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
  const response = await stream.finalResponse();
  assert.deepEqual(deltas, ['Hel', 'lo']);
  const [reasoning, message, called, patched] = response.output;
  assert.ok(reasoning?.type === 'reasoning' && reasoning.content?.[0]?.text === 'hm');
  assert.ok(message?.type === 'message');
  assert.ok(called?.type === 'function_call' && called.arguments === '{"a":1}');
  assert.ok(patched?.type === 'custom_tool_call' && patched.input === 'x\ny');
});

test('a tool round trip in thinking mode keeps the reasoning', async () => {
  const { client, requests } = serve(
    { reasoning: ['which city?'], calls: [{ name: 'temp', pieces: ['{}'] }] },
    { reasoning: ['cold'], content: ['-3'] },
  );
  const model = 'deepseek-reasoner';
  const input: ResponseInputItem[] = [{ role: 'user', content: 'How cold is it?' }];
  const first = await client.responses.create({
    model,
    input,
    tools: TOOLS,
    include: ['reasoning.encrypted_content'],
  });
  const [reasoning, call] = first.output;
  assert.ok(reasoning?.type === 'reasoning' && call?.type === 'function_call');
  // As Codex did before it kept the readable text.
  input.push({ ...reasoning, content: [] }, call);
  input.push({ type: 'function_call_output', call_id: call.call_id, output: '-3' });
  const second = await client.responses.create({ model, input, tools: TOOLS });
  assert.equal(second.output_text, '-3');
  assert.deepEqual(requests[1]?.messages, [
    { role: 'user', content: 'How cold is it?' },
    {
      role: 'assistant',
      content: '',
      reasoningContent: 'which city?',
      toolCalls: [{ id: 'call_00_x', name: 'temp', arguments: '{}' }],
    },
    { role: 'tool', content: '-3', toolCallId: 'call_00_x' },
  ]);
});

test('ends other than completion', async () => {
  const { client } = serve(
    { content: ['cu'], reason: 'length' },
    { content: ['lo'], reason: 'aborted' },
  );
  const cut = await client.responses.create({ model: 'deepseek-chat', input: 'Hi' });
  assert.deepEqual(
    [cut.status, cut.incomplete_details?.reason],
    ['incomplete', 'max_output_tokens'],
  );
  const stream = client.responses.stream({ model: 'deepseek-chat', input: 'Hi' });
  const lost = await stream.finalResponse();
  assert.deepEqual([lost.status, lost.error?.code], ['failed', 'server_error']);
});

test('refusals arrive as errors with the message', async () => {
  const { client } = serve();
  await assert.rejects(
    client.responses.create({ model: 'gpt-5', input: 'Hi' }),
    (error) => error instanceof OpenAI.BadRequestError && /Model Not Exist/.test(error.message),
  );
});
