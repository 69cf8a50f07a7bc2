import assert from 'node:assert/strict';
import test from 'node:test';
import { appendText, emptyText, growingText, wholeText } from './growing-text.js';
import type { RunEvent, RunUsage } from './run-events.js';
import { applyRunEvent, emptyTurn, exchangesOf, turnOfMessages } from './turn.js';
import { addDecimals, sumOf } from './usage-sum.js';
import type { StoredMessage } from './wire.js';

const USAGE: RunUsage = {
  prompt_tokens: 10,
  cache_hit_tokens: 4,
  cache_miss_tokens: 6,
  completion_tokens: 5,
  reasoning_tokens: 2,
  first_token_ms: 7,
  duration_ms: 30,
  generation_ms: 20,
  cost: { USD: '0.0000042' },
};

const CALCULATOR = {
  id: 'builtin:calculator',
  title: 'calculator',
  server: null,
  writes: false,
};

const fold = (events: readonly RunEvent[]) => {
  const turn = emptyTurn();
  for (const event of events) applyRunEvent(turn, event);
  return turn;
};

test('parts of a text do not depend on how it came', () => {
  const texts = ['x'.repeat(10_000), 'word '.repeat(3000), 'line of text\n'.repeat(900)];
  for (const text of [...texts, `${'😀'.repeat(5000)}e`, `x${'😀'.repeat(5000)}`]) {
    const whole = growingText(text);
    for (const size of [1, 7, 4095, 4097]) {
      const pieces = emptyText();
      for (let at = 0; at < text.length; at += size) appendText(pieces, text.slice(at, at + size));
      assert.deepEqual(pieces, whole);
    }
    assert.equal(wholeText(whole), text);
    assert.equal(whole.length, text.length);
    assert.ok(whole.parts.every((part) => part.length <= 4096 && !/[\ud800-\udbff]$/.test(part)));
  }
});

test('a delta changes its block only, and says which', () => {
  const turn = fold([
    { type: 'round-start', round: 0, message_id: 'm' },
    { type: 'reasoning-start' },
    { type: 'reasoning-delta', text: 'a', tokens: 1 },
    { type: 'reasoning-end', duration_ms: 5, tokens: 1, forced: false },
    { type: 'content-start' },
  ]);
  const [reasoning, content] = turn.rounds[0]!.blocks;
  const before = reasoning!.version;
  const changed = applyRunEvent(turn, { type: 'content-delta', text: 'b', tokens: 1 });
  assert.equal(changed, content);
  assert.equal(reasoning!.version, before);
});

test('an event that fits nowhere changes nothing and throws nothing', () => {
  const turn = fold([
    { type: 'reasoning-delta', text: 'a', tokens: 1 },
    {
      type: 'tool-result',
      call_id: 'x',
      content: '',
      is_error: false,
      duration_ms: 0,
      full_length: null,
    },
    { type: 'round-end', finish_reason: 'stop', usage: USAGE },
  ]);
  assert.deepEqual(turn.rounds, []);
});

test('a call goes through its states; an id that comes again is the newer call', () => {
  const call: RunEvent[] = [
    { type: 'tool-call-start', call_id: 'c', name: 'calculator', tool: CALCULATOR },
    { type: 'tool-call-delta', call_id: 'c', arguments_delta: '{}' },
    { type: 'tool-call-end', call_id: 'c' },
  ];
  const turn = fold([{ type: 'round-start', round: 0, message_id: 'm' }, ...call]);
  const states: string[] = [];
  const step = (event: RunEvent) => {
    const block = applyRunEvent(turn, event);
    if (block?.type === 'tool') states.push(block.state);
  };
  step({ type: 'tool-approval', call_id: 'c' });
  step({ type: 'tool-approved', call_id: 'c', always: false });
  step({ type: 'tool-start', call_id: 'c', message_id: 't' });
  step({ type: 'tool-progress', call_id: 'c', progress: 1, total: null, message: null });
  step({
    type: 'tool-result',
    call_id: 'c',
    content: '1',
    is_error: false,
    duration_ms: 1,
    full_length: null,
  });
  assert.deepEqual(states, ['asking', 'called', 'running', 'running', 'done']);
  for (const event of [{ type: 'round-start', round: 1, message_id: 'n' } as const, ...call])
    step(event);
  step({ type: 'run-end', status: 'stopped', error: null, usage: USAGE });
  const found = turn.rounds.map(({ blocks }) => blocks[0]!.type === 'tool' && blocks[0]!.state);
  assert.deepEqual(found, ['done', 'cut']);
});

test('rows become exchanges and turns', () => {
  const base = { created_at: '2026-01-01T00:00:00Z' };
  const rows: StoredMessage[] = [
    { ...base, id: 'q', parent_id: null, role: 'user', content: 'Hi', files: [] },
    {
      ...base,
      id: 'a',
      parent_id: 'q',
      role: 'assistant',
      reasoning: 'Hm.',
      reasoning_ms: 3,
      reasoning_forced: false,
      content: '',
      tool_calls: [{ id: 'c', name: 'calculator', arguments: '{}', tool: CALCULATOR }],
      finish_reason: 'tool_calls',
      trace_id: 't',
      usage: USAGE,
      error: null,
      model: 'standard',
      thinking: true,
    },
  ];
  const [exchange] = exchangesOf(rows);
  assert.equal(exchange!.question!.id, 'q');
  const turn = turnOfMessages(exchange!.answer);
  assert.deepEqual(
    turn.rounds[0]!.blocks.map((block) => (block.type === 'tool' ? block.state : block.type)),
    ['reasoning', 'cut'],
  );
  assert.deepEqual(turn.usage, USAGE);
});

test('sums are exact and keep the first token of the first', () => {
  assert.equal(addDecimals('0.1', '0.2'), '0.30');
  assert.equal(
    addDecimals('0.000000001', '12345678901234567890'),
    '12345678901234567890.000000001',
  );
  assert.equal(addDecimals('0.995', '0.005'), '1.00');
  const sum = sumOf([USAGE, null, { ...USAGE, first_token_ms: 99 }]);
  assert.equal(sum!.first_token_ms, 7);
  assert.equal(sum!.prompt_tokens, 20);
  assert.deepEqual(sum!.cost, { USD: '0.0000084' });
  assert.equal(sumOf([null]), null);
});
