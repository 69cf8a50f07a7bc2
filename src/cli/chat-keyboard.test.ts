// The keyboard with streams in place of a terminal.

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { Keyboard } from './chat-keyboard.js';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const ARROW_UP = '\x1b[A';

function open(t: TestContext, { isTTY = true, history = [] as string[] } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const calls: string[] = [];
  const keyboard = new Keyboard({
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    prompt: '> ',
    history,
    onInterrupt: () => calls.push('interrupt'),
    onEnd: () => calls.push('end'),
  });
  t.after(() => keyboard.close());
  /** Types and lets the editor see it. */
  const type = async (keys: string) => {
    input.write(keys);
    await new Promise((resolve) => setImmediate(resolve));
  };
  /** Drawn since the last call. */
  const drawn = () => String((output.read() as Buffer | null) ?? '');
  return { keyboard, input, calls, type, drawn };
}

test('lines typed ahead are drawn when their turn comes, not into the answer', async (t) => {
  const { keyboard, type, drawn } = open(t);
  const first = keyboard.nextLine();
  await type('one\r');
  assert.equal(await first, 'one');
  drawn();
  await type('two\rthr');
  assert.equal(drawn(), '');
  assert.equal(await keyboard.nextLine(), 'two');
  assert.match(drawn(), /> two\n$/);
  const third = keyboard.nextLine();
  assert.match(drawn(), /> thr/);
  await type('ee\r');
  assert.equal(await third, 'three');
});

test('Ctrl-C drops a half typed line; on an empty one, or in an answer, it is reported', async (t) => {
  const { keyboard, calls, type } = open(t);
  const line = keyboard.nextLine();
  await type(`half${CTRL_C}`);
  assert.deepEqual(calls, []);
  await type(CTRL_C);
  assert.deepEqual(calls, ['interrupt']);
  await type('whole\r');
  assert.equal(await line, 'whole');
  await type(`ahead${CTRL_C}`);
  assert.deepEqual(calls, ['interrupt', 'interrupt']);
});

test('arrow up recalls lines of this and of earlier runs', async (t) => {
  const { keyboard, type } = open(t, { history: ['old'] });
  const first = keyboard.nextLine();
  await type('new\r');
  await first;
  const second = keyboard.nextLine();
  await type(ARROW_UP + ARROW_UP);
  await type('\r');
  assert.equal(await second, 'old');
  assert.deepEqual(keyboard.history.slice(0, 2), ['old', 'new']);
});

test('Ctrl-D ends the lines', async (t) => {
  const { keyboard, calls, type } = open(t);
  const line = keyboard.nextLine();
  await type(CTRL_D);
  assert.equal(await line, undefined);
  assert.deepEqual(calls, ['end']);
});

test('a pipe gives its lines and its end, and nothing is drawn', async (t) => {
  const { keyboard, input, drawn } = open(t, { isTTY: false });
  input.end('one\ntwo');
  const lines = [];
  for (let line; (line = await keyboard.nextLine()) !== undefined;) lines.push(line);
  assert.deepEqual(lines, ['one', 'two']);
  assert.equal(drawn(), '');
  assert.deepEqual(keyboard.history, []);
});
