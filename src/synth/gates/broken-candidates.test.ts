import assert from 'node:assert/strict';
import test from 'node:test';
import { harbour } from '../families/fixture.js';
import { selection } from '../families/selection.js';
import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import type { Candidate, VerifierCheck } from '../task-types.js';
import type { Expr, JsonObject } from '../world-types.js';
import { judgeCandidate } from './judge-candidate.js';
import { weakerRequests } from './weaker-requests.js';

const loaded = loadEnvironment(harbour(1));
const judge = (candidate: Candidate) =>
  judgeCandidate(loaded, selection, candidate, new Random('broken'));

/** A selection that no gate refuses. */
function sound(): Candidate {
  for (let i = 0; i < 60; i++) {
    const candidate = selection.propose(loaded, new Random('sound', i), 'en', 1);
    if (candidate && refusing(candidate).every(() => false)) {
      return candidate;
    }
  }
  throw new Error('no selection is sound');
}

function refusing(candidate: Candidate): string[] {
  const { accepted, gates } = judge(candidate);
  const failed = gates.filter(({ ok }) => !ok).map(({ gate }) => gate);
  assert.equal(accepted, failed.length === 0);
  return failed;
}

const right = sound();

test('a verifier without checks accepts nothing: the reference fails', () => {
  assert.deepEqual(refusing({ ...right, verifier: {} }), ['G2']);
});

test('a verifier that looks at no answer accepts wrong ones', () => {
  const verifier = { allowedWrites: [] };
  assert.ok(refusing({ ...right, verifier }).includes('G4'));
});

test('a verifier that forgets a constraint accepts what violates it', () => {
  const { submissionChecks = [] } = right.verifier;
  const last = submissionChecks.findLast(({ id }) => id.startsWith('constraint:'));
  const verifier = {
    ...right.verifier,
    submissionChecks: submissionChecks.filter((check) => check !== last),
  };
  assert.ok(refusing({ ...right, verifier }).includes('G4'));
});

test('a wrong solution is no reference', () => {
  const solution = right.decoys[0]!.plan;
  assert.deepEqual(refusing({ ...right, solution }), ['G2']);
});

test('a solution that knows an id from nowhere is no reference', () => {
  const { steps } = right.solution;
  const [table] = loaded.env.tables;
  const key = [...loaded.base.table(table!.name).keys()][0]!;
  const tool = loaded.env.tools.find(
    ({ impl }) => impl.archetype === 'get' && impl.table === table!.name,
  )!;
  const param = (tool.impl as { param: string }).param;
  const first = { tool: tool.name, arguments: { [param]: { literal: key } } };
  const solution = { ...right.solution, steps: [first, ...steps] };
  assert.deepEqual(refusing({ ...right, solution }), ['G2']);
});

test('an alternative that is wrong shows that the route matters', () => {
  const alternatives = [...right.alternatives, right.decoys[0]!.plan];
  assert.ok(refusing({ ...right, alternatives }).includes('G3'));
});

test('a request with more right answers than the verifier accepts is ambiguous', () => {
  const [weaker] = weakerRequests(right.ir);
  assert.ok(refusing({ ...right, ir: weaker!.ir }).includes('G7'));
});

test('a request that cannot be read, or means something else, has no meaning to be judged by', () => {
  assert.ok(refusing({ ...right, request: 'Please do what is needed.' }).includes('G7'));
  const ir: JsonObject = { ...right.ir, refuse: right.ir['refuse'] !== true };
  assert.ok(refusing({ ...right, ir }).includes('G7'));
});

test('a request that shows a key of a row leaks it', () => {
  const [key] = loaded.base.table(loaded.env.tables[0]!.name).keys();
  const { gates } = judge({ ...right, request: `${right.request} (${key})` });
  const { problems } = gates.find(({ gate }) => gate === 'G7')!;
  assert.ok(problems.some((problem) => problem.startsWith('the request shows the key')));
});

test('a form that gives the answer away leaks it', () => {
  const properties = right.submissionSchema!['properties'] as JsonObject;
  const [name] = Object.keys(properties);
  const submissionSchema = {
    ...right.submissionSchema!,
    properties: { ...properties, [name!]: { type: 'string', default: 'x' } },
  };
  assert.ok(refusing({ ...right, submissionSchema }).includes('G7'));
});

test('a candidate with right answers everywhere can be guessed', () => {
  assert.ok(refusing({ ...right, size: { ...right.size, candidatesLog10: 3 } }).includes('G5'));
});

test('a constraint that changes nothing does not matter', () => {
  const constraints = right.ir['constraints'] as readonly JsonObject[];
  const ir = { ...right.ir, constraints: [...constraints, constraints[0]!] };
  assert.ok(refusing({ ...right, ir }).includes('G6'));
});

test('a verifier that lets other rows be written accepts what was written besides', () => {
  const { allowedWrites: _, ...verifier } = right.verifier;
  const { gates } = judge({ ...right, verifier });
  const { problems } = gates.find(({ gate }) => gate === 'G4')!;
  assert.ok(problems.some((problem) => /^(extra-writes|row-besides).* is accepted$/.test(problem)));
});

test('a part of a verifier that nothing shows to be needed is not enough evidence', () => {
  const { submissionChecks = [] } = right.verifier;
  const vague = [1000, 1001, 1002].map((value): VerifierCheck => {
    const keys: Expr = { op: 'count', of: { op: 'keys', of: { op: 'var', name: 'submission' } } };
    const expr: Expr = { op: '<=', left: keys, right: { op: 'const', value } };
    return { id: `vague:${value}`, expr };
  });
  const verifier = { ...right.verifier, submissionChecks: [...submissionChecks, ...vague] };
  assert.deepEqual(refusing({ ...right, verifier }), ['G4']);
  const { gates } = judge({ ...right, verifier });
  assert.match(
    gates.find(({ gate }) => gate === 'G4')!.detail!,
    /mistakes would be noticed.*vague/,
  );
});
