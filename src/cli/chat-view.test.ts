// What reaches the terminal: colours only where they belong, and no control sequence of a model.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { LoopEvent } from '../agent/tool-loop.js';
import { ChatView, withoutControls } from './chat-view.js';

const call = {
  id: 'call_0',
  type: 'function' as const,
  function: { name: 'convert_units', arguments: '{"value": 5, "to": "mi"}' },
};
const EVENTS: LoopEvent[] = [
  { type: 'reasoning-delta', text: 'I con' },
  { type: 'reasoning-delta', text: 'vert.' },
  { type: 'tool-call', call },
  { type: 'tool-result', call, content: '{"result": 3.1}', isError: false },
  { type: 'content-delta', text: '3.1 miles.' },
  { type: 'finish', reason: 'length' },
];

function shown(events: LoopEvent[], { isTTY = false, env = {} } = {}): string {
  let text = '';
  const output = { isTTY, write: (piece: string) => (text += piece) };
  const view = new ChatView(output, output, env);
  for (const event of events) view.show(event);
  return text;
}

const PLAIN =
  '[thinking] I convert.\n' +
  '  [tool] convert_units(value: 5, to: "mi") -> {"result": 3.1}\n' +
  '3.1 miles.\nThe answer was cut at the token limit.\n';

test('without a terminal everything is plain text', () => {
  assert.equal(shown(EVENTS), PLAIN);
});

test('NO_COLOR and a dumb terminal are plain too', () => {
  assert.equal(shown(EVENTS, { isTTY: true, env: { NO_COLOR: '1' } }), PLAIN);
  assert.equal(shown(EVENTS, { isTTY: true, env: { TERM: 'dumb' } }), PLAIN);
});

test('on a terminal thinking is dim and the result stands out', () => {
  const text = shown(EVENTS, { isTTY: true });
  assert.ok(text.startsWith('\x1b[2mI con\x1b[0m\x1b[2mvert.\x1b[0m\n'), text);
  assert.ok(text.includes('\x1b[36mconvert_units\x1b[0m(value: 5, to: "mi")'), text);
  assert.ok(text.includes('-> \x1b[1m{"result": 3.1}\x1b[0m\n'), text);
});

test('control sequences of a model are shown, not obeyed', () => {
  assert.equal(withoutControls('a\x1b[2J\x07\x9b1m\r\n\tb'), 'a\\x1b[2J\\x07\\x9b1m\n\tb');
  const evil = { ...call, function: { name: '\x1b]0;x\x07', arguments: '\x1b[A' } };
  const text = shown([
    { type: 'tool-call', call: evil },
    { type: 'tool-result', call: evil, content: '\x1b[A', isError: true },
  ]);
  assert.ok(!text.includes('\x1b') && !text.includes('\x07'), text);
});

test('errors go where the caller says', () => {
  const texts = { out: '', err: '' };
  const view = new ChatView(
    { write: (text: string) => (texts.out += text) },
    { write: (text: string) => (texts.err += text) },
    {},
  );
  view.error('bad\x1b');
  assert.deepEqual(texts, { out: '', err: 'bad\\x1b\n' });
});
