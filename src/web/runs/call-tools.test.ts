// Which calls overlap, which wait for each other and for a person.

import assert from 'node:assert/strict';
import test from 'node:test';
import { gate, until } from '../../../test/helpers/scripted-server.js';
import type { RunEvent } from '../run-events.js';
import type { OfferedTool } from '../tools/offered-tool.js';
import type { ConversationSettings, StoredToolCall } from '../wire.js';
import { Approvals } from './approvals.js';
import { callTools } from './call-tools.js';

/** A tool whose calls say that they began and then wait to be let go, by their argument. */
function heldTool(name: string, writes: boolean) {
  const begun: string[] = [];
  const gates = new Map<string, ReturnType<typeof gate>>();
  const gateOf = (key: string) => {
    if (!gates.has(key)) gates.set(key, gate());
    return gates.get(key)!;
  };
  const offered: OfferedTool = {
    info: { id: name, title: name, server: null, writes, name, description: '', parameters: {} },
    tool: {
      definition: { name, description: '', parameters: {} },
      writes,
      run: async ({ key }) => {
        begun.push(String(key));
        await gateOf(String(key)).passed;
        return { content: `${String(key)} done`, isError: false, fullLength: null };
      },
    },
  };
  return { offered, begun, letGo: (key: string) => gateOf(key).open() };
}

function setUp(tools: OfferedTool[], approval: ConversationSettings['approval'] = 'never') {
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => events.push(event);
  const settings = { approval, always_allowed: [] };
  const approvals = new Approvals({ settings, emit, signal: stop.signal });
  let numIds = 0;
  const run = (...keys: [tool: string, key: string][]) => {
    const calls = keys.map(([name, key]): StoredToolCall => {
      const tool = tools.find(({ info }) => info.name === name)?.info ?? null;
      return { id: key, name, arguments: JSON.stringify({ key }), tool };
    });
    const newId = () => `m${numIds++}`;
    return Promise.all(
      callTools(calls, { tools, approvals, emit, newId, now: () => 0, signal: stop.signal }),
    );
  };
  return { run, approvals, events, stop };
}

test('calls that only read overlap, four at most', async () => {
  const read = heldTool('read', false);
  const { run } = setUp([read.offered]);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const results = run(...keys.map((key): [string, string] => ['read', key]));
  await until(() => read.begun.length === 4);
  read.letGo('a');
  await until(() => read.begun.length === 5);
  for (const key of keys) read.letGo(key);
  assert.deepEqual(
    (await results).map(({ content }) => content),
    keys.map((key) => `${key} done`),
  );
});

test('where one writes, all run in their order', async () => {
  const [read, write] = [heldTool('read', false), heldTool('write', true)];
  const { run, events } = setUp([read.offered, write.offered]);
  const results = run(['read', 'a'], ['write', 'b'], ['read', 'c']);
  for (const key of ['c', 'b', 'a']) {
    read.letGo(key);
    write.letGo(key);
  }
  await results;
  assert.deepEqual(
    events.map((event) => `${event.type} ${'call_id' in event ? event.call_id : ''}`),
    ['a', 'b', 'c'].flatMap((key) => [`tool-start ${key}`, `tool-result ${key}`]),
  );
});

test('always lets all waiting calls of the tool go, and nobody is asked again', async () => {
  const write = heldTool('write', true);
  const other = heldTool('other', true);
  const { run, approvals, events } = setUp([write.offered, other.offered], 'writes');
  const results = run(['write', 'a'], ['write', 'b'], ['other', 'c']);
  for (const key of ['a', 'b', 'd']) write.letGo(key);
  assert.equal(approvals.decide('none', 'allow'), undefined);
  assert.equal(approvals.decide('a', 'always')!.id, 'write');
  assert.equal(approvals.decide('b', 'deny'), undefined);
  assert.equal(approvals.decide('c', 'deny')!.id, 'other');
  assert.deepEqual(
    (await results).map(({ isDenied }) => isDenied),
    [false, false, true],
  );
  await run(['write', 'd']);
  assert.equal(events.filter(({ type }) => type === 'tool-approval').length, 3);
  assert.deepEqual(other.begun, []);
});

test('stopping settles what waits', async () => {
  const write = heldTool('write', true);
  const { run, stop } = setUp([write.offered], 'writes');
  const results = run(['write', 'a'], ['write', 'b']);
  stop.abort();
  assert.ok((await results).every(({ isError }) => isError));
  assert.deepEqual(write.begun, []);
});

test('stopping does not wait for a tool that hears nothing of it', async () => {
  const read = heldTool('read', false);
  const { run, stop } = setUp([read.offered]);
  const results = run(['read', 'a']);
  await until(() => read.begun.length === 1);
  stop.abort();
  const [result] = await results;
  assert.match(result!.content, /stopped/);
  read.letGo('a');
});

test('a call that nobody decides about is declined one day', async () => {
  const limits: (() => void)[] = [];
  const events: RunEvent[] = [];
  const approvals = new Approvals({
    settings: { approval: 'all', always_allowed: [] },
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    time: {
      after: (ms, run) => {
        assert.equal(ms, 24 * 60 * 60_000);
        limits.push(run);
        return () => limits.splice(limits.indexOf(run), 1);
      },
    },
  });
  const tool = { id: 'write', title: 'write', server: null, writes: true };
  const [first, second] = [approvals.ask('a', tool), approvals.ask('b', tool)];
  approvals.decide('b', 'allow');
  assert.equal(await second, 'run');
  assert.equal(limits.length, 1, 'who was answered waits no more');
  limits[0]!();
  assert.equal(await first, 'deny');
  assert.deepEqual(events.at(-1), { type: 'tool-denied', call_id: 'a' });
});
