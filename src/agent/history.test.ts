import assert from 'node:assert/strict';
import test from 'node:test';
import type { WireMessage } from './chat-client.js';
import { dropOldReasoning } from './history.js';

const user: WireMessage = { role: 'user', content: 'q' };
const thought = (): WireMessage => ({ role: 'assistant', content: 'a', reasoning_content: 'r' });
const result: WireMessage = { role: 'tool', content: '1', tool_call_id: 'c' };

const keptOf = (messages: WireMessage[]) => {
  dropOldReasoning(messages);
  return messages.map((message) => 'reasoning_content' in message);
};

test('reasoning behind the last question stays, that of earlier ones goes', () => {
  assert.deepEqual(keptOf([user, thought(), user]), [false, false, false]);
  assert.deepEqual(keptOf([user, thought(), user, thought(), result]), [
    false,
    false,
    false,
    true,
    false,
  ]);
  assert.deepEqual(keptOf([thought()]), [true]);
  assert.deepEqual(keptOf([]), []);
});
