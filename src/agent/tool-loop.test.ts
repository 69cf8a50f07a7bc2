// The loop's contract: what goes back to the server after a call, and that nothing a model or a
// server says leaves the conversation invalid.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  type Answer,
  callDelta,
  fakeEndpoint,
  streamOf,
} from '../../test/helpers/fake-endpoint.js';
import { BUILTIN_TOOLS } from './builtin-tools.js';
import type { WireMessage } from './chat-client.js';
import { type LoopEvent, runToolLoop } from './tool-loop.js';

async function run(
  t: TestContext,
  answers: Answer[],
  { thinking = true, earlier = [] as WireMessage[] } = {},
) {
  const { endpoint, asked } = await fakeEndpoint(t, answers);
  const messages: WireMessage[] = [...earlier, { role: 'user', content: 'What is 6 * 7?' }];
  const options = { endpoint, model: 'm', thinking, tools: BUILTIN_TOOLS, maxRounds: 3 };
  const events: LoopEvent[] = [];
  for await (const event of runToolLoop(messages, options, new AbortController().signal)) {
    events.push(event);
  }
  return { asked, messages, events };
}

const calculate = callDelta(0, 'calculator', '{"expression": "6 * 7"}');

test('a call is run and its result goes back with the reasoning', async (t) => {
  const { asked, events } = await run(t, [
    streamOf(
      [{ reasoning_content: 'I ' }, { reasoning_content: 'call.' }, calculate],
      'tool_calls',
    ),
    streamOf([{ reasoning_content: 'Done.' }, { content: '42.' }]),
  ]);
  assert.deepEqual(asked[1]!.messages.slice(1), [
    {
      role: 'assistant',
      content: '',
      reasoning_content: 'I call.',
      tool_calls: [
        {
          id: 'call_0',
          type: 'function',
          function: { name: 'calculator', arguments: '{"expression": "6 * 7"}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'call_0', content: '{"result": 42}' },
  ]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['reasoning-delta', 'reasoning-delta', 'tool-call', 'tool-result', 'reasoning-delta'].concat(
      'content-delta',
      'finish',
    ),
  );
});

test('a thinking turn without reasoning still sends the field; a chat turn does not', async (t) => {
  const answers = () => [streamOf([calculate], 'tool_calls'), streamOf([{ content: '42.' }])];
  const thinking = await run(t, answers());
  assert.equal(thinking.asked[1]!.messages[1]!.reasoning_content, '');
  const chat = await run(t, answers(), { thinking: false });
  assert.ok(!('reasoning_content' in chat.asked[1]!.messages[1]!));
});

test('reasoning of earlier questions is not sent', async (t) => {
  const { asked } = await run(t, [streamOf([{ content: '42.' }])], {
    earlier: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.', reasoning_content: 'A greeting.' },
    ],
  });
  assert.deepEqual(asked[0]!.messages[1], { role: 'assistant', content: 'Hello.' });
});

test('whatever is wrong with a call, the model reads it as the result', async (t) => {
  const bad: [call: object, message: RegExp][] = [
    [callDelta(0, 'nope', '{}'), /no tool named 'nope'/],
    [callDelta(0, 'calculator', '{"expr'), /not JSON/],
    [callDelta(0, 'calculator', '[1]'), /must be an object/],
    [callDelta(0, 'calculator', '{}'), /'expression' must be/],
    [callDelta(0, 'calculator', '{"expression": "process.exit()"}'), /error/],
  ];
  for (const [call, message] of bad) {
    const { asked, events } = await run(t, [
      streamOf([call], 'tool_calls'),
      streamOf([{ content: 'Sorry.' }]),
    ]);
    assert.match(String(asked[1]!.messages[2]!.content), message);
    assert.ok(events.some((event) => event.type === 'tool-result' && event.isError));
  }
});

test('a call cut by the limit is not run', async (t) => {
  const { messages, events } = await run(t, [streamOf([calculate], 'length')]);
  assert.deepEqual(messages.at(-1), { role: 'assistant', content: '', reasoning_content: '' });
  assert.deepEqual(events, [{ type: 'finish', reason: 'length' }]);
});

test('a model that never stops calling is stopped', async (t) => {
  const { asked, events } = await run(
    t,
    Array.from({ length: 3 }, () => streamOf([calculate], 'tool_calls')),
  );
  assert.equal(asked.length, 3);
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'tool_rounds' });
});

test('call indices out of order are refused before they are believed', async (t) => {
  for (const index of [1, -1, 0.5, 4e9]) {
    const answer = streamOf([callDelta(index, 'calculator', '{}')], 'tool_calls');
    await assert.rejects(run(t, [answer]), { name: 'ChatClientError', message: /out of order/ });
  }
});
