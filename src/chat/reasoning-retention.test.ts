// The retention rule, one row of the documented table per case (api reference §5.3, §5.4).

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Message } from '../encoding/message.js';
import { missingReasoning, retainReasoning } from './reasoning-retention.js';

const toolCalls = [{ id: 'c', name: 'f', arguments: '{}' }];
const user: Message = { role: 'user', content: 'q' };
const result: Message = { role: 'tool', content: 'r', toolCallId: 'c' };
const call = (reasoningContent?: string): Message => ({
  role: 'assistant',
  content: '',
  toolCalls,
  ...(reasoningContent !== undefined && { reasoningContent }),
});
const answer = (reasoningContent?: string): Message => ({
  role: 'assistant',
  content: 'a',
  ...(reasoningContent !== undefined && { reasoningContent }),
});

function reasonings(messages: Message[], thinking: boolean): (string | undefined)[] {
  return retainReasoning(messages, thinking).map((message) =>
    message.role === 'assistant' ? message.reasoningContent : undefined,
  );
}

test('reasoning of the running question stays, earlier reasoning goes', () => {
  const messages = [user, call('old'), result, answer('old'), user, call('new'), result];
  assert.deepEqual(reasonings(messages, true), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    'new',
    undefined,
  ]);
});

test('without thinking no reasoning stays', () => {
  assert.deepEqual(reasonings([user, call('x'), result], false), [undefined, undefined, undefined]);
});

test('the messages given are not changed', () => {
  const old = answer('old');
  retainReasoning([user, old, user], true);
  assert.deepEqual(old, answer('old'));
});

test('missing reasoning is looked for in tool-calling turns of the running question only', () => {
  const cases: [messages: Message[], indexes: number[]][] = [
    [[user, call(), result], [1]],
    [
      [user, call(), result, call('x'), result, call(), result],
      [1, 5],
    ],
    [[user, call('x'), result, call(), result], [3]],
    [[user, call('x'), result], []],
    [[user, call(''), result], []],
    [[user, call(), result, user], []],
    [[user, answer()], []],
    [[call(), result], [0]],
  ];
  for (const [messages, indexes] of cases) assert.deepEqual(missingReasoning(messages), indexes);
});
