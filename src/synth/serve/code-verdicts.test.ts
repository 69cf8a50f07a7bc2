// A repair from its beginning to its verdict over HTTP, with every program in a locked process: the right
// one earns the reward, one that never ends earns nothing and holds nobody up.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { someCodeTask } from '../../../test/helpers/code-task.js';
import { storeOf } from '../../../test/helpers/proposed-corpus.js';
import { openProcessSandbox } from '../../sandbox/process-sandbox.js';
import type { Json } from '../world-types.js';
import { programsIn } from './code-tools.js';
import type { Judgement } from './judge.js';
import type { Opened } from './rollouts.js';
import { serveCorpus } from './serve-corpus.js';

const task = await someCodeTask();
const { key } = task.pair.task;
const probe = await openProcessSandbox({ ready: 0 });
const skip = probe.isAvailable ? false : JSON.stringify(probe.describe());
await probe.close();

/** A call that came to something, as it is answered. */
interface Called {
  readonly ok: boolean;
  readonly result: Json;
}

/** A session of the repair on a server of its own. */
async function repair(t: TestContext, wallMs: number) {
  const sandbox = await openProcessSandbox({ parallel: 2, wallMs });
  const errors: unknown[] = [];
  const studio = await serveCorpus({
    store: storeOf({ environments: [task.env], pairs: [task.pair] }),
    runProgram: programsIn(sandbox),
    onError: (error) => errors.push(error),
  });
  t.after(async () => {
    await studio.close();
    await sandbox.close();
    assert.deepEqual(errors, []);
  });
  const send = async <T>(path: string, body?: object): Promise<T> => {
    const headers = { 'content-type': 'application/json' };
    const post = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(studio.url + path, body && post);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as T;
  };
  const { session_id: id } = await send<Opened>('/v1/sessions', { task_key: key });
  return {
    send,
    call: (tool: string, args: object) => send<Called>(`/v1/sessions/${id}/tools/${tool}`, args),
    verdict: () => send<Judgement>(`/v1/sessions/${id}/verify`, {}),
    calls: async () => (await send<{ calls: object[] }>(`/v1/sessions/${id}`)).calls,
  };
}

test('the reference earns the reward, call by call as in this process', { skip }, async (t) => {
  const { send, call, verdict, calls } = await repair(t, 20_000);
  assert.equal((await verdict()).reward, 0);
  const tools = task.solution.map(({ tool }) => tool);
  assert.ok(tools.includes(task.programs.testTool) && tools.includes(task.programs.replaceTool));
  for (const { tool, arguments: args, result } of task.solution) {
    assert.ok(result.ok);
    assert.deepEqual(await call(tool, args), { ok: true, result: result.value }, tool);
  }
  const judged = await verdict();
  assert.equal(judged.reward, 1, JSON.stringify(judged));
  const stored = { task_key: key, calls: await calls() };
  assert.deepEqual(await send('/v1/reverify', stored), judged);
});

test('a call that never ends costs the reward, and others are answered', { skip }, async (t) => {
  const { send, call, verdict } = await repair(t, 300);
  const { programs, spoilt } = task;
  const replaced = await call(programs.replaceTool, spoilt('Array(4e9).indexOf(0);'));
  assert.ok(replaced.ok, JSON.stringify(replaced));
  const { arguments: args } = task.solution.find(({ tool }) => tool === programs.testTool)!;
  let hasEnded = false;
  const tested = call(programs.testTool, args).finally(() => (hasEnded = true));
  assert.deepEqual(await send('/health'), { sessions: 1 });
  await send('/v1/sessions', { task_key: key });
  assert.equal(hasEnded, false);
  const { result } = await tested;
  assert.equal((result as { passed: number }).passed, 0);
  assert.match(JSON.stringify(result), /killed: it takes longer than 300 ms/);
  assert.equal((await verdict()).reward, 0);
  assert.deepEqual(await send('/health'), { sessions: 2 });
});
