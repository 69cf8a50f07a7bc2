// Repairs of programs: proposals pass the gates, are read back in both languages, and the solver finds
// them; the same seed gives the same task.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { judgeCandidate } from '../../gates/judge-candidate.js';
import { loadEnvironment } from '../../load-environment.js';
import { loadProgramRunner } from '../../programs/program-runner.js';
import { Random } from '../../random.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import { composeEnvironment } from '../../world/compose.js';
import { code } from '../code.js';
import { examine } from '../examine.js';
import { editOf } from './edits.js';

before(loadProgramRunner);

const ENVIRONMENTS = 3;
const TRIES = 6;

function* workspaces(): Generator<LoadedEnvironment> {
  for (let [seed, found] = [0, 0]; found < ENVIRONMENTS; seed++) {
    const env = composeEnvironment(seed);
    if (!code.applies(env)) continue;
    found++;
    yield loadEnvironment(env);
  }
}

test('repairs pass the gates', () => {
  let accepted = 0;
  const refused: string[] = [];
  for (const loaded of workspaces()) {
    for (let i = 0; i < TRIES; i++) {
      const draw = () => new Random('code', loaded.env.id, i);
      const language = i % 2 === 0 ? 'en' : 'zh';
      const candidate = code.propose(loaded, draw(), language, i % 4);
      if (!candidate) continue;
      assert.deepEqual(code.propose(loaded, draw(), language, i % 4), candidate);
      assert.deepEqual(examine(code, loaded, candidate), []);
      assert.equal(candidate.patch.length, candidate.size.constraints);
      const report = judgeCandidate(loaded, code, candidate, new Random('gates', i));
      if (report.accepted) accepted++;
      else refused.push(...report.gates.flatMap(({ problems }) => problems));
    }
  }
  assert.ok(accepted >= ENVIRONMENTS * 3, `${accepted} accepted; ${refused.join('; ')}`);
});

test('an edit is the fewest whole lines that occur once', () => {
  const before = 'a\nb\nc\na\nb\nd\n';
  assert.deepEqual(editOf('f', before, 'a\nb\nc\na\nx\nd\n'), {
    file: 'f',
    old: 'a\nb\nd',
    text: 'a\nx\nd',
  });
  assert.equal(editOf('f', before, before), null);
  const taken = editOf('f', 'a\nb\nc', 'a\nc')!;
  assert.equal('a\nb\nc'.replace(taken.old, taken.text), 'a\nc');
});
