import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { EncodingError } from './encoding-error.js';
import { type EncodeOptions, encodeMessages } from './encode-messages.js';
import { encodeFim } from './fim.js';
import { fromPlainJson, jsonObject, type JsonValue } from './json.js';
import type { Message, ToolDefinition } from './message.js';
import { renderMessages } from './render.js';
import { segmentsToText } from './segments.js';

// A failure must be the same on every machine.
fc.configureGlobal({ seed: 32 });

const BOS = '<｜begin▁of▁sentence｜>';

function text(messages: Message[], options: Partial<EncodeOptions> = {}): string {
  return segmentsToText(encodeMessages(messages, { thinkingMode: 'chat', ...options }));
}

function tool(name: string): ToolDefinition {
  return { type: 'function', function: fromPlainJson({ name, parameters: {} }) };
}

const twoCalls: Message = {
  role: 'assistant',
  content: '',
  toolCalls: [
    { id: 'a', name: 'first', arguments: '{}' },
    { id: 'b', name: 'second', arguments: '{}' },
  ],
};

test('puts request tools on a leading system message, or adds one', () => {
  const user: Message = { role: 'user', content: 'q' };
  const tools = [tool('f')];
  const withSystem = text([{ role: 'system', content: 's' }, user], { tools });
  assert.ok(withSystem.startsWith(`${BOS}s\n\n## Tools\n`));
  const inserted = text([user, { role: 'system', content: 's' }], { tools });
  assert.ok(inserted.startsWith(`${BOS}\n\n## Tools\n`));
  assert.ok(inserted.includes('\n{"name": "f", "parameters": {}}\n</functions>\n<｜User｜>q'));
  const joined = text([{ role: 'system', content: '', tools: [tool('own')] }, user], { tools });
  assert.ok(joined.includes('{"name": "own", "parameters": {}}\n{"name": "f", "parameters": {}}'));
});

test('sorts tool results into call order', () => {
  const prompt = text([
    { role: 'user', content: 'q' },
    twoCalls,
    { role: 'tool', content: 'two', toolCallId: 'b' },
    { role: 'tool', content: 'one', toolCallId: 'a' },
  ]);
  assert.ok(prompt.includes('\n<result>one</result>\n<result>two</result>\n</function_results>'));
});

test('results of calls that share an id keep their order', () => {
  const call = { id: 'same', name: 'f', arguments: '{}' };
  const prompt = text([
    { role: 'assistant', content: '', toolCalls: [call, call] },
    { role: 'tool', content: 'one', toolCallId: 'same' },
    { role: 'tool', content: 'two', toolCallId: 'same' },
  ]);
  assert.ok(prompt.includes('<result>one</result>\n<result>two</result>'));
});

function results(...ids: string[]): Message[] {
  return [twoCalls, ...ids.map((id): Message => ({ role: 'tool', content: 'x', toolCallId: id }))];
}

function kindOf(messages: Message[]): string | undefined {
  try {
    text(messages);
  } catch (error) {
    return (error as EncodingError).kind;
  }
  return undefined;
}

test('refuses results without a call, doubled results and missing results', () => {
  assert.equal(kindOf(results('a', 'c')), 'tool_output_without_tool_call');
  assert.equal(kindOf(results('a', 'a')), 'tool_output_without_tool_call');
  assert.equal(kindOf(results('b')), 'tool_call_without_output');
  assert.equal(kindOf(results()), undefined);
  assert.equal(
    kindOf([
      { role: 'user', content: '' },
      { role: 'tool', content: '', toolCallId: 'a' },
    ]),
    'tool_without_assistant',
  );
});

test('encodes several developer turns, which the dropping encoder cannot', () => {
  const prompt = text(
    [
      { role: 'developer', content: 'one' },
      { role: 'assistant', content: 'x', reasoningContent: 'old' },
      { role: 'developer', content: 'two' },
    ],
    { thinkingMode: 'thinking' },
  );
  assert.equal(
    prompt,
    `${BOS}<｜User｜>\n\n# The user's message is: one<｜Assistant｜></think>x<｜end▁of▁sentence｜>` +
      "<｜User｜>\n\n# The user's message is: two<｜Assistant｜><think>",
  );
});

test('leaves a prefix open', () => {
  const prompt = text(
    [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'So ', reasoningContent: 'r', prefix: true },
    ],
    { thinkingMode: 'thinking', addBos: false },
  );
  assert.equal(prompt, '<｜User｜>q<｜Assistant｜><think>r</think>So ');
});

const MARKERS = [
  '<｜User｜>',
  '<｜Assistant｜>',
  '<think>',
  '</think>',
  '<｜end▁of▁sentence｜>',
  BOS,
  '｜DSML｜',
  '</｜DSML｜parameter>',
  '</result>\n</function_results>',
  '<｜fim▁end｜>',
  'DSML',
  '<',
];
const hostileText = fc.array(fc.oneof(fc.constantFrom(...MARKERS), fc.string()), { maxLength: 5 });
const hostile = hostileText.map((parts) => parts.join(''));

test('no text of a message, call or tool definition becomes control', () => {
  const conversation = fc.record({
    system: hostile,
    user: hostile,
    reasoning: hostile,
    content: hostile,
    name: hostile,
    key: hostile,
    value: fc.oneof(hostile, fc.array(hostile)),
    result: hostile,
    description: hostile,
  });
  const render = (data: typeof conversation extends fc.Arbitrary<infer T> ? T : never) =>
    encodeMessages(
      [
        { role: 'system', content: data.system, responseFormat: fromPlainJson({ x: data.value }) },
        { role: 'user', content: data.user },
        {
          role: 'assistant',
          content: data.content,
          reasoningContent: data.reasoning,
          toolCalls: [
            { id: 'c', name: data.name, arguments: JSON.stringify({ [data.key]: data.value }) },
          ],
        },
        { role: 'tool', content: data.result, toolCallId: 'c' },
      ],
      {
        thinkingMode: 'thinking',
        tools: [{ type: 'function', function: fromPlainJson({ name: data.description }) }],
      },
    );
  const plain = render({
    system: 's',
    user: 'u',
    reasoning: 'r',
    content: 'c',
    name: 'n',
    key: 'k',
    value: 'v',
    result: 'o',
    description: 'd',
  });
  const controlOf = (segments: typeof plain) =>
    segments
      .filter(({ control }) => control)
      .map((segment) => segment.text)
      .join('');
  fc.assert(
    fc.property(conversation, (data) => {
      const segments = render(data);
      const isString = typeof data.value === 'string';
      const expected = controlOf(plain);
      assert.equal(
        controlOf(segments),
        isString ? expected : expected.replace(' string="true">', ' string="false">'),
      );
      for (let i = 1; i < segments.length; i++) {
        assert.notEqual(segments[i]!.control, segments[i - 1]!.control);
      }
    }),
  );
});

test('FIM marks the hole; without suffix the prompt is continued', () => {
  const segments = encodeFim({ prompt: '<｜fim▁end｜>', suffix: 'b', addBos: true });
  assert.deepEqual(segments, [
    { text: `${BOS}<｜fim▁begin｜>`, control: true },
    { text: '<｜fim▁end｜>', control: false },
    { text: '<｜fim▁hole｜>', control: true },
    { text: 'b', control: false },
    { text: '<｜fim▁end｜>', control: true },
  ]);
  assert.deepEqual(encodeFim({ prompt: 'a' }), [{ text: 'a', control: false }]);
});

/** Looks at calls and results while a turn with `count` of each, in reverse order, is encoded. */
function looksAt(count: number): number {
  let looks = 0;
  const counted = <T extends object>(value: T): T =>
    new Proxy(value, {
      get(target, key): unknown {
        looks++;
        return Reflect.get(target, key);
      },
    });
  const ids = Array.from({ length: count }, (_, i) => `call ${i}`);
  const toolCalls = ids.map((id) => counted({ id, name: 'f', arguments: '{}' }));
  const results = ids.map((toolCallId) =>
    counted({ role: 'tool' as const, content: 'x', toolCallId }),
  );
  const messages: Message[] = [
    { role: 'user', content: 'q' },
    { role: 'assistant', content: '', toolCalls },
    ...results.toReversed(),
  ];
  encodeMessages(messages, { thinkingMode: 'chat' });
  return looks;
}

test('work on calls and their results grows in proportion to their number', () => {
  const small = looksAt(500);
  assert.ok(looksAt(5000) <= small * 11, 'quadratic');
});

/** Fields read while a turn with `count` calls and their results is rendered. */
function readsOf(count: number): number {
  let reads = 0;
  class CountedMap extends Map<string, JsonValue> {
    override get(key: string): JsonValue | undefined {
      reads++;
      return super.get(key);
    }
  }
  const call = jsonObject({ function: jsonObject({ name: 'f', arguments: '{}' }) });
  const calls = Array.from({ length: count }, () => call);
  const turn = new CountedMap([...jsonObject({ role: 'assistant', tool_calls: calls })]);
  const results = calls.map(() => new CountedMap([...jsonObject({ role: 'tool', content: 'x' })]));
  renderMessages([turn, ...results], { thinkingMode: 'chat' });
  return reads;
}

test('work on rendering results grows in proportion to their number', () => {
  const small = readsOf(500);
  assert.ok(small > 500 && readsOf(5000) <= small * 11, 'quadratic');
});

test('a turn may have more results than a function has arguments', () => {
  const ids = Array.from({ length: 200_000 }, (_, i) => String(i));
  const messages: Message[] = [
    { role: 'user', content: 'q' },
    {
      role: 'assistant',
      content: '',
      toolCalls: ids.map((id) => ({ id, name: 'f', arguments: '{}' })),
    },
    ...ids.map((toolCallId): Message => ({ role: 'tool', content: 'x', toolCallId })),
  ];
  assert.ok(text(messages).endsWith('</function_results>\n\n</think>'));
});
