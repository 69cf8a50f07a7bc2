// The frames of the Anthropic door through the parsers that clients use (client notes: SDK 1.12, AI
// SDK with @ai-sdk/anthropic 3): a fetch stub answers with the door's bytes.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import { requestContext } from '../../../test/helpers/request-context.js';
import type { ReplyEvent } from '../../chat/types.js';
import { ApiError } from '../api-error.js';
import { messagesDoor } from './messages-door.js';

const ID = '91c0d4a1-0000-4000-8000-000000000000';
const USAGE = {
  promptTokens: 74,
  cacheHitTokens: 64,
  cacheMissTokens: 10,
  completionTokens: 9,
  reasoningTokens: 3,
};
const FIRST_TURN: ReplyEvent[] = [
  { type: 'start', promptTokens: 74, cacheHitTokens: 64 },
  { type: 'reasoning-start' },
  { type: 'reasoning-delta', text: 'I need ' },
  { type: 'reasoning-delta', text: 'the weather.' },
  { type: 'reasoning-end' },
  { type: 'content-start' },
  { type: 'content-delta', text: 'One moment' },
  { type: 'content-delta', text: ' 🌍.' },
  { type: 'content-end' },
  { type: 'tool-call-start', index: 0, id: 'call_00_a', name: 'weather' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: '{"city": "Os' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: 'lo", "days": 2}' },
  { type: 'tool-call-end', index: 0 },
  { type: 'finish', reason: 'tool_calls', usage: USAGE },
];
const SECOND_TURN: ReplyEvent[] = [
  { type: 'start', promptTokens: 90, cacheHitTokens: 64 },
  { type: 'content-start' },
  { type: 'content-delta', text: 'It rains.' },
  { type: 'content-end' },
  { type: 'finish', reason: 'stop', usage: USAGE },
];
const FAILED_TURN: ReplyEvent[] = [
  SECOND_TURN[0]!,
  { type: 'finish', reason: 'aborted', usage: USAGE },
];

/** A server in a function: the door, answering with the given turns in order. Sockets are cut anywhere. */
function doorFetch(...turns: ReplyEvent[][]): typeof fetch {
  return async (_url, init) => {
    try {
      const parsed = messagesDoor.parse(Buffer.from(String(init?.body)), requestContext());
      const header = { id: ID, created: 0, mode: parsed.mode, systemFingerprint: 'fp' };
      const events = turns.shift();
      assert.ok(events, 'more requests than turns');
      if (parsed.stream) {
        const stream = parsed.newStream(header);
        const frames = stream.keepAlive + events.map((event) => stream.next(event)).join('');
        return new Response(inPieces(Buffer.from(frames)), {
          headers: { 'content-type': 'text/event-stream; charset=utf-8' },
        });
      }
      const body = parsed.newBody(header);
      for (const event of events) body.accept(event);
      return new Response(body.text(), { headers: { 'content-type': 'application/json' } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return new Response(messagesDoor.errorBody(error), {
        status: error.status,
        headers: { 'content-type': 'application/json' },
      });
    }
  };
}

function inPieces(bytes: Buffer): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) {
        controller.enqueue(new Uint8Array(bytes.subarray(at, at + 7)));
      }
      controller.close();
    },
  });
}

globalThis.AI_SDK_LOG_WARNINGS = false;

const TOOLS: Anthropic.Tool[] = [
  {
    name: 'weather',
    input_schema: { type: 'object', properties: { city: { type: 'string' } } },
  },
];

function anthropicClient(...turns: ReplyEvent[][]): Anthropic {
  return new Anthropic({ apiKey: 'key', fetch: doorFetch(...turns), maxRetries: 0 });
}

const REQUEST = {
  model: 'deepseek-reasoner',
  max_tokens: 1000,
  tools: TOOLS,
  messages: [{ role: 'user' as const, content: 'Weather in Oslo?' }],
};

test('the Anthropic SDK reads a stream as it reads the whole reply', async () => {
  const client = anthropicClient(FIRST_TURN, FIRST_TURN);
  const seen: string[] = [];
  const streamed = await client.messages
    .stream(REQUEST)
    .on('streamEvent', ({ type }) => seen.push(type))
    .finalMessage();
  const whole = await client.messages.create(REQUEST);
  // Without what the stream helper adds of its own.
  const { stop_details: _, ...plain } = { ...streamed, parsed_output: undefined };
  assert.deepEqual(plain, { ...whole, parsed_output: undefined });
  assert.deepEqual(whole.content, [
    { type: 'thinking', thinking: 'I need the weather.', signature: ID },
    { type: 'text', text: 'One moment 🌍.' },
    { type: 'tool_use', id: 'call_00_a', name: 'weather', input: { city: 'Oslo', days: 2 } },
  ]);
  assert.equal(whole.stop_reason, 'tool_use');
  assert.equal(whole.usage.cache_read_input_tokens, 64);
  assert.equal(seen[0], 'message_start');
  assert.equal(seen.at(-1), 'message_stop');
});

test('a tool round trip of the Anthropic SDK: blocks go back as they came', async () => {
  const client = anthropicClient(FIRST_TURN, SECOND_TURN);
  const first = await client.messages.stream(REQUEST).finalMessage();
  const result = { type: 'tool_result' as const, tool_use_id: 'call_00_a', content: 'rain' };
  const second = await client.messages.create({
    ...REQUEST,
    messages: [
      ...REQUEST.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ],
  });
  assert.deepEqual(second.content.at(-1), { type: 'text', text: 'It rains.' });
});

test('the Anthropic SDK shows the message of a refusal and of a failed stream', async () => {
  const client = anthropicClient(FAILED_TURN);
  await assert.rejects(
    client.messages.create({ ...REQUEST, tool_choice: { type: 'any' } }),
    (error: unknown) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.match(error.message, /deepseek-reasoner does not support this tool_choice/);
      assert.equal(error.type, 'invalid_request_error');
      return true;
    },
  );
  await assert.rejects(client.messages.stream(REQUEST).finalMessage(), /overloaded_error/);
});

function aiModel(...turns: ReplyEvent[][]) {
  const provider = createAnthropic({
    apiKey: 'key',
    baseURL: 'http://localhost/anthropic/v1',
    fetch: doorFetch(...turns),
  });
  return provider('deepseek-reasoner');
}

const WEATHER = tool({
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  }),
  execute: ({ city }) => Promise.resolve(`rain in ${city}`),
});

test('the AI SDK runs a streamed tool loop to its end', async () => {
  const result = streamText({
    model: aiModel(FIRST_TURN, SECOND_TURN),
    prompt: 'Weather in Oslo?',
    tools: { weather: WEATHER },
    stopWhen: ({ steps }) => steps.length === 2,
    onError: ({ error }) => assert.fail(String(error)),
  });
  const steps = await result.steps;
  assert.equal(steps.length, 2);
  assert.equal(steps[0]!.reasoningText, 'I need the weather.');
  assert.equal(steps[0]!.text, 'One moment 🌍.');
  assert.deepEqual(steps[0]!.toolCalls[0]!.input, { city: 'Oslo', days: 2 });
  assert.equal(steps[0]!.finishReason, 'tool-calls');
  assert.equal(steps[0]!.usage.inputTokens, 74);
  assert.equal(steps[0]!.usage.outputTokens, 9);
  assert.equal(steps[1]!.text, 'It rains.');
  assert.equal(steps[1]!.finishReason, 'stop');
});

test('the AI SDK reads the whole reply', async () => {
  const { text, reasoningText, toolCalls, usage } = await generateText({
    model: aiModel(FIRST_TURN),
    prompt: 'Weather in Oslo?',
    tools: { weather: { ...WEATHER, execute: undefined } },
  });
  assert.equal(reasoningText, 'I need the weather.');
  assert.equal(text, 'One moment 🌍.');
  assert.deepEqual(toolCalls[0]!.input, { city: 'Oslo', days: 2 });
  assert.equal(usage.inputTokens, 74);
});
