// The supervisor with real child processes running the fake model: crashes, restarts, aborts and
// shutdown, observed through events and process state.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { BackendError, type GenerateEvent, type GenerateRequest } from '../backend/types.js';
import { EngineBackend, type EngineNotice } from './engine-backend.js';
import { FAILING_TOKEN, fakeTokenTable, POISON_TOKEN } from './fake-runner.js';

const ENTRY = new URL('./fake-child.js', import.meta.url);
const never = new AbortController().signal;

function makeRequest(id: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    id,
    promptTokens: Int32Array.of(1, 2, 3),
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 5 },
    stopTokens: [POISON_TOKEN, FAILING_TOKEN],
    stopStrings: [],
    maxTokens: 4,
    ...changes,
  };
}

/** Long enough to be still running whenever a test looks. */
const ENDLESS = { maxTokens: 900_000, stopTokens: [] };

async function start(t: TestContext, { path = 'fine', notices = [] as EngineNotice[] } = {}) {
  const backend = await EngineBackend.start({
    source: { path, device: 'auto' },
    tokenTable: fakeTokenTable(),
    entry: ENTRY,
    onNotice: (notice) => notices.push(notice),
    sleep: () => Promise.resolve(),
  });
  t.after(() => backend.dispose());
  return backend;
}

async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const all = [];
  for await (const event of events) all.push(event);
  return all;
}

function finishOf(events: GenerateEvent[]): Extract<GenerateEvent, { type: 'finish' }> {
  const last = events.at(-1)!;
  assert.ok(last.type === 'finish');
  assert.equal(events.filter(({ type }) => type === 'finish').length, 1);
  return last;
}

test('generates through the child and reports its card', async (t) => {
  const backend = await start(t);
  const card = { id: 'fake', contextLength: 1_000_000, vocabSize: 64, grammars: true };
  assert.deepEqual(backend.cards(), [card]);
  assert.deepEqual(backend.health(), { status: 'ready' });
  const finish = finishOf(await collect(backend.generate(makeRequest('a'), never)));
  assert.equal(finish.usage.promptTokens, 3);
});

test('a warning of the child reaches the one who started it', async (t) => {
  const notices: EngineNotice[] = [];
  await start(t, { path: 'warns', notices });
  assert.deepEqual(notices, [{ type: 'warning', detail: 'using a slow device' }]);
});

test('what was chosen and how far loading is reach the one who started it', async (t) => {
  const notices: EngineNotice[] = [];
  const progress: number[][] = [];
  const backend = await EngineBackend.start({
    source: { path: 'talks', device: 'auto' },
    tokenTable: fakeTokenTable(),
    entry: ENTRY,
    onNotice: (notice) => notices.push(notice),
    onProgress: (...bytes) => progress.push(bytes),
  });
  t.after(() => backend.dispose());
  assert.deepEqual(notices, [{ type: 'note', detail: 'a device with kernels' }]);
  assert.deepEqual(progress, [[10, 20]]);
});

test('a model that cannot be loaded is a clear error, and nothing stays running', async () => {
  const options = { tokenTable: fakeTokenTable(), entry: ENTRY };
  await assert.rejects(
    EngineBackend.start({ ...options, source: { path: 'corrupt', device: 'auto' } }),
    { name: 'EngineLoadError', message: 'corrupt: not a GGUF file (it starts with "XXXX")' },
  );
  await assert.rejects(
    EngineBackend.start({ ...options, source: { path: 'dies', device: 'auto' } }),
    { name: 'EngineLoadError', message: /the engine process was ended by SIGABRT/ },
  );
});

test('kill -9 in the middle of a stream ends it properly, and the next request works', async (t) => {
  const notices: EngineNotice[] = [];
  const backend = await start(t, { notices });
  const pid = backend.pid!;
  const events: GenerateEvent[] = [];
  for await (const event of backend.generate(makeRequest('a', ENDLESS), never)) {
    events.push(event);
    if (events.length === 5) process.kill(pid, 'SIGKILL');
  }
  const finish = finishOf(events);
  assert.equal(finish.reason, 'insufficient_system_resource');
  assert.deepEqual(finish.usage, {
    promptTokens: 3,
    cacheHitTokens: 0,
    completionTokens: events.filter(({ type }) => type === 'token').length,
  });

  finishOf(await collect(backend.generate(makeRequest('b'), never)));
  assert.notEqual(backend.pid, pid);
  assert.deepEqual(
    notices.map(({ type }) => type),
    ['crashed', 'restarted'],
  );
  const stats = await backend.stats();
  assert.ok(stats.prefixCache);
  assert.deepEqual([stats.waiting, stats.running, stats.caches, stats.restarts], [0, 0, 0, 1]);
});

test('a request that aborts the native code costs only what was running', async (t) => {
  const backend = await start(t);
  for (let round = 0; round < 3; round++) {
    const poison = makeRequest(`poison ${round}`, { promptTokens: Int32Array.of(POISON_TOKEN) });
    const finish = finishOf(await collect(backend.generate(poison, never)));
    assert.equal(finish.reason, 'insufficient_system_resource');
    assert.equal(finish.usage.completionTokens, 0);
  }
  const good = finishOf(await collect(backend.generate(makeRequest('good'), never)));
  assert.notEqual(good.reason, 'insufficient_system_resource');
});

test('a forward pass that throws ends its request without a restart', async (t) => {
  const notices: EngineNotice[] = [];
  const backend = await start(t, { notices });
  const pid = backend.pid;
  const failing = makeRequest('a', { promptTokens: Int32Array.of(FAILING_TOKEN) });
  const finish = finishOf(await collect(backend.generate(failing, never)));
  assert.equal(finish.reason, 'insufficient_system_resource');
  assert.equal(backend.pid, pid);
  assert.deepEqual(notices, [
    { type: 'request-failed', id: 'a', detail: 'the forward pass failed' },
  ]);
});

test('aborting the signal and leaving the loop both free the sequence', async (t) => {
  const backend = await start(t);
  const controller = new AbortController();
  const events: GenerateEvent[] = [];
  for await (const event of backend.generate(makeRequest('a', ENDLESS), controller.signal)) {
    events.push(event);
    if (events.length === 3) controller.abort();
  }
  assert.equal(finishOf(events).reason, 'aborted');

  for await (const event of backend.generate(makeRequest('b', ENDLESS), never)) {
    if (event.type === 'token') break;
  }
  const { running, caches } = await backend.stats();
  assert.deepEqual({ running, caches }, { running: 0, caches: 0 });
});

test('an aborted signal never starts a sequence', async (t) => {
  const backend = await start(t);
  const events = await collect(backend.generate(makeRequest('a'), AbortSignal.abort()));
  assert.deepEqual(events, [
    {
      type: 'finish',
      reason: 'aborted',
      usage: { promptTokens: 3, cacheHitTokens: 0, completionTokens: 0 },
    },
  ]);
  assert.equal((await backend.stats()).steps, 0);
});

test('an abort at any moment of the start ends the sequence', async (t) => {
  const backend = await start(t);
  for (let numTurns = 0; numTurns < 12; numTurns++) {
    const controller = new AbortController();
    const request = makeRequest(`after ${numTurns} turns`, ENDLESS);
    const events = collect(backend.generate(request, controller.signal));
    for (let turn = 0; turn < numTurns; turn++) await Promise.resolve();
    controller.abort();
    assert.equal(finishOf(await events).reason, 'aborted');
  }
});

test('a child that hangs is ended, its streams end, and another one starts', async (t) => {
  const notices: EngineNotice[] = [];
  let restart = (): void => {};
  const restarted = new Promise<void>((resolve) => (restart = resolve));
  const backend = await EngineBackend.start({
    source: { path: 'hangs', device: 'auto' },
    tokenTable: fakeTokenTable(),
    entry: ENTRY,
    hangMs: 200,
    onNotice: (notice) => {
      notices.push(notice);
      if (notice.type === 'restarted') restart();
    },
    sleep: () => Promise.resolve(),
  });
  t.after(() => backend.dispose());
  const stats = backend.stats(); // answered before the step begins
  const events = collect(backend.generate(makeRequest('a'), never));
  assert.equal(finishOf(await events).reason, 'insufficient_system_resource');
  await restarted;
  assert.deepEqual(
    notices.map(({ type }) => type),
    ['warning', 'crashed', 'restarted'],
  );
  assert.match(
    (notices[0] as { detail: string }).detail,
    /has not answered for \d+ s and is ended/,
  );
  assert.equal((await stats).restarts, 0);
  assert.equal((await backend.stats()).restarts, 1);
});

test('counters do not go backwards when the child is started again', async (t) => {
  const backend = await start(t);
  finishOf(await collect(backend.generate(makeRequest('a', { stopTokens: [] }), never)));
  const before = await backend.stats();
  assert.ok(before.steps > 0 && before.prefillTokens === 3 && before.decodeTokens === 4);
  process.kill(backend.pid!, 'SIGKILL');
  const dying = await backend.stats();
  const poison = makeRequest('poison', { promptTokens: Int32Array.of(POISON_TOKEN) });
  finishOf(await collect(backend.generate(poison, never)));
  finishOf(await collect(backend.generate(makeRequest('b', { stopTokens: [] }), never)));
  const after = await backend.stats();
  assert.ok(dying.steps >= before.steps && after.steps > before.steps);
  assert.equal(after.decodeTokens, 8);
  assert.ok(after.restarts >= 1);
});

test('a request that no cache could hold is refused with both figures', async (t) => {
  const backend = await EngineBackend.start({
    source: { path: 'fine', device: 'auto', cacheBytes: 256 },
    tokenTable: fakeTokenTable(),
    entry: ENTRY,
  });
  t.after(() => backend.dispose());
  await assert.rejects(collect(backend.generate(makeRequest('a', { maxTokens: 62 }), never)), {
    code: 'context_length',
    message: /65 tokens needs 320 bytes; caches may take 256/,
  });
  finishOf(await collect(backend.generate(makeRequest('a', { maxTokens: 61 }), never)));
});

test('the engine holds nothing while it has no child', async (t) => {
  let restart = (): void => {};
  const restarted = new Promise<void>((resolve) => (restart = resolve));
  let crash = (): void => {};
  const crashed = new Promise<void>((resolve) => (crash = resolve));
  const backend = await EngineBackend.start({
    source: { path: 'fine', device: 'auto' },
    tokenTable: fakeTokenTable(),
    entry: ENTRY,
    onNotice: ({ type }) => type === 'crashed' && crash(),
    sleep: () => restarted,
  });
  t.after(() => backend.dispose());
  process.kill(backend.pid!, 'SIGKILL');
  await crashed;
  assert.equal(backend.health().status, 'restarting');
  const { waiting, running, caches, cacheBytes } = await backend.stats();
  assert.deepEqual([waiting, running, caches, cacheBytes], [0, 0, 0, 0]);
  restart();
  finishOf(await collect(backend.generate(makeRequest('a'), never)));
});

test('requests that cannot be started are rejected with the reason', async (t) => {
  const backend = await start(t);
  const cases: [Partial<GenerateRequest>, string, RegExp][] = [
    [{ promptTokens: new Int32Array(0) }, 'invalid_request', /empty/],
    [{ promptTokens: new Int32Array(1_000_000) }, 'context_length', /1000000 tokens/],
    [{ promptTokens: Int32Array.of(64) }, 'invalid_request', /token 64 is outside/],
    [{ promptTokens: Int32Array.of(-1) }, 'invalid_request', /token -1 is outside/],
    [{ maxTokens: 0 }, 'invalid_request', /maxTokens/],
  ];
  for (const [changes, code, message] of cases) {
    await assert.rejects(collect(backend.generate(makeRequest('x', changes), never)), {
      code,
      message,
    });
  }
});

test('signals to the whole process group leave the child to its parent', async (t) => {
  const backend = await start(t);
  const pid = backend.pid!;
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGTERM');
  finishOf(await collect(backend.generate(makeRequest('a'), never)));
  assert.equal(backend.pid, pid);
});

test('dispose ends streams and the child; later requests are refused', async (t) => {
  const backend = await start(t);
  const pid = backend.pid!;
  const events: GenerateEvent[] = [];
  for await (const event of backend.generate(makeRequest('a', ENDLESS), never)) {
    events.push(event);
    if (events.length === 3) void backend.dispose();
  }
  assert.equal(finishOf(events).reason, 'aborted');
  await backend.dispose();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the child is gone');
  await assert.rejects(
    collect(backend.generate(makeRequest('b'), never)),
    (error) => error instanceof BackendError && error.code === 'unavailable',
  );
});

test('a parent that is killed takes the child with it', async (t) => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT_PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [printed] = await once(parent.stdout.setEncoding('utf8'), 'data');
  const pid = Number(printed);
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

const PARENT_PROGRAM = `
  import { EngineBackend } from '${new URL('./engine-backend.js', import.meta.url)}';
  import { fakeTokenTable } from '${new URL('./fake-runner.js', import.meta.url)}';
  const backend = await EngineBackend.start({
    source: { path: 'fine', device: 'auto' },
    tokenTable: fakeTokenTable(),
    entry: new URL('${ENTRY}'),
  });
  console.log(backend.pid);
`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // ESRCH: gone
  }
  // In a container nobody may collect orphans: an ended process then stays listed as a zombie.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
