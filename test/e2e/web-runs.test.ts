// Questions answered by runs: rounds with tools, titles, resuming after every event, stopping, "answer
// now", failures; and that a reload always shows what was seen live.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type PlayedTurn, playedModel } from '../helpers/played-model.js';
import {
  gate,
  type ScriptedServerOptions,
  startScripted,
  until,
} from '../helpers/scripted-server.js';
import {
  assertSameAfterReload,
  foldAll,
  type SeenEvent,
  typesOf,
  WebChat,
} from '../helpers/web-chat.js';
import type { RunEvent } from '../../src/web/run-events.js';

const CALCULATE = ['calculator', { expression: '6 * 7' }] as const;
const TOOLS = { tools: ['builtin:calculator', 'builtin:get_time'] };

async function open(t: TestContext, turns: PlayedTurn[], options: ScriptedServerOptions = {}) {
  const model = playedModel(...turns);
  const { server, backend } = await startScripted(t, { complete: model.complete, ...options });
  return { chat: new WebChat(server), model, backend, server };
}

const endOf = (events: readonly RunEvent[]) => {
  const end = events.at(-1)!;
  assert.equal(end.type, 'run-end');
  return end as Extract<RunEvent, { type: 'run-end' }>;
};

test('two rounds of tools between thoughts, then the answer; all of it kept', async (t) => {
  const { chat, model } = await open(t, [
    { thinking: 'First.', calls: [CALCULATE] },
    { thinking: 'Again.', content: 'Wait.', calls: [CALCULATE, ['get_time', {}]] },
    { thinking: 'Done.', content: 'It is 42.' },
  ]);
  const { id } = await chat.newConversation(TOOLS);
  const events = await chat.events(await chat.ask(id, 'What is 6 * 7?\nPlease.'));
  assert.equal(endOf(events).status, 'completed');
  const blocks = foldAll(events).rounds.map((round) =>
    round.blocks.map((block) =>
      block.type === 'tool'
        ? block.result!.content.slice(0, 14).replace(/ "2.*/, '')
        : block.text.parts.join(''),
    ),
  );
  assert.deepEqual(blocks, [
    ['First.', '{"result": 42}'],
    ['Again.', 'Wait.', '{"result": 42}', '{"date":'],
    ['Done.', 'It is 42.'],
  ]);
  // The reasoning of the running question goes back.
  assert.match(model.prompts[2]!, /First\.[^]*Again\./);
  const rows = await chat.answerRows(id);
  assert.deepEqual(
    rows.map(({ role }) => role),
    ['assistant', 'tool', 'assistant', 'tool', 'tool', 'assistant'],
  );
  assertSameAfterReload(events, rows);
  const { title, active_run } = await chat.conversation(id);
  assert.equal(title, 'What is 6 * 7?');
  assert.equal(active_run, null);
  const usage = endOf(events).usage;
  assert.ok(usage.prompt_tokens > 0 && usage.cost['USD'] !== undefined);
  assert.ok(rows.every((row) => row.role !== 'assistant' || row.trace_id !== null));
});

test('the next question goes without old thoughts; a retry is a branch beside', async (t) => {
  const { chat, model } = await open(t, [
    { thinking: 'Secret.', content: 'One.' },
    { thinking: 'x', content: 'Two.' },
    { thinking: 'x', content: 'Three.' },
  ]);
  const { id } = await chat.newConversation();
  await chat.events(await chat.ask(id, 'First'));
  const { head_id, messages } = await chat.conversation(id);
  await chat.events(await chat.ask(id, 'Second', head_id));
  assert.match(model.prompts[1]!, /One\./);
  assert.doesNotMatch(model.prompts[1]!, /Secret/);
  const retried = await chat.start(id, { retry: messages[0]!.id });
  assert.equal(retried.user_message, null);
  await chat.events(retried.run_id);
  assert.doesNotMatch(model.prompts[2]!, /One\.|Second/);
  const after = await chat.conversation(id);
  const siblings = after.messages.filter(({ parent_id }) => parent_id === messages[0]!.id);
  assert.equal(siblings.length, 2);
  assert.equal(after.head_id, siblings[1]!.id);
});

test('a stream that is cut after any event goes on behind it', async (t) => {
  const { chat } = await open(t, [
    { thinking: 'I think about it.', calls: [CALCULATE] },
    { thinking: 'Good.', content: 'It is 42.' },
  ]);
  const { id } = await chat.newConversation(TOOLS);
  const runId = await chat.ask(id, 'q');
  const all: SeenEvent[] = [];
  for await (const seen of chat.follow(runId)) all.push(seen);
  for (let cut = 0; cut <= all.length; cut++) {
    const rest: SeenEvent[] = [];
    for await (const seen of chat.follow(runId, cut)) rest.push(seen);
    assert.deepEqual(rest, all.slice(cut));
  }
  const beyond = await chat.call('GET', `/runs/${runId}/events?after=${all.length + 1}`);
  assert.equal(beyond.status, 400);
  const nonsense = await chat.call('GET', `/runs/${runId}/events?after=-1`);
  assert.equal(nonsense.status, 400);
});

test('the run goes on when its reader leaves, and a second one sees everything', async (t) => {
  const held = gate();
  const { chat } = await open(t, [{ thinking: 'Long thought.', content: 'Answer.' }], {
    beforeToken: (index) => (index === 3 ? held.passed : undefined),
  });
  const { id } = await chat.newConversation();
  const runId = await chat.ask(id, 'q');
  for await (const { event } of chat.follow(runId)) if (event.type === 'reasoning-delta') break;
  assert.equal((await chat.conversation(id)).active_run, runId);
  const other = await chat
    .start(id, { parent_id: null, content: 'other', file_ids: [] })
    .catch((error: Error) => error);
  assert.match(String(other), new RegExp(`409 .*${runId}`));
  held.open();
  const events = await chat.events(runId);
  assert.equal(endOf(events).status, 'completed');
  assertSameAfterReload(events, await chat.answerRows(id));
});

test('stopping ends the model and keeps what had come, with what it cost', async (t) => {
  const held = gate();
  const { chat, backend } = await open(t, [{ thinking: 'Long thought.', content: 'Answer.' }], {
    beforeToken: (index) => (index === 4 ? held.passed : undefined),
  });
  const { id } = await chat.newConversation();
  const runId = await chat.ask(id, 'q');
  const events = await chat.events(runId, async (event) => {
    if (event.type !== 'reasoning-delta') return;
    await chat.json('POST', `/runs/${runId}/stop`);
    held.open();
  });
  assert.equal(endOf(events).status, 'stopped');
  await until(() => backend.numRunning === 0);
  const [row] = await chat.answerRows(id);
  assert.equal(row!.role === 'assistant' && row!.finish_reason, 'stopped');
  assert.ok(row!.role === 'assistant' && row!.usage!.prompt_tokens > 0);
  assertSameAfterReload(events, await chat.answerRows(id));
});

for (const settings of [
  { model: 'standard' },
  { model: 'speciale', max_tokens: 100_000 },
] as const) {
  test(`answer now ends the thinking and goes on, ${settings.model}`, async (t) => {
    const held = gate();
    const { chat, model } = await open(t, [{ thinking: 'Long thought.', content: 'Now.' }], {
      beforeToken: (index) => (index === 6 ? held.passed : undefined),
    });
    const { id } = await chat.newConversation({ ...settings, ...TOOLS });
    const runId = await chat.ask(id, 'q');
    let isAsked = false;
    const events = await chat.events(runId, async (event) => {
      if (event.type !== 'reasoning-delta' || isAsked) return;
      isAsked = true;
      await chat.json('POST', `/runs/${runId}/answer`);
      held.open();
    });
    assert.equal(endOf(events).status, 'completed', JSON.stringify(endOf(events)));
    const [round] = foldAll(events).rounds;
    const [thought, answer] = round!.blocks;
    assert.ok(thought!.type === 'reasoning' && thought!.isForced);
    assert.equal(answer!.type === 'content' && answer!.text.parts.join(''), 'Now.');
    const soFar = thought!.text.parts.join('');
    assert.ok('Long thought.'.startsWith(soFar) && soFar !== '');
    assert.ok(model.prompts[1]!.endsWith(`${soFar}</think>`), model.prompts[1]!.slice(-80));
    assertSameAfterReload(events, await chat.answerRows(id));
    const late = await chat.call('POST', `/runs/${runId}/answer`);
    assert.equal(late.status, 409);
  });
}

test('answer now in a scenario of the lab', async (t) => {
  const { chat } = await open(t, []);
  const { id } = await chat.newConversation({ lab: 'slow-tokens:5' });
  const runId = await chat.ask(id, 'q');
  let isAsked = false;
  const events = await chat.events(runId, async (event) => {
    if (event.type !== 'reasoning-delta' || isAsked) return;
    isAsked = true;
    await chat.json('POST', `/runs/${runId}/answer`);
  });
  assert.equal(endOf(events).status, 'completed', JSON.stringify(endOf(events)));
  assert.deepEqual(endOf(events).usage.cost, {});
  assert.ok(typesOf(events).includes('content-delta'));
  assertSameAfterReload(events, await chat.answerRows(id));
});

test('failures of the lab end the run with their own message', async (t) => {
  const { chat, server } = await open(t, []);
  const list = (await (await fetch(`${server.url}/lab`)).json()) as {
    data: { name: string; status?: number }[];
  };
  const failing = list.data.filter(({ status }) => status !== undefined);
  assert.ok(failing.some(({ status }) => status === 402) && failing.length > 3);
  for (const { name, status } of failing) {
    const { id } = await chat.newConversation({ lab: name });
    const events = await chat.events(await chat.ask(id, 'q'));
    const { error, status: end } = endOf(events);
    assert.equal(end, 'failed', name);
    assert.equal(error!.status, status, name);
    assert.notEqual(error!.message, '', name);
    assertSameAfterReload(events, await chat.answerRows(id));
  }
});

test('a server that dies while it speaks leaves what it said, and the reason', async (t) => {
  const held = gate();
  const { chat, backend } = await open(t, [{ content: 'A long answer to it.' }], {
    beforeToken: (index) => (index === 5 ? held.passed : undefined),
  });
  const { id } = await chat.newConversation({ thinking: false });
  const runId = await chat.ask(id, 'q');
  const events = await chat.events(runId, (event) => {
    if (event.type !== 'content-delta') return;
    backend.isDead = true;
    held.open();
  });
  assert.equal(endOf(events).status, 'failed');
  assert.match(endOf(events).error!.message, /insufficient_system_resource/);
  const rows = await chat.answerRows(id);
  assert.ok(rows[0]!.content.length > 0);
  assertSameAfterReload(events, rows);
});

test('calls of a truncated reply are not run, and the conversation goes on', async (t) => {
  const { chat, model } = await open(t, [
    { calls: [['calculator', { expression: '1'.repeat(200) }]] },
    { content: 'Fine.' },
  ]);
  const { id } = await chat.newConversation({ ...TOOLS, thinking: false, max_tokens: 60 });
  const events = await chat.events(await chat.ask(id, 'q'));
  assert.equal(endOf(events).status, 'completed');
  const [round] = foldAll(events).rounds;
  assert.equal(round!.finishReason, 'length');
  assert.ok(!typesOf(events).includes('tool-start'));
  assertSameAfterReload(events, await chat.answerRows(id));
  const { head_id } = await chat.conversation(id);
  const next = await chat.events(await chat.ask(id, 'and?', head_id));
  assert.equal(endOf(next).status, 'completed', JSON.stringify(endOf(next)));
  assert.equal(model.prompts.length, 2);
});

test('a model that never stops calling is stopped after sixteen rounds', async (t) => {
  const { chat, model } = await open(t, [{ thinking: 'x', calls: [CALCULATE] }]);
  const { id } = await chat.newConversation(TOOLS);
  const events = await chat.events(await chat.ask(id, 'q'));
  assert.equal(model.prompts.length, 16);
  assert.match(endOf(events).error!.message, /16 rounds/);
  assertSameAfterReload(events, await chat.answerRows(id));
});

test('a detached run keeps nothing; wrong runs are refused with the reason', async (t) => {
  const { chat } = await open(t, [{ content: 'Hi.' }]);
  const { id, settings } = await chat.newConversation({ thinking: false });
  const messages = [{ role: 'user', content: 'q' }];
  const { run_id } = await chat.json<{ run_id: string }>('POST', '/runs', { settings, messages });
  const events = await chat.events(run_id);
  assert.equal(endOf(events).status, 'completed');
  assert.deepEqual((await chat.conversation(id)).messages, []);
  const refused: [string, string, unknown, number][] = [
    ['POST', `/conversations/${id}/runs`, { parent_id: null, content: ' ', file_ids: [] }, 400],
    ['POST', `/conversations/${id}/runs`, { retry: 'msg_none' }, 404],
    ['POST', '/conversations/conv_none/runs', { parent_id: null, content: 'q', file_ids: [] }, 404],
    ['POST', '/runs', { settings, messages: [{ role: 'assistant', content: 'a' }] }, 400],
    ['GET', '/runs/run_none/events', undefined, 404],
    ['POST', `/runs/${run_id}/approvals/call_x`, { decision: 'allow' }, 409],
    ['POST', `/runs/${run_id}/approvals/call_x`, { decision: 'perhaps' }, 400],
  ];
  for (const [method, path, body, status] of refused) {
    const response = await chat.call(method, path, body);
    assert.equal(response.status, status, `${path} ${JSON.stringify(body)}`);
    assert.match(await response.text(), /"message"/);
  }
});

test('files of the question stand before it, with their names', async (t) => {
  const { chat, model } = await open(t, [{ content: 'Read.' }]);
  const { id } = await chat.newConversation({ thinking: false });
  const file = await chat.json<{ id: string }>('POST', `/conversations/${id}/files`, {
    name: 'a.csv',
    media_type: 'text/csv',
    bytes: 3,
    text: 'x,y',
  });
  const body = { parent_id: null, content: 'Sum it.', file_ids: [file.id] };
  const { run_id, user_message } = await chat.start(id, body);
  await chat.events(run_id);
  assert.equal(user_message!.files[0]!.name, 'a.csv');
  assert.match(model.prompts.at(-1)!, /\[file name\]: a\.csv\n.*\nx,y\n.*\nSum it\./);
});

test('a question that has to wait says at which place', async (t) => {
  const held = gate();
  const { chat } = await open(t, [{ content: 'One.' }], {
    limits: { maxRunning: 1 },
    keepAlive: { firstMs: 1, everyMs: 1000, idleMs: 1000 },
    beforeToken: () => held.passed,
  });
  const [first, second] = await Promise.all([chat.newConversation(), chat.newConversation()]);
  const running = await chat.ask(first.id, 'q');
  const waiting = await chat.ask(second.id, 'q');
  const events = await Promise.all(
    [running, waiting].map((runId) =>
      chat.events(runId, (event) => {
        if (event.type === 'queued') held.open();
      }),
    ),
  );
  assert.deepEqual(
    events.flat().filter(({ type }) => type === 'queued'),
    [{ type: 'queued', position: 1 }],
  );
  assert.ok(events.every((each) => endOf(each).status === 'completed'));
  assert.ok(events.every((each) => foldAll(each).rounds[0]!.queued === null));
});

test('closing the server stops what runs, and what had come is kept', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hadal-runs-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { chat, server } = await open(t, [], {
    dataDir,
    apiKey: 'sk-of-this-test',
  });
  const { id } = await chat.newConversation({ thinking: false, lab: 'slow-tokens:1000' });
  const runId = await chat.ask(id, 'q');
  for await (const { event } of chat.follow(runId)) if (event.type === 'content-delta') break;
  await server.close();
  const again = await open(t, [{ content: 'x' }], { dataDir, apiKey: 'sk-of-this-test' });
  const [row] = await again.chat.answerRows(id);
  assert.equal(row!.role === 'assistant' && row!.finish_reason, 'stopped');
  assert.notEqual(row!.content, '');
});

test('more answers at once than a key may have are refused', async (t) => {
  const held = gate();
  const { chat } = await open(t, [{ content: 'x' }], { beforeToken: () => held.passed });
  const { settings } = await chat.newConversation({ thinking: false });
  const body = { settings, messages: [{ role: 'user', content: 'q' }] };
  for (let i = 0; i < 8; i++) await chat.json('POST', '/runs', body);
  const refused = await chat.call('POST', '/runs', body);
  assert.equal(refused.status, 429);
  assert.match(await refused.text(), /8 answers of this key/);
  held.open();
});
