import assert from 'node:assert/strict';
import test from 'node:test';
import { checkReply, type Reply } from './check-reply.js';
import type { Expectation } from './requirement.js';

const check = (expected: Expectation, reply: Partial<Reply>) =>
  checkReply(expected, { status: 200, headers: {}, body: '', ...reply }, new Map());

const SSE = { 'content-type': 'text/event-stream; charset=utf-8' };
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ delta, finish_reason: finish }] })}\n\n`;
const GOOD = `${chunk({ role: 'assistant', content: '' })}${chunk({ content: 'Hi' })}${chunk({ content: '' }, 'stop')}data: [DONE]\n\n`;
const CHUNKS: Expectation = {
  chunks: { same: ['id'], joined: { $like: { content: 'Hi', finish_reason: 'stop' } } },
};

test('a good stream has no problems; each damage is found', () => {
  assert.deepEqual(check(CHUNKS, { headers: SSE, body: GOOD }), []);
  const damaged: Record<string, Partial<Reply>> = {
    'no [DONE]': { body: GOOD.replace('data: [DONE]\n\n', '') },
    'two [DONE]': { body: `${GOOD}data: [DONE]\n\n` },
    'text after [DONE]': { body: `${GOOD}${chunk({})}` },
    'open last frame': { body: GOOD.slice(0, -1) },
    'stray line': { body: `<html>\n\n${GOOD}` },
    'event lines': { body: GOOD.replace('data:', 'event: x\ndata:') },
    'no JSON': { body: GOOD.replace('{"id"', '{id') },
    'other id': { body: GOOD.replace('"id":"x"', '"id":"y"') },
    'lost text': { body: GOOD.replace('"Hi"', '""') },
    'wrong type': { headers: { 'content-type': 'application/json' } },
    'broken connection': { failure: 'socket hang up' },
  };
  for (const [name, change] of Object.entries(damaged)) {
    assert.notDeepEqual(check(CHUNKS, { headers: SSE, body: GOOD, ...change }), [], name);
  }
});

const event = (type: string, rest: object = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const EVENTS = `${event('message_start', { message: { usage: { input_tokens: 3 } } })}${event('ping')}${event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })}${event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } })}${event('content_block_stop', { index: 0 })}${event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } })}${event('message_stop')}`;
const NAMED: Expectation = {
  events: {
    last: { $like: { event: 'message_stop' } },
    joined: {
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
};

test('named events: pings are no part of the message, names and types agree', () => {
  assert.deepEqual(check(NAMED, { headers: SSE, body: EVENTS }), []);
  for (const body of [
    EVENTS.replace('event: message_stop', 'event: message_end'),
    EVENTS.replace('event: message_start\n', ''),
    EVENTS.replace('"text":"Hi"', '"text":"Ho"'),
    `${EVENTS}data: [DONE]\n\n`,
  ]) {
    assert.notDeepEqual(check(NAMED, { headers: SSE, body }), []);
  }
});

test('errors are read from the envelope and from plain text', () => {
  const body = JSON.stringify({ error: { message: 'No', type: 't', param: null, code: 'c' } });
  assert.deepEqual(check({ status: 400, error: 'No' }, { status: 400, body }), []);
  assert.deepEqual(check({ status: 400, error: 'No' }, { status: 400, body: 'No' }), []);
  assert.notDeepEqual(check({ status: 400, error: 'No' }, { status: 422, body }), []);
  assert.notDeepEqual(check({ status: 400, error: 'Yes' }, { status: 400, body }), []);
});

test('headers, text, cut connections, keep-alive', () => {
  assert.notDeepEqual(check({ headers: { a: 'x' } }, {}), []);
  assert.notDeepEqual(check({ headers: { a: { $absent: true } } }, { headers: { a: 'x' } }), []);
  assert.deepEqual(check({ cut: true }, { failure: 'reset' }), []);
  assert.notDeepEqual(check({ cut: true }, {}), []);
  const json = { 'content-type': 'application/json' };
  assert.deepEqual(check({ keepAlive: true }, { headers: json, body: '\n\n{"a":1}' }), []);
  assert.notDeepEqual(check({ keepAlive: true }, { headers: json, body: '{"a":1}' }), []);
  assert.deepEqual(
    check({ keepAlive: true }, { headers: SSE, body: `: keep-alive\n\n${GOOD}` }),
    [],
  );
  assert.notDeepEqual(check({ keepAlive: true }, { headers: SSE, body: GOOD }), []);
});
