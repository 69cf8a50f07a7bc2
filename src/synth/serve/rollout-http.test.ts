// The trainers' interface: whole rollouts, batches, the step form, stored rollouts judged again with
// the same verdict, and no byte of any task's private part in any answer.

import assert from 'node:assert/strict';
import test from 'node:test';
import { MARKER } from '../../../test/helpers/synth-corpus.js';
import { startStudio, type Studio } from '../../../test/helpers/synth-studio.js';
import type { TaskPair } from '../corpus-writer.js';
import type { Json } from '../world-types.js';
import type { Judgement } from './judge.js';
import type { Opened } from './rollouts.js';

/** Literal and derived arguments only, as the fixture's plans have; places in results are ids asked for. */
function argumentsOf({ solution }: TaskPair['private'], step: number): Record<string, Json> {
  const first = Object.values(solution.steps[0]!.arguments)[0]!;
  return Object.fromEntries(
    Object.entries(solution.steps[step]!.arguments).map(([name, value]) => {
      if ('literal' in value) return [name, value.literal];
      if ('derived' in value) return [name, value.derived];
      return [name, (first as { literal: Json }).literal];
    }),
  );
}

async function open(studio: Studio, key: string): Promise<Opened> {
  const { status, body } = await studio.send('POST', '/v1/sessions', { task_key: key, seed: 7 });
  assert.equal(status, 200);
  return body;
}

/** Carries out the reference solution; gives the messages an agent would have made. */
async function solve(studio: Studio, { private: secret }: TaskPair, id: string) {
  const messages: object[] = [];
  for (const [i, { tool }] of secret.solution.steps.entries()) {
    const args = argumentsOf(secret, i);
    if (tool === 'switch_router') {
      const message = `Please use switch_router on ${String(args['router_id'])}.`;
      await studio.send('POST', `/v1/sessions/${id}/user`, { message });
      continue;
    }
    const { body } = await studio.send('POST', `/v1/sessions/${id}/tools/${tool}`, args);
    assert.equal((body as { ok: boolean }).ok, true);
    const called = { name: tool, arguments: JSON.stringify(args) };
    messages.push({
      role: 'assistant',
      content: null,
      tool_calls: [{ id: `c${i}`, type: 'function', function: called }],
    });
    messages.push({ role: 'tool', tool_call_id: `c${i}`, content: JSON.stringify(body) });
  }
  messages.push({ role: 'assistant', content: secret.solution.message ?? 'Done.' });
  return messages;
}

test('a rollout of each kind: opened, carried out, judged, judged again from its record', async (t) => {
  const studio = await startStudio(t, { numTasks: 12 });
  for (const pair of studio.pairs) {
    const { task } = pair;
    const opened = await open(studio, task.key);
    assert.equal(opened.seed, 7);
    assert.deepEqual(
      opened.prompt.map(({ role }) => role),
      ['system', 'user'],
    );
    assert.equal(opened.prompt[1]!.content, task.request);
    assert.ok(opened.tools.length > 20);
    const path = `/v1/sessions/${opened.session_id}`;
    const messages = await solve(studio, pair, opened.session_id);
    const judged = (await studio.send('POST', `${path}/verify`, { messages })).body as Judgement;
    assert.equal(judged.reward, 1, JSON.stringify(judged));
    const { calls } = (await studio.send('GET', path)).body as { calls: object[] };
    const stored = { task_key: task.key, calls, messages };
    const again = await studio.send('POST', '/v1/reverify', [stored, { ...stored, calls: [] }]);
    const [same, idle] = again.body as [Judgement, Judgement];
    assert.deepEqual(same, judged);
    // Nothing done: only what was told can still be right.
    assert.equal(idle.reward, task.family === 'aggregate' ? 1 : 0);
    if (!task.user) {
      const fromMessages = await studio.send('POST', '/v1/reverify', {
        task_key: task.key,
        messages,
      });
      assert.deepEqual(fromMessages.body, judged);
    }
    assert.deepEqual((await studio.send('DELETE', path)).body, { closed: true });
    assert.equal((await studio.send('GET', path)).status, 404);
  }
  assert.equal(studio.rollouts.size, 0);
});

test('no answer of any door holds what a verifier looks for or a solution says', async (t) => {
  const studio = await startStudio(t);
  const keys = studio.pairs.map(({ task }) => task.key);
  for (const pair of studio.pairs) {
    const { session_id: id } = await open(studio, pair.task.key);
    const wrong = { messages: [{ role: 'assistant', content: 'no idea' }], submission: { id: 1 } };
    await studio.send('POST', `/v1/sessions/${id}/verify`, wrong);
    await studio.send('POST', '/v1/reverify', { task_key: pair.task.key, ...wrong });
    await studio.send('GET', `/state?session_id=${id}`);
    await studio.send('POST', '/step', { session_id: id, action: { finish: true, ...wrong } });
    const init = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} };
    const mcp = `/${pair.task.envId}/mcp`;
    const { headers } = await studio.send(
      'POST',
      mcp,
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: init },
      { 'x-task-key': pair.task.key },
    );
    for (const method of ['tools/list', 'resources/list', 'prompts/list', 'task/private']) {
      await studio.send(
        'POST',
        mcp,
        { jsonrpc: '2.0', id: 1, method },
        { 'mcp-session-id': headers.get('mcp-session-id')! },
      );
    }
  }
  await studio.send(
    'POST',
    '/v1/sessions',
    keys.map((key) => ({ task_key: key })),
  );
  await studio.send('GET', '/v1/tasks');
  for (const path of [
    '/tasks/0000.private.jsonl',
    '/../tasks/0000.private.jsonl',
    '/%2e%2e/x',
    '/',
  ]) {
    assert.equal((await studio.send('GET', path)).status, 404);
  }
  const seen = studio.seen.join('\n');
  assert.ok(seen.length > 20_000);
  for (const word of [
    MARKER,
    'verifier',
    'solution"',
    'alternatives',
    'hidden-until-asked',
    'expectedStateHash',
    'submissionChecks',
  ]) {
    assert.ok(!seen.includes(word), `an answer has ${word}`);
  }
  for (const { task, private: secret } of studio.pairs) {
    const hash = secret.verifier.expectedStateHash;
    if (hash !== undefined) assert.ok(!seen.includes(hash), `${task.key}: the wanted state shows`);
  }
});

test('the scripted user tells what is asked, in either language, and nothing before', async (t) => {
  const studio = await startStudio(t, { numTasks: 12 });
  for (const { task } of studio.pairs.filter((pair) => pair.task.user)) {
    const { session_id: id } = await open(studio, task.key);
    const say = async (message: string) =>
      (
        (await studio.send('POST', `/v1/sessions/${id}/user`, { message })).body as {
          message: string;
        }
      ).message;
    const answer = task.user!.facts[0]!.answer;
    assert.doesNotMatch(await say('Hello!'), /hidden-until-asked/);
    assert.equal(await say('Which room is your router in?'), answer);
    assert.equal(await say('请问路由器在哪个房间？'), answer);
    const router = /ro-[0-9a-f]+/.exec(task.request)![0];
    assert.equal(
      await say(`Run router_light for ${router}`),
      `router_light (${router}): {"status":"dark"}`,
    );
    assert.match(await say(`Now switch_router {"router_id": "${router}"}`), /"power":true/);
    assert.equal(
      await say(`router_light: ${router}?`),
      `router_light (${router}): {"status":"green"}`,
    );
    assert.match(await say('Run router_light'), /router_id is missing/);
  }
  const { session_id: id } = await open(studio, studio.pairs[0]!.task.key);
  const { status } = await studio.send('POST', `/v1/sessions/${id}/user`, { message: 'Hello?' });
  assert.equal(status, 400);
});

test('batches answer item by item', async (t) => {
  const studio = await startStudio(t);
  const [one, two] = studio.pairs;
  const opened = (
    await studio.send('POST', '/v1/sessions', [
      { task_key: one!.task.key },
      { task_key: 'nothing' },
      7,
      { task_key: two!.task.key },
    ])
  ).body as (Opened & { error?: { type: string } })[];
  assert.deepEqual(
    opened.map(({ error }) => error?.type),
    [undefined, 'not_found', 'bad_request', undefined],
  );
  const ids = [opened[0]!.session_id, opened[3]!.session_id];
  const called = await studio.send('POST', '/v1/tools', [
    { session_id: ids[0], name: 'note', arguments: { text: 'a' } },
    { session_id: 'x', name: 'note', arguments: {} },
    { session_id: ids[1], name: 'note', arguments: { text: 'b' } },
  ]);
  assert.deepEqual((called.body as unknown[])[0], { ok: true, result: { notes: 1 } });
  assert.deepEqual((called.body as unknown[])[2], { ok: true, result: { notes: 1 } });
  const many = await studio.send(
    'POST',
    `/v1/sessions/${ids[0]}/tools`,
    [2, 3].map(() => ({ name: 'note', arguments: { text: 'c' } })),
  );
  assert.deepEqual((many.body as unknown[])[1], { ok: true, result: { notes: 3 } });
  const judged = await studio.send(
    'POST',
    '/v1/verify',
    ids.map((id) => ({ session_id: id, messages: [] })),
  );
  assert.deepEqual(
    (judged.body as Judgement[]).map(({ reward }) => reward),
    [0, 0],
  );
  const closed = await studio.send('DELETE', '/v1/sessions', [...ids, 'x']);
  assert.deepEqual(closed.body, [{ closed: true }, { closed: true }, { closed: false }]);
});

test('the step form: reset, act, finish', async (t) => {
  const studio = await startStudio(t);
  const pair = studio.pairs[1]!;
  const { body } = await studio.send('POST', '/reset', { task_key: pair.task.key });
  const { session_id: id, done } = body as { session_id: string; done: boolean };
  assert.equal(done, false);
  const step = async (action: object) =>
    (await studio.send('POST', '/step', { session_id: id, action })).body as {
      observation: unknown;
      reward: number;
      done: boolean;
    };
  for (const [i, { tool }] of pair.private.solution.steps.entries()) {
    const { reward } = await step({ tool, arguments: argumentsOf(pair.private, i) });
    assert.equal(reward, 0);
  }
  const state = await studio.send('GET', `/state?session_id=${id}`);
  assert.equal((state.body as { step_count: number }).step_count, 2);
  const bad = await studio.send('POST', '/step', { session_id: id, action: { dance: 1 } });
  assert.equal(bad.status, 400);
  const last = await step({ finish: true, messages: [] });
  assert.deepEqual([last.reward, last.done], [1, true]);
  assert.equal((await studio.send('GET', `/state?session_id=${id}`)).status, 404);
});

test('keys of tasks come in pages', async (t) => {
  const studio = await startStudio(t, { numTasks: 10 });
  const keys: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const { body } = await studio.send('GET', `/v1/tasks?limit=4${query}`);
    const page = body as { task_keys: string[]; next?: string };
    keys.push(...page.task_keys);
    after = page.next;
  }
  assert.deepEqual(
    keys,
    studio.pairs.map(({ task }) => task.key),
  );
});
