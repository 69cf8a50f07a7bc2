// Programs of agents over a server: tests of a workspace and verdicts come out as in the isolate of this
// process, hostile programs end at the wall clock while the server answers others, and what cannot run is
// said.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  NoSandboxError,
  openProcessSandbox,
  SandboxBusyError,
} from '../../sandbox/process-sandbox.js';
import type { CorpusStore } from '../corpus.js';
import { loadEnvironment } from '../load-environment.js';
import type { RunElsewhere } from '../programs/elsewhere.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { callTool } from '../tools/call-tool.js';
import { Session, type ToolResult } from '../tools/session.js';
import { composeEnvironment } from '../world/compose.js';
import type { Affordance, Environment, Json } from '../world-types.js';
import { callRunCode, programsIn } from './code-tools.js';
import { Rollouts } from './rollouts.js';

type Programs = Extract<Affordance, { kind: 'programs' }>;

await loadProgramRunner();
const sandbox = await openProcessSandbox({ parallel: 2, wallMs: 1_500 });
after(() => sandbox.close());
const skip = sandbox.isAvailable ? false : JSON.stringify(sandbox.describe());

function workspace(): { env: Environment; programs: Programs } {
  for (let seed = 0; ; seed++) {
    const env = composeEnvironment(seed);
    const programs = env.affordances.find((one): one is Programs => one.kind === 'programs');
    if (programs && programs.frozen === null) return { env, programs };
  }
}

const { env, programs } = workspace();
const loaded = loadEnvironment(env);
const { key } = loaded.base.specs.get(programs.fileTable)!;

function rolloutsWith(runProgram: RunElsewhere) {
  const store = { environment: () => env, task: () => undefined } as unknown as CorpusStore;
  const rollouts = new Rollouts({ store, runProgram });
  const rollout = rollouts.openDefault(env.id);
  const { db } = rollout.session;
  const row = db
    .rows(programs.fileTable)
    .find((one) => String(one[programs.path]).endsWith('/index.js'))!;
  const id = String(row[key]);
  const param = `${programs.fileTable}_id`;
  const call = async (tool: string, args: Record<string, Json> = {}): Promise<ToolResult> =>
    rollouts.call(rollout, tool, { [param]: id, ...args });
  const setSource = (text: string) =>
    db.update(programs.fileTable, id, { [programs.source]: text });
  return { rollout, call, setSource, id, param };
}

test('tests of a workspace come out as in this process', { skip }, async () => {
  const { rollout, call, id, param } = rolloutsWith(programsIn(sandbox));
  const wanted = callTool(new Session(loaded), programs.testTool, { [param]: id });
  assert.ok(wanted.ok);
  assert.deepEqual(await call(programs.testTool), wanted);
  assert.equal(rollout.session.calls.length, 1);
});

test('a hostile program ends at the wall clock, and others are answered', { skip }, async () => {
  const { call, setSource } = rolloutsWith(programsIn(sandbox));
  setSource('export default () => { for (;;) Array(2 ** 32 - 1).indexOf(0); };');
  const hostile = call(programs.testTool);
  let hasEnded = false;
  void hostile.finally(() => (hasEnded = true));
  const read = await call(programs.readTool);
  assert.ok(read.ok);
  assert.equal(hasEnded, false);
  const result = await hostile;
  assert.ok(result.ok);
  const { passed, tests } = result.value as unknown as { passed: number; tests: unknown[] };
  assert.equal(passed, 0);
  assert.match(JSON.stringify(tests), /killed: it takes longer than 1500 ms/);
});

test('what cannot run is told and not recorded', async () => {
  const cases: [Error, string][] = [
    [new SandboxBusyError('full'), 'busy'],
    [new NoSandboxError([]), 'no_sandbox'],
  ];
  for (const [error, code] of cases) {
    const { rollout, call, setSource } = rolloutsWith(() => Promise.reject(error));
    setSource(`export default () => ${JSON.stringify(code)};`);
    const result = await call(programs.testTool);
    assert.equal(result.ok ? '' : result.code, code);
    assert.deepEqual(rollout.session.calls, []);
  }
});

test('code is a module whose prints are the result', { skip }, async () => {
  const session = new Session(loaded);
  const run = programsIn(sandbox);
  const go = (code: Json) => callRunCode(run, session, 'code', { code });
  assert.deepEqual(await go('const a = await 41; print(a + 1);'), {
    ok: true,
    value: { printed: '42\n' },
  });
  const failing = await go('print(1); throw new Error("no")');
  assert.ok(failing.ok);
  assert.match(JSON.stringify(failing.value), /"printed":"1\\n","error":{"kind":"exception"/);
  const none = await callRunCode(run, session, 'code', undefined);
  assert.equal(none.ok ? '' : none.code, 'bad_arguments');
  assert.equal(session.calls.length, 3);
});
