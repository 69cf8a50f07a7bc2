// What the corpus admits: shares of skeletons at any time, the same instance, nearly the same text; and
// that work handed out by the allowance is not refused for its skeletons.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../random.js';
import { Admission, type Claim } from './admission.js';
import { encodeSignature, signatureOf } from './min-hash.js';
import { SkeletonBudget } from './novelty.js';

const random = new Random('admission.test');
let count = 0;

function claim(skeleton: string, more: Partial<Claim> = {}): Claim {
  const request = Array.from({ length: 30 }, () => random.token(6)).join(' ');
  return {
    family: 'plan',
    skeleton,
    instance: String(count++),
    signature: encodeSignature(signatureOf(request)),
    ...more,
  };
}

test('nothing twice: neither the instance nor the text', () => {
  const admission = new Admission();
  const first = claim('a');
  assert.equal(admission.admit(first), undefined);
  assert.match(admission.admit(claim('b', { instance: first.instance }))!, /same rows/);
  assert.match(admission.admit(claim('b', { signature: first.signature }))!, /same text/);
  assert.equal(admission.admit(claim('b')), undefined);
  assert.deepEqual(admission.families, { plan: 2 });
});

test('no skeleton ever has more than five, or 0.5 % of what is there', () => {
  const admission = new Admission();
  for (let i = 0; i < 4000; i++) {
    admission.admit(claim(i % 3 === 0 ? 'often' : `rare-${i}`));
    const total = admission.texts.size;
    const most = admission.skeletons.get('often') ?? 0;
    assert.ok(most <= Math.max(5, total * 0.005), `${most} of ${total}`);
  }
  assert.ok(admission.skeletons.get('often')! >= 10);
});

test('shards that keep to their allowance are hardly refused, however popular a skeleton is', () => {
  const [perShard, atOnce] = [100, 4];
  const admission = new Admission();
  const budgets = Array.from(
    { length: atOnce },
    () => new SkeletonBudget(admission.allowance(perShard, atOnce)),
  );
  let refused = 0;
  for (let shard = 0; shard < 60; shard++) {
    const budget = budgets.shift()!;
    for (let i = 0; i < perShard; i++) {
      const skeleton = budget.hasRoom('popular') ? 'popular' : `other-${shard}-${i}`;
      budget.use(skeleton);
      if (admission.admit(claim(skeleton)) !== undefined) refused++;
    }
    budgets.push(new SkeletonBudget(admission.allowance(perShard, atOnce)));
  }
  // Of 6,000; those are of the beginning, when five is the limit and does not grow yet.
  assert.ok(refused <= 10, `${refused}`);
  assert.ok(admission.skeletons.get('popular')! >= 20);
});
