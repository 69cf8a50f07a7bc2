// The reply side of the door: the events of each kind of item in order, the ends of a reply, and
// that a stream adds up to the plain answer.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ReplyFinishReason } from '../../chat/types.js';
import {
  bodyText,
  eventsOf,
  framesOf,
  headerOf,
  parseBody,
  parseRequest,
  streamText,
  type Reply,
} from './door-fixtures.js';

fc.configureGlobal({ seed: 32 });

const HEX = '91c02d4e0c534a6b9d8e2f6a1b3c4d5e';
const TOOLS = [
  { type: 'function', name: 'temp' },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'fs', tools: [{ type: 'function', name: 'read' }] },
  { type: 'web_search' },
];
const REQUEST = {
  model: 'deepseek-reasoner',
  input: 'Hi',
  tools: TOOLS,
  include: ['reasoning.encrypted_content'],
};

type Frame = Record<string, unknown>;

function framesFor(reply: Reply, fields: Frame = REQUEST): Frame[] {
  return framesOf(streamText(parseRequest(fields), eventsOf(reply)));
}

function bodyFor(reply: Reply, fields: Frame = REQUEST): Frame & { output: Frame[] } {
  return JSON.parse(bodyText(parseRequest(fields), eventsOf(reply))) as Frame & { output: Frame[] };
}

test('a reply with reasoning, text and a call, event by event', () => {
  const frames = framesFor({
    reasoning: ['hm', '!'],
    content: ['Hel', 'lo'],
    calls: [{ name: 'temp', pieces: ['{"a"', ':1}'] }],
  });
  const [rs, msg, fc] = [`rs_${HEX}00`, `msg_${HEX}01`, `fc_${HEX}02`];
  const inReasoning = { item_id: rs, output_index: 0, content_index: 0 };
  const inMessage = { item_id: msg, output_index: 1, content_index: 0 };
  const inCall = { item_id: fc, output_index: 2 };
  const text = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });
  const call = { id: fc, type: 'function_call', call_id: 'call_00_x', name: 'temp' };
  const expected = [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { id: rs, type: 'reasoning', status: 'in_progress', summary: [], content: [] },
    },
    {
      type: 'response.content_part.added',
      ...inReasoning,
      part: { type: 'reasoning_text', text: '' },
    },
    { type: 'response.reasoning_text.delta', ...inReasoning, delta: 'hm' },
    { type: 'response.reasoning_text.delta', ...inReasoning, delta: '!' },
    { type: 'response.reasoning_text.done', ...inReasoning, text: 'hm!' },
    {
      type: 'response.content_part.done',
      ...inReasoning,
      part: { type: 'reasoning_text', text: 'hm!' },
    },
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: {
        id: rs,
        type: 'reasoning',
        status: 'completed',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'hm!' }],
        encrypted_content: 'hadal.r1.aG0h',
      },
    },
    {
      type: 'response.output_item.added',
      output_index: 1,
      item: { id: msg, type: 'message', status: 'in_progress', role: 'assistant', content: [] },
    },
    { type: 'response.content_part.added', ...inMessage, part: text('') },
    { type: 'response.output_text.delta', ...inMessage, delta: 'Hel', logprobs: [] },
    { type: 'response.output_text.delta', ...inMessage, delta: 'lo', logprobs: [] },
    { type: 'response.output_text.done', ...inMessage, text: 'Hello', logprobs: [] },
    { type: 'response.content_part.done', ...inMessage, part: text('Hello') },
    {
      type: 'response.output_item.done',
      output_index: 1,
      item: {
        id: msg,
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [text('Hello')],
      },
    },
    {
      type: 'response.output_item.added',
      output_index: 2,
      item: { ...call, status: 'in_progress', arguments: '' },
    },
    { type: 'response.function_call_arguments.delta', ...inCall, delta: '{"a"' },
    { type: 'response.function_call_arguments.delta', ...inCall, delta: ':1}' },
    {
      type: 'response.function_call_arguments.done',
      ...inCall,
      name: 'temp',
      arguments: '{"a":1}',
    },
    {
      type: 'response.output_item.done',
      output_index: 2,
      item: { ...call, status: 'completed', arguments: '{"a":1}' },
    },
  ];
  const numbered = expected.map((frame, index) => ({ ...frame, sequence_number: index + 2 }));
  assert.deepEqual(frames.slice(2, -1), numbered);
});

test('the response object at the start and at the end', () => {
  const frames = framesFor({ content: ['Hi'] }, { ...REQUEST, max_output_tokens: 1e6 });
  const [created, inProgress] = frames;
  assert.equal(created?.['type'], 'response.created');
  assert.equal(inProgress?.['type'], 'response.in_progress');
  assert.deepEqual(created['response'], inProgress['response']);
  const early = created['response'] as Frame;
  assert.deepEqual([early['status'], early['output'], early['usage']], ['in_progress', [], null]);
  const last = frames.at(-1)!;
  assert.equal(last['type'], 'response.completed');
  const { output, ...response } = last['response'] as Frame & { output: Frame[] };
  assert.deepEqual(
    output.map(({ type }) => type),
    ['message'],
  );
  assert.deepEqual(response, {
    id: `resp_${HEX}`,
    object: 'response',
    created_at: 1_764_547_200,
    status: 'completed',
    error: null,
    incomplete_details: null,
    background: false,
    max_output_tokens: 65_536,
    metadata: {},
    model: 'deepseek-reasoner',
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    top_p: 1,
    truncation: 'disabled',
    user: null,
    instructions: null,
    tools: TOOLS.slice(0, 3),
    usage: {
      input_tokens: 90,
      input_tokens_details: { cached_tokens: 64 },
      output_tokens: 17,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 107,
    },
  });
});

test('the response repeats what the client set', () => {
  const body = bodyFor(
    { content: ['x'] },
    {
      input: 'Hi',
      instructions: 'A "quoted" one',
      metadata: { a: 'b' },
      temperature: 0,
      top_p: 0.5,
      tool_choice: 'none',
      reasoning: { effort: 'low' },
      prompt_cache_key: 'k',
      user: 'u',
      text: { format: { type: 'text' }, verbosity: 'low' },
    },
  );
  assert.equal(body['instructions'], 'A "quoted" one');
  assert.deepEqual(body['metadata'], { a: 'b' });
  assert.deepEqual([body['temperature'], body['top_p']], [0, 0.5]);
  assert.equal(body['tool_choice'], 'none');
  assert.deepEqual(body['reasoning'], { effort: 'low', summary: null });
  assert.deepEqual([body['prompt_cache_key'], body['user']], ['k', 'u']);
});

test('a request over several lines is repeated on one', () => {
  const fields = {
    ...REQUEST,
    metadata: { 'a\nb': 'c\r' },
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] },
    text: { format: { type: 'text' } },
  };
  const body = JSON.stringify(fields, null, 2).replaceAll('\n', '\r\n');
  const parsed = parseBody(Buffer.from(body));
  const { response } = framesOf(streamText(parsed, eventsOf({ content: ['x'] }))).at(-1) as {
    response: Frame;
  };
  assert.deepEqual(response['metadata'], fields.metadata);
  assert.deepEqual(response['tool_choice'], fields.tool_choice);
  assert.deepEqual(response['tools'], TOOLS.slice(0, 3));
});

test('freeform and namespaced calls go back under the names of the client', () => {
  const frames = framesFor({
    calls: [
      { name: 'patch', pieces: ['{"in', 'put":"a\\', 'nb', '"}'] },
      { name: 'fs__read', pieces: ['{}'] },
      { name: 'made_up', pieces: ['{}'] },
    ],
  });
  const [first] = frames.filter(({ type }) => type === 'response.custom_tool_call_input.done');
  assert.equal(first?.['input'], 'a\nb');
  const deltas = frames.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
  assert.deepEqual(
    deltas.map(({ delta }) => delta),
    ['a', '\nb'],
  );
  const items = frames.filter(({ type }) => type === 'response.output_item.done');
  assert.deepEqual(
    items.map(({ item }) => item),
    [
      {
        id: `ctc_${HEX}00`,
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'call_00_x',
        name: 'patch',
        input: 'a\nb',
      },
      {
        id: `fc_${HEX}01`,
        type: 'function_call',
        status: 'completed',
        call_id: 'call_01_x',
        name: 'read',
        namespace: 'fs',
        arguments: '{}',
      },
      {
        id: `fc_${HEX}02`,
        type: 'function_call',
        status: 'completed',
        call_id: 'call_02_x',
        name: 'made_up',
        arguments: '{}',
      },
    ],
  );
});

test('the capsule comes only when asked for', () => {
  const silent = { ...REQUEST, include: [] };
  assert.equal('encrypted_content' in bodyFor({ reasoning: ['hm'] }, silent).output[0]!, false);
});

const ENDS: [ReplyFinishReason, status: string, incomplete: unknown, error: string | undefined][] =
  [
    ['stop', 'completed', null, undefined],
    ['length', 'incomplete', { reason: 'max_output_tokens' }, undefined],
    ['content_filter', 'incomplete', { reason: 'content_filter' }, undefined],
    ['insufficient_system_resource', 'failed', null, 'server_error'],
    ['aborted', 'failed', null, 'server_error'],
  ];

test('how a reply can end', () => {
  for (const [reason, status, incomplete, code] of ENDS) {
    const reply = { content: ['partial'], reason };
    const last = framesFor(reply).at(-1)!;
    assert.equal(last['type'], `response.${status}`, reason);
    const response = last['response'] as Frame;
    assert.deepEqual(response, bodyFor(reply), reason);
    assert.equal(response['status'], status);
    assert.deepEqual(response['incomplete_details'], incomplete);
    assert.equal((response['error'] as Frame | null)?.['code'], code);
    const [item] = response['output'] as Frame[];
    assert.equal(item?.['status'], status === 'completed' ? 'completed' : 'incomplete', reason);
  }
});

test('a call that was cut off has no done event, and stands incomplete in the response', () => {
  for (const reason of ['length', 'stop', 'aborted'] as const) {
    const calls = [
      { name: 'temp', pieces: ['{}'] },
      { name: 'temp', pieces: ['{"city": "Os'] },
    ];
    const frames = framesFor({ calls, reason });
    const done = frames.filter(({ type }) => type === 'response.output_item.done');
    assert.equal(done.length, 1, reason);
    const { output, status } = frames.at(-1)!['response'] as Frame & { output: Frame[] };
    assert.deepEqual(
      output.map((item) => item['status']),
      ['completed', 'incomplete'],
    );
    // A model that ends inside a call has not answered: agents are to ask again.
    assert.equal(status, reason === 'length' ? 'incomplete' : 'failed');
  }
});

test('text of a failed reply has no done event, of a cut one it has', () => {
  const doneEvents = (reason: ReplyFinishReason) =>
    framesFor({ content: ['x'], reason }).filter(
      ({ type }) => type === 'response.output_item.done',
    );
  assert.equal(doneEvents('aborted').length, 0);
  assert.equal(doneEvents('length').length, 1);
});

test('signs of life are events, the first of them the one that opens the response', () => {
  const parsed = parseRequest({ input: 'Hi', stream: true });
  const stream = parsed.newStream(headerOf(parsed));
  const signs = [stream.keepAlive, stream.keepAlive];
  const text =
    signs.join('') +
    eventsOf({ content: ['x'] })
      .map((event) => stream.next(event))
      .join('');
  assert.deepEqual(
    framesOf(text)
      .slice(0, 4)
      .map(({ type, sequence_number }) => [type, sequence_number]),
    [
      ['response.created', 0],
      ['keepalive', 1],
      ['response.in_progress', 2],
      ['response.output_item.added', 3],
    ],
  );
});

test('an empty reply has no items', () => {
  assert.deepEqual(bodyFor({}).output, []);
  assert.equal(framesFor({}).at(-1)?.['type'], 'response.completed');
});

test('a plain answer that has not finished is not given out', () => {
  const parsed = parseRequest({ input: 'Hi' });
  const body = parsed.newBody(headerOf(parsed));
  assert.throws(() => body.text(), /has not finished/);
  assert.equal(body.failure(), undefined);
});

const pieces = fc.array(fc.string({ unit: 'binary' }), { minLength: 1 });
const anyReply: fc.Arbitrary<Reply> = fc.record(
  {
    reasoning: pieces,
    content: pieces,
    calls: fc.array(
      fc.record({ name: fc.constantFrom('temp', 'patch', 'fs__read', 'odd'), pieces }),
      { maxLength: 3 },
    ),
    reason: fc.constantFrom(...ENDS.map(([reason]) => reason), 'tool_calls' as const),
  },
  { requiredKeys: [] },
);

test('the deltas of any stream add up to its items, and those to the plain answer', () => {
  fc.assert(
    fc.property(anyReply, (reply) => {
      const frames = framesFor(reply);
      const body = bodyFor(reply);
      assert.deepEqual(frames.at(-1)?.['response'], body);
      const texts = new Map<unknown, string>();
      for (const frame of frames) {
        if (typeof frame['delta'] !== 'string') continue;
        const id = frame['item_id'];
        texts.set(id, (texts.get(id) ?? '') + frame['delta']);
      }
      for (const item of body.output) {
        const [part] = (item['content'] as Frame[] | undefined) ?? [];
        const whole = part?.['text'] ?? item['arguments'] ?? item['input'];
        assert.equal(texts.get(item['id']) ?? '', whole);
      }
    }),
  );
});
