// A conversation driven line by line against a fake endpoint.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  type Answer,
  callDelta,
  chunkOf,
  fakeEndpoint,
  streamOf,
} from '../../test/helpers/fake-endpoint.js';
import { ChatSession, type ChatSessionOptions } from './chat-session.js';
import { ChatView } from './chat-view.js';

async function start(t: TestContext, answers: Answer[], options: Partial<ChatSessionOptions> = {}) {
  const { endpoint, asked } = await fakeEndpoint(t, answers);
  const screen = { text: '', wake: () => {} };
  const output = {
    write: (piece: string) => {
      screen.text += piece;
      screen.wake();
    },
  };
  const session = new ChatSession(
    {
      endpoint,
      model: 'deepseek-chat',
      thinking: false,
      withTools: true,
      temperature: 0,
      ...options,
    },
    new ChatView(output, output, {}),
  );
  /** Shown since the last call. */
  const shown = () => {
    const { text } = screen;
    screen.text = '';
    return text;
  };
  return { session, asked, screen, shown };
}

test('questions and answers build one conversation', async (t) => {
  const { session, asked, shown } = await start(
    t,
    [
      streamOf([callDelta(0, 'calculator', '{"expression": "2 + 2"}')], 'tool_calls'),
      streamOf([{ content: '4.' }]),
      streamOf([{ content: 'Yes.' }]),
    ],
    { system: 'Be brief.' },
  );
  assert.ok(await session.handle('What is 2 + 2?'));
  assert.equal(shown(), '  [tool] calculator(expression: "2 + 2") -> {"result": 4}\n4.\n');
  await session.handle('  Sure?  ');
  assert.deepEqual(
    asked[2]!.messages.map(({ role, content }) => [role, content]),
    [
      ['system', 'Be brief.'],
      ['user', 'What is 2 + 2?'],
      ['assistant', ''],
      ['tool', '{"result": 4}'],
      ['assistant', '4.'],
      ['user', 'Sure?'],
    ],
  );
  assert.equal(session.hasFailed, false);
});

test('commands switch thinking, model and tools for the next question', async (t) => {
  const { session, asked, shown } = await start(t, [streamOf([]), streamOf([])]);
  for (const line of ['/think', '/tools off']) assert.ok(await session.handle(line));
  assert.equal(shown(), 'thinking on\ntools off\n');
  await session.handle('a');
  assert.equal(asked[0]!.thinking.type, 'enabled');
  assert.equal(asked[0]!.tools, undefined);
  await session.handle('/think off');
  await session.handle('/model deepseek-reasoner');
  assert.match(shown(), /model deepseek-reasoner, thinking on\n$/);
  await session.handle('b');
  assert.equal(asked[1]!.model, 'deepseek-reasoner');
  assert.equal(asked[1]!.thinking.type, 'enabled');
});

test('/history, /clear, /help, /exit, and what is no command', async (t) => {
  const { session, shown } = await start(t, [streamOf([{ content: 'Hello.' }])]);
  assert.ok(await session.handle('   '));
  assert.equal(shown(), '');
  await session.handle('hi');
  shown();
  await session.handle('/history');
  assert.equal(shown(), 'user: hi\nassistant: Hello.\n');
  await session.handle('/clear');
  await session.handle('/history');
  assert.equal(shown(), 'new conversation\nthe conversation is empty\n');
  await session.handle('/help');
  assert.match(shown(), /\/think.*\/exit/s);
  assert.ok(await session.handle('/nope'));
  assert.match(shown(), /unknown command \/nope/);
  await session.handle('/tools maybe');
  assert.match(shown(), /can be on or off, got 'maybe'/);
  assert.ok(session.hasFailed);
  assert.equal(await session.handle('/exit'), false);
});

test('a stopped answer leaves the conversation as it was', async (t) => {
  const { session, asked, screen, shown } = await start(t, [
    (response) => response.write(chunkOf({ content: 'Once' }, null)),
    streamOf([{ content: 'Hello.' }]),
  ]);
  assert.equal(session.interrupt(), false);
  screen.wake = () => void session.interrupt();
  await session.handle('a story');
  screen.wake = () => {};
  assert.equal(shown(), 'Once\n(stopped)\n');
  assert.equal(session.hasFailed, false);
  await session.handle('hi');
  assert.deepEqual(asked[1]!.messages, [{ role: 'user', content: 'hi' }]);
});

test('a failing server ends the answer and not the chat', async (t) => {
  const { session, asked, shown } = await start(t, [
    (response) => response.writeHead(503).end('{"error":{"message":"busy"}}'),
    (response) => response.write(chunkOf({ content: 'x' }, null), () => response.destroy()),
    streamOf([{ content: 'Hello.' }]),
  ]);
  assert.ok(await session.handle('one'));
  assert.equal(shown(), 'busy\n');
  assert.ok(await session.handle('two'));
  assert.match(shown(), /^x\nthe connection broke: /);
  assert.ok(session.hasFailed);
  await session.handle('three');
  assert.deepEqual(asked[2]!.messages, [{ role: 'user', content: 'three' }]);
});
