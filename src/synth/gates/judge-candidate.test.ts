import assert from 'node:assert/strict';
import test from 'node:test';
import type { TaskFamily } from '../families/family.js';
import { FAMILY_LIST } from '../families/registry.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { Random } from '../random.js';
import type { Candidate } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json } from '../world-types.js';
import { verify } from '../verify.js';
import { composeEnvironment } from '../world/compose.js';
import { Bench } from './bench.js';
import { Domains } from './domains.js';
import { judgeCandidate } from './judge-candidate.js';
import { GATES, type GateReport } from './report.js';
import { SubmissionJudge } from './submission-judge.js';

const TRIES = 3;

interface Case {
  readonly loaded: LoadedEnvironment;
  readonly family: TaskFamily;
  readonly candidate: Candidate;
}

/** One candidate of every family that the environment has something for. */
function proposed(seed: number): Case[] {
  const loaded = loadEnvironment(composeEnvironment(seed));
  return FAMILY_LIST.filter((family) => family.applies(loaded.env)).flatMap((family) => {
    for (let i = 0; i < TRIES; i++) {
      const random = new Random(family.id, seed, i);
      const candidate = family.propose(loaded, random, i % 2 === 0 ? 'en' : 'zh', 1);
      if (candidate) return [{ loaded, family, candidate }];
    }
    return [];
  });
}

await loadProgramRunner();
const cases = [0, 2].flatMap(proposed);

const judged = ({ loaded, family, candidate }: Case): GateReport =>
  judgeCandidate(loaded, family, candidate, new Random('gates', candidate.request));

test('reports are consistent, and what is accepted has the evidence for it', () => {
  assert.ok(new Set(cases.map(({ family }) => family.id)).size >= 6);
  let accepted = 0;
  for (const one of cases) {
    const report = judged(one);
    const { gates, measured } = report;
    for (const { gate, ok, problems } of gates) {
      assert.equal(ok, problems.length === 0, gate);
    }
    const ids = gates.map(({ gate }) => gate);
    assert.deepEqual(ids, GATES.slice(0, ids.length));
    assert.equal(report.accepted, ids.length === GATES.length && gates.every(({ ok }) => ok));
    assert.ok(measured.minCalls >= one.candidate.solution.steps.length);
    if (!report.accepted) continue;
    accepted++;
    const of = (gate: string) => gates.find((g) => g.gate === gate)!.evidence;
    const { wrong, falseAccepts, right, falseRejects, mutants, killed, survived } = of('G4');
    assert.ok(wrong! >= 20 && right! >= 4);
    assert.deepEqual([falseAccepts, falseRejects], [0, 0]);
    assert.equal(killed! + survived!, mutants);
    assert.ok(mutants! > 0 && 100 * killed! >= 95 * mutants!);
    assert.ok(of('G5')['hits']! <= 1);
    assert.ok(measured.solutions >= 1 && measured.solutions <= 50);
    assert.equal(measured.ladder['A7'], 100);
    assert.equal(measured.ladder['A0'], 0);
  }
  assert.ok(accepted > 0, 'nothing was accepted');
});

test('a candidate is judged the same way every time', () => {
  for (const one of cases.slice(0, 4)) assert.deepEqual(judged(one), judged(one));
});

test('many submissions are judged as verify() judges each', () => {
  for (const { loaded, candidate } of cases) {
    const bench = new Bench(loaded, candidate);
    const { after, submission } = bench.play(candidate.solution);
    const { verifier } = candidate;
    const { before } = bench;
    const judge = new SubmissionJudge(verifier, before, after);
    const domains = new Domains(loaded, candidate.submissionSchema);
    const random = new Random('submissions', candidate.request);
    const tried: Json[] = [submission!, {}, null, [], ''];
    for (let i = 0; i < 20; i++) tried.push(domains.random('', submission!, random));
    for (const { plan: decoy } of candidate.decoys) tried.push(decoy.submission ?? null);
    for (const one of tried) {
      const outcome = { before, after, submission: one, finalMessage: '' };
      assert.equal(judge.accepts(one), verify(verifier, outcome).reward === 1);
    }
    assert.ok(judge.accepts(submission!));
  }
});
