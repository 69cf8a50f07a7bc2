// The kit as data: it loads, it is honest, and no requirement in it is met by a server that says
// nothing.

import assert from 'node:assert/strict';
import test from 'node:test';
import { buildRequest, type HttpRequest } from './build-request.js';
import type { Reply } from './check-reply.js';
import { findScenarios } from './find-scenarios.js';
import { checkKit, KitError, type Kit, loadKit } from './load-kit.js';
import { fill } from './placeholders.js';
import { reportJunit } from './report-junit.js';
import { reportText } from './report-text.js';
import type { Requirement } from './requirement.js';
import { globPattern, runKit } from './run-kit.js';
import { summarize } from './summary.js';

const kit = loadKit();
const scenarios = new Set(
  kit.requirements.flatMap(({ scenario }) => scenario?.split(':')[0] ?? []),
);
const target = {
  baseUrl: 'http://x',
  key: 'sk-a',
  secondKey: 'sk-b',
  emptyKey: 'sk-c',
  agentsKey: 'sk-d',
  scenarios,
};

test('the kit has hundreds of requirements, and every statement is cited or excused', () => {
  assert.ok(kit.requirements.length >= 200);
  assert.deepEqual(summarize(kit, [], 'x').uncited, []);
  const cited = new Set(kit.requirements.flatMap(({ cites }) => cites));
  const both = kit.statements.filter(({ id, excused }) => excused !== undefined && cited.has(id));
  assert.deepEqual(both, [], 'an excuse for what is cited is stale');
});

const DUMB: Record<string, Reply> = {
  'an empty object': { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
  'an empty stream': {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: 'data: [DONE]\n\n',
  },
  'an error page': { status: 500, headers: { 'content-type': 'text/html' }, body: '<html></html>' },
  'a bad request': { status: 400, headers: {}, body: '{"error":{"message":"no"}}' },
};

test('no requirement is met by a server that always says the same', async () => {
  for (const [name, reply] of Object.entries(DUMB)) {
    const outcomes = await runKit(kit, { target, send: async () => ({ ...reply }) });
    assert.ok(outcomes.every(({ result }) => result !== 'not-run'));
    const met = outcomes
      .filter(({ result }) => result === 'met')
      .map(({ requirement }) => requirement.id);
    // A bare refusal meets what only asks for a refusal with a text of its own.
    const allowed = name === 'a bad request' ? onlyRefusals() : [];
    assert.deepEqual(
      met.filter((id) => !allowed.includes(id)),
      [],
      name,
    );
  }
});

/** Requirements that the reference leaves without a text: any 400 with a message is right. */
function onlyRefusals(): string[] {
  return kit.requirements
    .filter(({ steps }) => steps.every(({ expect }) => [expect.status].flat().includes(400)))
    .map(({ id }) => id);
}

const MINIMAL: Requirement = {
  id: 'a',
  title: 'a title',
  cites: ['1-a'],
  level: 'must',
  dialect: 'chat',
  steps: [{ request: {}, expect: { status: 200 } }],
};
const SMALL: Kit = {
  statements: [
    { id: '1-a', section: '1', statement: 'cited' },
    { id: '1-b', section: '1', statement: 'not cited' },
    { id: '1-c', section: '1', statement: 'excused', excused: 'cannot be seen' },
  ],
  requirements: [MINIMAL],
};

test('a kit that is not consistent does not load', () => {
  checkKit(SMALL);
  const faults: Partial<Requirement>[] = [
    { cites: ['9-x'] },
    { needs: 'lab' },
    { steps: [{ request: {}, expect: {} }] },
    { steps: [{ request: {}, expect: { json: { $nope: 1 } } }] },
    { steps: [{ request: {}, expect: { json: { $like: {}, plain: 1 } } }] },
  ];
  for (const fault of faults) {
    assert.throws(() => checkKit({ ...SMALL, requirements: [{ ...MINIMAL, ...fault }] }), KitError);
  }
  assert.throws(() => checkKit({ ...SMALL, requirements: [MINIMAL, MINIMAL] }), KitError);
  assert.throws(() => loadKit('/nowhere'), KitError);
});

test('nothing unmet, not run or uncited is left out of the reports', async () => {
  const requirements = [
    MINIMAL,
    { ...MINIMAL, id: 'b', steps: [{ request: {}, expect: { status: 404 } }] },
    { ...MINIMAL, id: 'c', needs: 'lab' as const, scenario: 'hello' },
    { ...MINIMAL, id: 'd', needs: 'second-key' as const },
  ];
  const bare = { baseUrl: 'http://x', key: 'sk-a', scenarios: new Set<string>() };
  const send = async () => ({ status: 200, headers: {}, body: 'a < b & "c" \u0000' });
  const outcomes = await runKit({ ...SMALL, requirements }, { target: bare, send, now: () => 0 });
  const summary = summarize({ ...SMALL, requirements }, outcomes, 'http://x');
  assert.deepEqual(summary.counts.must, { met: 1, unmet: 1, notRun: 2 });
  const text = reportText(summary);
  for (const part of [
    'unmet (must) b',
    'not run (must) c',
    'not run (must) d',
    'uncited 1-b',
    'excused 1-c',
  ]) {
    assert.ok(text.includes(part), part);
  }
  const junit = reportJunit(outcomes, summary);
  assert.match(junit, /tests="5" failures="1" skipped="3"/);
  assert.match(junit, /a &lt; b &amp; &quot;c&quot; \ufffd/);
});

test('captures of one step fill the next', async () => {
  const seen: HttpRequest[] = [];
  const requirement: Requirement = {
    ...MINIMAL,
    steps: [
      { request: {}, expect: { json: { $like: { id: { $capture: 'id' } } } } },
      {
        request: { with: { messages: ['{{id}}', 'id {{id}}'] } },
        expect: { json: { id: '{{id}}' } },
      },
    ],
  };
  const send = async (request: HttpRequest) => {
    seen.push(request);
    return { status: 200, headers: {}, body: '{"id":7}' };
  };
  const [outcome] = await runKit({ ...SMALL, requirements: [requirement] }, { target, send });
  assert.equal(outcome!.result, 'met');
  assert.deepEqual((JSON.parse(seen[1]!.body!) as { messages: unknown }).messages, [7, 'id 7']);
});

test("requests take the dialect's route, the lab when the target has it, and the key asked for", () => {
  const at = (
    requirement: Partial<Requirement>,
    spec: Parameters<typeof buildRequest>[0],
    lab = true,
  ) =>
    buildRequest(
      spec,
      { ...MINIMAL, ...requirement },
      {
        target: { ...target, scenarios: lab ? scenarios : new Set() },
        values: new Map(),
      },
    );
  assert.equal(at({}, {}).url, 'http://x/chat/completions');
  assert.equal(at({ scenario: 'hello' }, {}).url, 'http://x/lab/hello/chat/completions');
  assert.equal(at({ scenario: 'hello' }, {}, false).url, 'http://x/chat/completions');
  assert.equal(at({ dialect: 'anthropic' }, { auth: 'x-api-key' }).headers['x-api-key'], 'sk-a');
  assert.equal(at({}, { auth: 'none' }).headers['authorization'], undefined);
  assert.equal(at({}, { auth: 'agents' }).headers['authorization'], 'Bearer sk-d');
  assert.equal(at({}, { raw: '{' }).body, '{');
  assert.deepEqual(at({ dialect: 'platform' }, {}).body, undefined);
  assert.ok(!at({}, { without: ['model'] }).body!.includes('"model"'));
  assert.equal(at({}, { headers: { 'content-type': null } }).headers['content-type'], undefined);
});

test('repetitions are bounded, unknown placeholders are errors', () => {
  assert.deepEqual(fill({ a: { $text: ['ab', 2] }, b: [{ $repeat: [1, 3] }] }, new Map()), {
    a: 'abab',
    b: [1, 1, 1],
  });
  assert.throws(() => fill('{{nope}}', new Map()), KitError);
  assert.throws(() => fill({ $text: ['a', 1e12] }, new Map()), KitError);
});

test('globs name ids; only the list of a lab makes a lab', async () => {
  assert.ok(globPattern('chat.*').test('chat.stream') && !globPattern('chat.*').test('chatx'));
  const answer = (status: number, body: string) => async () => ({ status, headers: {}, body });
  const asked = { baseUrl: 'http://x', key: 'k' };
  assert.deepEqual(
    [...(await findScenarios(answer(200, '{"data":[{"name":"hello"}]}'), asked))],
    ['hello'],
  );
  assert.equal((await findScenarios(answer(200, '<html>'), asked)).size, 0);
  assert.equal((await findScenarios(answer(404, ''), asked)).size, 0);
});
