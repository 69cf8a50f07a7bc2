// The whole workflow with a model that is played: environments and tasks pass every gate, the corpus is like
// any other and can be made again from the transcript alone; and what a bad or hostile model hands in is
// refused at the step that is there for it.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { scriptedProposer, type Step } from '../../../test/helpers/scripted-proposer.js';
import { checkCorpus } from '../corpus-writer.js';
import { openCorpus } from '../corpus.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner, runProgram } from '../programs/program-runner.js';
import { Environments } from '../serve/environments.js';
import { reverify } from '../serve/judge.js';
import { callTool } from '../tools/call-tool.js';
import { Session } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';
import type { ModelReply } from './chat-endpoint.js';
import { propose, type Proposed } from './propose.js';
import type { RunCode } from './solve-with-tools.js';
import { EndpointSource, TranscriptSource, type ModelSource } from './transcript.js';

const root = mkdtempSync(join(tmpdir(), 'hadal-propose-'));
before(loadProgramRunner);
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(root, `corpus-${folders++}`);

/** Programs here need little; one that never ends is found out soon. */
const run: RunCode = (program, input, limits) =>
  runProgram(program, input, { ...limits, steps: 500_000 });

type Spoil = (step: Step, nth: number, good: string) => string | undefined;

function played(spoil?: Spoil, transcript?: string, maxTokens?: number): EndpointSource {
  const answer = scriptedProposer(spoil ? { spoil } : {});
  const complete = (body: JsonObject): Promise<ModelReply> =>
    Promise.resolve({
      message: { role: 'assistant', content: answer(body['messages'] as never) },
      finishReason: 'stop',
      usage: { prompt_tokens: 100, completion_tokens: 10, reasoning_tokens: 0, cached_tokens: 0 },
      retries: 0,
    });
  return new EndpointSource({
    endpoint: { complete },
    model: 'played',
    sampling: {},
    signal: new AbortController().signal,
    ...(transcript !== undefined && { transcript }),
    ...(maxTokens !== undefined && { maxTokens }),
  });
}

async function proposal(
  source: ModelSource,
  folder = newFolder(),
  tasks = 1,
): Promise<Proposed & { notes: string[] }> {
  const notes: string[] = [];
  const proposed = await propose({
    folder,
    source,
    environments: 1,
    tasks,
    seed: 1,
    run,
    onNote: (note) => notes.push(note),
  });
  return { ...proposed, notes };
}

test('a task passes every gate; the corpus is whole, and the transcript alone makes it again', async () => {
  const [folder, transcript] = [newFolder(), join(root, 'transcript.jsonl')];
  // The first draft has a mistake that it is told about.
  const source = played(
    (step, nth, good) =>
      step === 'task' && nth === 0 ? good.replace('rows.push', 'rows.pusch') : undefined,
    transcript,
  );
  const { manifest, outcomes, notes } = await proposal(source, folder);
  source.close();
  assert.deepEqual(outcomes, { accepted: 1 }, notes.join('\n'));
  assert.equal(manifest.tasks, 1);
  checkCorpus(folder);
  const store = openCorpus(folder);
  const [key] = [...store.taskKeys()];
  const [task, secret] = [store.task(key!)!, store.privateTask(key!)!];
  assert.equal(task.family, 'proposed');
  assert.ok(task.difficulty.minCalls >= 10);
  const env = store.environment(task.envId)!;
  const rows = JSON.stringify(env.rows);
  assert.match(rows, /Amber Vale/, 'the names are the model’s');
  const session = new Session(loadEnvironment(env));
  const values = callTool(session, 'values_that_occur', {});
  assert.ok(values.ok, 'the tools are the model’s');
  const [value] = (values.value as { values: string[] }).values;
  const share = callTool(session, 'share_in_percent', { wanted: value });
  assert.ok(share.ok && (share.value as { result: number }).result > 0, JSON.stringify(share));
  const environments = new Environments(store);
  const judged = (submission: unknown) =>
    reverify(store, environments, { task_key: key!, calls: [], submission }).reward;
  const last = secret.solution.steps.at(-1)!;
  const handedIn =
    secret.solution.submission ??
    Object.values(last.arguments).map((one) => 'derived' in one && one.derived)[0];
  assert.equal(judged(handedIn), 1);
  assert.equal(judged({ ...(handedIn as JsonObject), count: 0 }), 0);
  const [evidence] = readFileSync(join(folder, 'gates/0000.jsonl'), 'utf8').split('\n');
  const { agreed, repairs, gates } = JSON.parse(evidence!) as {
    agreed: number;
    repairs: number;
    gates: { gate: string; ok: boolean }[];
  };
  assert.ok(agreed >= 50);
  assert.equal(repairs, 1);
  assert.ok(gates.length >= 7 && gates.every(({ ok }) => ok));
  const again = await proposal(new TranscriptSource(transcript));
  assert.equal(again.manifest.corpus_hash, manifest.corpus_hash);
  assert.equal(JSON.stringify(again.manifest['ledger']), JSON.stringify(manifest['ledger']));
  const other = propose({
    folder: newFolder(),
    source: new TranscriptSource(transcript),
    environments: 1,
    tasks: 1,
    seed: 2,
    run,
  });
  await assert.rejects(other, /no reply to this request/);
});

/** Spoils every reply of a step. */
const all =
  (which: readonly Step[], change: (good: string) => string): Spoil =>
  (step, _nth, good) =>
    which.includes(step) ? change(good) : undefined;
const DRAFTS: readonly Step[] = ['task', 'harden'];

const refused: readonly [what: string, outcome: string, words: RegExp, spoil: Spoil][] = [
  [
    'a verifier that accepts everything',
    'gates',
    /G4/,
    all(DRAFTS, (good) => withChecks(good, [{ id: 'yes', expr: { op: 'const', value: true } }])),
  ],
  [
    'a solver that comes to another answer',
    'gates',
    /G[47]/,
    all(['solver'], (good) => good.replace('count: rows.length', 'count: rows.length + 1')),
  ],
  [
    'a second verifier that disagrees at the edge',
    'second verifier',
    /differ on/,
    all(['second'], (good) => good.replaceAll('"<="', '"<"')),
  ],
  [
    'a reader that finds another value',
    'gates',
    /G[47]/,
    all(['reader'], (good) => good.replace(/"min":(\d+)/, (_, min) => `"min":${Number(min) + 1}`)),
  ],
  [
    'a text that says more than the conditions',
    'reader',
    /says more/,
    all(['reader'], (good) => good.replace('"others":[]', '"others":["only on Mondays"]')),
  ],
  [
    'a condition without effect',
    'gates',
    /G[56]/,
    all([...DRAFTS, 'reader'], (good) =>
      good.replace(/(\{"id":"least"[^}]*\})\]/, '$1,{"id":"idle","word":"open"}]'),
    ),
  ],
  [
    'a program that never ends',
    'draft',
    /steps/,
    all(DRAFTS, (good) => good.replace('const rows = [];', 'for (;;) {}')),
  ],
  [
    'a program that looks at the clock',
    'draft',
    /clock/,
    all(DRAFTS, (good) => good.replace('const rows = [];', 'const rows = []; Date.now();')),
  ],
  [
    'an answer that no call has shown',
    'draft',
    /no call shows/,
    all(DRAFTS, (good) => good.replace(/top: sorted\[0\]\.\w+/, "top: 'Nobody At All'")),
  ],
  [
    'a table that is not there',
    'draft',
    /no table/,
    all(DRAFTS, (good) => good.replaceAll('"table":"', '"table":"no_')),
  ],
  ['no JSON', 'draft', /not one JSON object/, all(DRAFTS, () => 'I would rather not.')],
];

function withChecks(reply: string, checks: object[]): string {
  const draft = JSON.parse(reply.slice(reply.indexOf('{'), reply.lastIndexOf('}') + 1)) as object;
  return JSON.stringify({ ...draft, checks });
}

for (const [what, outcome, words, spoil] of refused) {
  test(`refused: ${what}`, async () => {
    const { manifest, outcomes, notes } = await proposal(played(spoil));
    assert.deepEqual(Object.keys(outcomes), [outcome], notes.join('\n'));
    assert.match(notes.join('\n'), words);
    assert.equal(manifest.tasks, 0);
    assert.equal(manifest.environments, 0);
  });
}

test('an environment that cannot be built is told to be, and given up after five repairs', async () => {
  const { outcomes, notes, manifest } = await proposal(
    played(all(['environment'], (good) => good.replace('"person"', '"drop_table"'))),
  );
  assert.deepEqual(outcomes, { environment: 1 });
  assert.equal(notes.length, 1);
  const ledger = manifest['ledger'] as { toJSON(): Record<string, { calls: number }> };
  assert.equal(ledger.toJSON()['environment: repair']!.calls, 5);
});

test('the budget ends a run, and says so', async () => {
  const { isCutShort, notes } = await proposal(played(undefined, undefined, 350));
  assert.equal(isCutShort, true);
  assert.match(notes.join('\n'), /budget of 350 tokens is spent/);
});
