// The loop against a scripted endpoint: reference solutions pass and are judged the same again from their
// rows; every limit and failure is a row that says so; keys are never in what is answered; and nothing
// goes on when the client is gone.

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  calls,
  referenceAgent,
  startChat,
  USAGE,
  type ChatRequest,
  type ScriptedAnswer,
} from '../../../test/helpers/chat-script.js';
import { until } from '../../../test/helpers/scripted-server.js';
import { startStudio, type Studio } from '../../../test/helpers/synth-studio.js';
import type { ChatMessage } from '../task-prompt.js';
import type { Judgement } from './judge.js';
import { requestMessages } from './rollout-loop-messages.js';
import type { RolloutRow } from './rollout-loop-row.js';

const KEY = 'sk-endpoint-secret-0001';

async function rollouts(studio: Studio, body: object): Promise<RolloutRow[]> {
  const { status, text } = await studio.send('POST', '/v1/rollouts', body, {
    'x-endpoint-key': KEY,
  });
  assert.equal(status, 200, text);
  return text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RolloutRow);
}

/** One rollout of the first task against these answers, the last of which is repeated. */
async function one(
  t: test.TestContext,
  fields: object,
  ...answers: readonly ScriptedAnswer[]
): Promise<{ row: RolloutRow; asked: ChatRequest[]; studio: Studio }> {
  const studio = await startStudio(t);
  const chat = await startChat(t, (_, i) => answers[i] ?? answers.at(-1)!);
  const tasks = [studio.pairs[0]!.task.key];
  const [row] = await rollouts(studio, { base_url: chat.baseUrl, model: 'm', tasks, ...fields });
  return { row: row!, asked: chat.asked, studio };
}

test('reference solutions of every kind pass, in groups, and are judged the same from their rows', async (t) => {
  const studio = await startStudio(t);
  const chat = await startChat(t, referenceAgent(studio.pairs));
  const rows = await rollouts(studio, {
    base_url: chat.baseUrl,
    model: 'played',
    tasks: 8,
    group_size: 2,
    concurrency: 5,
    sampling: { temperature: 1, seed: 7 },
  });
  assert.equal(rows.length, 16);
  for (const row of rows) {
    const { task } = studio.pairs.find((pair) => pair.task.key === row.task_key)!;
    assert.equal(row.reward, 1, JSON.stringify([row.stop_condition, row.error, row.checks]));
    assert.equal(row.error, null);
    assert.equal(row.is_completed, true);
    assert.equal(row.is_truncated, false);
    assert.equal(row.stop_condition, task.submissionSchema ? 'submitted' : 'final_message');
    assert.equal(row.sampling['seed'], 7 + row.sample_idx);
    assert.equal(row.usage.calls, row.timing.model.length);
    assert.equal(row.usage.completion_tokens, 5 * row.usage.calls);
    assert.equal(row.usage.reasoning_tokens, 2 * row.usage.calls);
    assert.equal(row.usage.cached_tokens, 4 * row.usage.calls);
    assert.equal(row.usage.estimated, false);
    assert.equal(row.state_diff.length, ['policy-edit', 'diagnosis'].includes(task.family) ? 1 : 0);
    assert.equal(row.trajectory?.length ?? 1, task.user ? 2 : 1);
    const again = (await studio.send('POST', '/v1/reverify', row)).body as Judgement;
    assert.deepEqual(again.checks, row.checks);
    assert.equal(again.final_state_hash, row.final_state_hash);
    assert.equal(again.reward, 1);
  }
  assert.equal(new Set(rows.map(({ id }) => id)).size, 16);
  assert.equal(new Set(rows.map(({ group_id: id }) => id)).size, 8);
  assert.ok(chat.headers.every(({ authorization }) => authorization === `Bearer ${KEY}`));
  assert.ok(chat.asked.every((asked) => asked['temperature'] === 1 && asked['stream'] === false));
  assert.ok(!studio.seen.join('').includes(KEY));
  assert.equal(studio.rollouts.size, 0);
});

test('reasoning is kept since the last user message and dropped before it', () => {
  const call = { tool_calls: calls(['f', {}]) };
  const messages: ChatMessage[] = [
    { role: 'system', content: 's' },
    { role: 'user', content: 'one' },
    { role: 'assistant', content: null, reasoning_content: 'r1', ...call },
    { role: 'tool', tool_call_id: 'call_0', content: '{}' },
    { role: 'assistant', content: 'a', reasoning_content: 'r2' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: null, reasoning_content: '', ...call },
    { role: 'tool', tool_call_id: 'call_0', content: '{}' },
    { role: 'assistant', content: null, reasoning_content: 'r4', ...call },
    { role: 'tool', tool_call_id: 'call_0', content: '{}' },
  ];
  const sent = requestMessages(messages);
  assert.deepEqual(
    sent.map(({ reasoning_content: reasoning }) => reasoning),
    [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      '',
      undefined,
      'r4',
      undefined,
    ],
  );
  assert.deepEqual(sent.map(withoutReasoning), messages.map(withoutReasoning));
});

function withoutReasoning(message: ChatMessage): ChatMessage {
  return { ...message, reasoning_content: '' };
}

test('a turn goes back with its reasoning, and every call has its result in order', async (t) => {
  const two = calls(['count_purchases', { status: 'open' }], ['count_purchases', '{"status":']);
  const { row, asked } = await one(
    t,
    {},
    { message: { reasoning_content: 'think', tool_calls: two } },
    { message: { content: 'no idea' } },
  );
  const [assistant, first, second] = asked[1]!.messages.slice(2);
  assert.equal(assistant!.reasoning_content, 'think');
  assert.deepEqual([first!.tool_call_id, second!.tool_call_id], ['call_0', 'call_1']);
  assert.match(first!.content!, /^\{"count":\d+\}$/);
  assert.match(second!.content!, /no JSON object/);
  assert.equal(row.metrics['bad_calls'], 1);
  assert.equal(row.calls.length, 1);
  assert.equal(row.reward, 0);
  assert.equal(row.stop_condition, 'final_message');
});

test('limits: each ends the rollout and is named', async (t) => {
  const call = (n: number) => ({
    message: { tool_calls: calls(['get_product', { product_id: `p${n}` }]) },
  });
  const turns = await one(t, { limits: { max_turns: 2 } }, call(1), call(2), call(3));
  assert.equal(turns.row.stop_condition, 'max_turns');
  assert.equal(turns.row.usage.turns, 2);
  assert.equal(turns.row.is_truncated, true);
  const tools = await one(t, { limits: { max_tool_calls: 1 } }, call(1), call(2));
  assert.equal(tools.row.stop_condition, 'max_tool_calls');
  assert.equal(tools.row.calls.length, 1);
  const tokens = await one(t, { limits: { max_completion_tokens: 9 } }, call(1), call(2), call(3));
  assert.equal(tokens.row.stop_condition, 'max_completion_tokens');
  const cut = await one(t, {}, { ...call(1), finish: 'length' });
  assert.equal(cut.row.stop_condition, 'length');
  assert.equal(cut.row.calls.length, 0, 'a call that may be cut is not run');
  const never = { raw: () => {} };
  const wall = await one(t, { limits: { wall_ms: 1 } }, never);
  assert.equal(wall.row.stop_condition, 'wall_time');
  assert.equal(wall.row.error, null);
});

test('the same call with the same result: told once inside the result, then the end', async (t) => {
  const same = { message: { tool_calls: calls(['count_purchases', { status: 'open' }]) } };
  const { row, asked } = await one(t, {}, same);
  assert.equal(row.stop_condition, 'loop_detected');
  assert.equal(row.usage.turns, 4);
  const notes = asked.at(-1)!.messages.filter(({ content }) => content?.includes('three times'));
  assert.equal(notes.length, 1);
  assert.equal(notes[0]!.role, 'tool');
});

test('busy endpoints are asked again, others are an error in the row', async (t) => {
  const busy = { status: 429, headers: { 'retry-after': '0' } };
  const { row } = await one(t, {}, busy, { ...busy, status: 503 }, { message: { content: 'hm' } });
  assert.equal(row.error, null);
  assert.equal(row.metrics['retries'], 2);
  const still = await one(t, { max_retries: 1 }, busy);
  assert.equal(still.asked.length, 2);
  assert.equal(still.row.error!.type, 'status_429');
  const message = `the key ${'x'.repeat(400)}`;
  const refused = { status: 401, text: JSON.stringify({ error: { message } }) };
  const bad = await one(t, {}, refused);
  assert.equal(bad.asked.length, 1);
  assert.equal(bad.row.stop_condition, 'error');
  assert.equal(bad.row.is_completed, false);
  assert.equal(bad.row.reward, 0);
  assert.ok(bad.row.error!.message.length < 400);
  const page = await one(t, {}, { status: 404, text: '<html>inner secrets</html>' });
  assert.equal(page.row.error!.message, 'the endpoint answered 404');
  const odd = await one(t, {}, { raw: (response) => response.end('{"choices":[{}]}') });
  assert.equal(odd.row.error!.type, 'bad_reply');
  const moved = await one(t, {}, { status: 302, headers: { location: 'http://127.0.0.1:1/' } });
  assert.equal(moved.row.error!.type, 'status_302', 'redirects are not followed');
  assert.ok(![bad, page, odd].some(({ studio }) => studio.seen.join('').includes(KEY)));
});

test('usage that the endpoint does not tell is estimated, and said to be', async (t) => {
  const { row } = await one(t, {}, { message: { content: 'no idea' }, usage: null });
  assert.equal(row.usage.estimated, true);
  assert.ok(row.usage.prompt_tokens > 50 && row.usage.completion_tokens > 0);
  assert.equal(row.usage.total_tokens, row.usage.prompt_tokens + row.usage.completion_tokens);
  assert.equal(USAGE.completion_tokens, 5);
});

test('when the client leaves, requests to the endpoint end and sessions close', async (t) => {
  const studio = await startStudio(t);
  const chat = await startChat(t, () => ({ raw: () => {} }));
  const leave = new AbortController();
  const body = { base_url: chat.baseUrl, model: 'm', tasks: 4, concurrency: 2 };
  const response = await fetch(`${studio.url}/v1/rollouts`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: leave.signal,
  });
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
  await until(() => chat.asked.length === 2);
  assert.equal(studio.rollouts.size, 2);
  leave.abort();
  await until(() => chat.abandoned === 2 && studio.rollouts.size === 0);
  assert.equal(chat.asked.length, 2);
  assert.deepEqual(studio.errors, []);
});

test('wrong requests are refused before anything begins', async (t) => {
  const studio = await startStudio(t, {
    rolloutLoop: { endpoints: ['http://127.0.0.1:9/v1'], endpointKey: KEY },
  });
  const good = { base_url: 'http://127.0.0.1:9/v1', model: 'm', tasks: 1 };
  const refused: readonly [object, number, RegExp][] = [
    [{ ...good, base_url: 'file:///etc/passwd' }, 400, /http or https/],
    [{ ...good, base_url: 'http://user:pw@127.0.0.1/' }, 400, /user or password/],
    [{ ...good, base_url: 'http://169.254.169.254/latest' }, 403, /not among the endpoints/],
    [{ ...good, tasks: ['nothing'] }, 404, /no task/],
    [{ ...good, tasks: [] }, 400, /tasks is a list/],
    [{ ...good, group_size: 0 }, 400, /group_size/],
    [{ ...good, sampling: { messages: [] } }, 400, /must not set messages/],
    [{ ...good, limits: { max_turn: 1 } }, 400, /is no limit/],
    [{ ...good, groupsize: 1 }, 400, /is no field/],
  ];
  for (const [body, status, words] of refused) {
    const answer = await studio.send('POST', '/v1/rollouts', body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, words);
  }
});

test("the server's own key goes to listed endpoints only", async (t) => {
  const chat = await startChat(t, () => ({ message: { content: 'x' } }));
  const own = { endpoints: [chat.baseUrl], endpointKey: KEY };
  const listed = await startStudio(t, { rolloutLoop: own });
  const open = await startStudio(t, { rolloutLoop: { endpoints: [], endpointKey: KEY } });
  const body = { base_url: `${chat.baseUrl}/`, model: 'm', tasks: 1 };
  await listed.send('POST', '/v1/rollouts', body);
  await open.send('POST', '/v1/rollouts', body);
  assert.deepEqual(
    chat.headers.map(({ authorization }) => authorization),
    [`Bearer ${KEY}`, undefined],
  );
});
