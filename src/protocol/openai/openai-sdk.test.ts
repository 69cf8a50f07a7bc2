// The OpenAI SDK in front of the doors, without a server: what it sends is accepted, and what the
// writers write is read back as it was meant (api reference §12).

import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { requestContext } from '../../../test/helpers/request-context.js';
import type { ReplyEvent } from '../../chat/types.js';
import { ApiError } from '../api-error.js';
import type { Door, ParsedRequest } from '../door.js';
import { chatDoor } from './chat-door.js';
import { fimDoor } from './fim-door.js';

const USAGE = {
  promptTokens: 9,
  cacheHitTokens: 0,
  cacheMissTokens: 9,
  completionTokens: 5,
  reasoningTokens: 2,
};
const START: ReplyEvent = { type: 'start', promptTokens: 9, cacheHitTokens: 0 };
const TEXT: ReplyEvent[] = [
  { type: 'content-start' },
  { type: 'content-delta', text: 'It is ' },
  { type: 'content-delta', text: '3 °C.' },
  { type: 'content-end' },
];
const ANSWER: ReplyEvent[] = [START, ...TEXT, { type: 'finish', reason: 'stop', usage: USAGE }];
const CALL: ReplyEvent[] = [
  START,
  { type: 'reasoning-start' },
  { type: 'reasoning-delta', text: 'Look it up.' },
  { type: 'reasoning-end' },
  { type: 'tool-call-start', index: 0, id: 'call_00_x', name: 'temperature' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: '{"city": ' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: '"Oslo"}' },
  { type: 'tool-call-end', index: 0 },
  { type: 'finish', reason: 'tool_calls', usage: USAGE },
];

/** A client whose requests are answered by these replies, in turn. */
function clientOf(...replies: ReplyEvent[][]): { client: OpenAI; requests: ParsedRequest[] } {
  const requests: ParsedRequest[] = [];
  const client = new OpenAI({
    baseURL: 'http://doors.test/beta',
    apiKey: 'key',
    maxRetries: 0,
    fetch: async (url, init) => {
      const door = String(url).endsWith('/chat/completions') ? chatDoor : fimDoor;
      return answer(door, String(init?.body), (parsed) => {
        requests.push(parsed);
        return replies.shift() ?? [];
      });
    },
  });
  return { client, requests };
}

function answer(
  door: Door,
  body: string,
  replyTo: (parsed: ParsedRequest) => ReplyEvent[],
): Response {
  try {
    const parsed = door.parse(Buffer.from(body), requestContext({ base: 'beta' }));
    const events = replyTo(parsed);
    const header = { id: 'uuid', created: 1, mode: parsed.mode, systemFingerprint: 'fp' };
    if (parsed.stream) {
      const stream = parsed.newStream(header);
      const text = stream.keepAlive + events.map((event) => stream.next(event)).join('');
      return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
    }
    const reply = parsed.newBody(header);
    for (const event of events) reply.accept(event);
    return new Response(reply.text(), { headers: { 'content-type': 'application/json' } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return new Response(door.errorBody(error), {
      status: error.status,
      headers: { 'content-type': 'application/json' },
    });
  }
}

const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'temperature',
      strict: true,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  },
];

test('a thinking tool loop: the message of a response can be sent back as it is', async () => {
  const { client, requests } = clientOf(CALL, ANSWER);
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Oslo?' }];
  const model = 'deepseek-reasoner';
  const first = await client.chat.completions.create({ model, messages, tools: TOOLS });
  const called = first.choices[0]!.message;
  assert.equal(first.choices[0]!.finish_reason, 'tool_calls');
  assert.equal((called as { reasoning_content?: string }).reasoning_content, 'Look it up.');
  const [toolCall] = called.tool_calls!;
  assert.ok(toolCall?.type === 'function');
  assert.deepEqual(JSON.parse(toolCall.function.arguments), { city: 'Oslo' });

  messages.push(called, { role: 'tool', tool_call_id: toolCall.id, content: '3' });
  const second = await client.chat.completions.create({ model, messages, tools: TOOLS });
  assert.equal(second.choices[0]!.message.content, 'It is 3 °C.');
  const { request } = requests[1]!;
  assert.ok(request.kind === 'chat');
  assert.equal(request.strictTools, true);
  assert.deepEqual(request.messages[1], {
    role: 'assistant',
    content: '',
    reasoningContent: 'Look it up.',
    toolCalls: [{ id: 'call_00_x', name: 'temperature', arguments: '{"city": "Oslo"}' }],
  });
});

test('the stream helper adds a stream up to the message', async () => {
  const { client } = clientOf(CALL);
  const stream = client.chat.completions.stream({
    model: 'deepseek-reasoner',
    messages: [{ role: 'user', content: 'Oslo?' }],
    tools: TOOLS,
    stream_options: { include_usage: true },
  });
  const completion = await stream.finalChatCompletion();
  const [choice] = completion.choices;
  const [toolCall] = choice!.message.tool_calls!;
  assert.ok(toolCall?.type === 'function');
  assert.equal(toolCall.function.arguments, '{"city": "Oslo"}');
  assert.equal(choice!.finish_reason, 'tool_calls');
  assert.equal(completion.usage?.total_tokens, 14);
});

test('text completions, whole and streamed', async () => {
  const { client } = clientOf(ANSWER, ANSWER);
  const request = { model: 'deepseek-chat', prompt: 'Now: ', suffix: '!', echo: true };
  const whole = await client.completions.create(request);
  assert.equal(whole.choices[0]!.text, 'Now: It is 3 °C.');
  let text = '';
  let finishReason: string | null = null;
  for await (const chunk of await client.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]!.text;
    finishReason = chunk.choices[0]!.finish_reason;
  }
  assert.deepEqual([text, finishReason], ['Now: It is 3 °C.', 'stop']);
});

test('an error is the error class of its status, with the message', async () => {
  const { client } = clientOf();
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: '' }] }),
    (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.message, '400 Model Not Exist');
      assert.deepEqual(
        [error.type, error.code],
        ['invalid_request_error', 'invalid_request_error'],
      );
      return true;
    },
  );
});
