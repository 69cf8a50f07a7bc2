// What environments of a corpus offer to ask: enough families of tasks everywhere, every affordance often
// enough, tools between 8 and 30. The composer's own reckoning of families agrees with the families.

import assert from 'node:assert/strict';
import test from 'node:test';
import { FAMILY_LIST } from '../families/registry.js';
import type { Affordance, Environment } from '../world-types.js';
import { numFamilies } from './askable.js';
import { composeEnvironment } from './compose.js';

const SAMPLE: readonly Environment[] = Array.from({ length: 100 }, (_, i) =>
  composeEnvironment(30_000 + i),
);

const share = (check: (env: Environment) => boolean): number =>
  (100 * SAMPLE.filter(check).length) / SAMPLE.length;

test('at least seven families apply in every environment, as the composer reckoned', () => {
  for (const env of SAMPLE) {
    const applying = FAMILY_LIST.filter((family) => family.applies(env)).map(({ id }) => id);
    assert.ok(applying.length >= 7, `${env.id}: ${applying.join()}`);
    assert.equal(applying.length, numFamilies(env.affordances, env.tables), env.id);
  }
});

test('every family applies in a tenth of the environments and more, the central ones nearly everywhere', () => {
  const least: Readonly<Record<string, number>> = {
    selection: 85,
    optimum: 85,
    infeasible: 85,
    'policy-edit': 85,
    conditional: 85,
    batch: 85,
    aggregate: 90,
    search: 90,
    clauses: 30,
    schedule: 40,
    repair: 30,
    plan: 25,
    code: 2,
  };
  for (const { id, applies } of FAMILY_LIST) {
    const found = share((env) => applies(env));
    assert.ok(found >= (least[id] ?? 10), `${id} applies in ${found} %`);
  }
});

test('every kind of affordance is there, and its share is far from nothing', () => {
  const kinds = new Set(SAMPLE.flatMap(({ affordances }) => affordances.map(({ kind }) => kind)));
  assert.equal(kinds.size, 14);
  const rare: readonly Affordance['kind'][] = ['programs'];
  for (const kind of kinds) {
    const found = share((env) => env.affordances.some((one) => one.kind === kind));
    assert.ok(found >= (rare.includes(kind) ? 2 : 8), `${kind} in ${found} %`);
  }
});

test('environments differ along the axes of tools', () => {
  const finds = (env: Environment) =>
    env.tools.flatMap(({ impl }) => (impl.archetype === 'find' ? [impl] : []));
  const sizes = new Set(SAMPLE.flatMap((env) => finds(env).map(({ pageSize }) => pageSize)));
  assert.ok(sizes.size >= 5, `page sizes ${[...sizes].join()}`);
  const between = (percent: number, what: string): void =>
    assert.ok(percent >= 10 && percent <= 95, `${what} in ${percent} %`);
  between(
    share((env) => finds(env).some(({ filters }) => filters.some(({ required }) => required))),
    'listings that demand the kind',
  );
  between(
    share((env) => env.tools.some(({ impl }) => impl.archetype === 'get-by')),
    'look-ups by another name',
  );
  between(
    share((env) =>
      finds(env).some(({ table, returns }) =>
        env.tools.some(
          ({ impl }) =>
            impl.archetype === 'get' &&
            impl.table === table &&
            impl.returns.some((column) => !returns.includes(column)),
        ),
      ),
    ),
    'columns that listings hide',
  );
  between(
    share(({ rules }) => rules.some(({ enforced }) => !enforced)),
    'rules that no tool enforces',
  );
  between(
    share(({ rules }) => rules.some(({ refusal }) => refusal !== undefined)),
    'tools that refuse without a reason',
  );
  const counts = SAMPLE.map(({ tools }) => tools.length);
  assert.ok(Math.min(...counts) >= 8 && Math.max(...counts) <= 30);
  assert.ok(new Set(counts).size >= 8, 'numbers of tools');
});
