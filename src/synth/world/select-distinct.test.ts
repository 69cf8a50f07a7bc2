// Identity of structures: themes and seeds alone change nothing, structure does; the search for
// neighbours agrees with comparing all pairs.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../random.js';
import type { Environment } from '../world-types.js';
import { type Blueprint, drawBlueprint } from './blueprint.js';
import { realise } from './compose.js';
import { fingerprint, similarity, toolSignatures } from './fingerprint.js';
import { DistinctSet, selectDistinct, TOO_SIMILAR } from './select-distinct.js';
import { themes } from './themes.js';

function blueprints(count: number): { blueprint: Blueprint; env: Environment }[] {
  const found: { blueprint: Blueprint; env: Environment }[] = [];
  for (let i = 0; found.length < count; i++) {
    const blueprint = drawBlueprint(new Random('test', i));
    const env = realise(blueprint, 1);
    if (env) found.push({ blueprint, env });
  }
  return found;
}

test('another seed or theme of the same structure has the same fingerprint and signatures', () => {
  for (const { blueprint, env } of blueprints(15)) {
    for (const [seed, theme] of [
      [2, undefined],
      [77, undefined],
      [1, themes[3]],
      [9, themes[40]],
    ] as const) {
      const other = realise(blueprint, seed, theme)!;
      assert.equal(other.fingerprint, env.fingerprint, env.id);
      assert.equal(similarity(toolSignatures(other), toolSignatures(env)), 1);
    }
  }
});

test('the fingerprint sees columns, references, tools, returned columns, rules and enforcement', () => {
  for (const { env } of blueprints(5)) {
    const [table, ...tables] = env.tables;
    const [rule, ...rules] = env.rules;
    const find = env.tools.find(({ impl }) => impl.archetype === 'find')!;
    const impl = find.impl as Extract<typeof find.impl, { archetype: 'find' }>;
    const narrower = { ...find, impl: { ...impl, returns: impl.returns.slice(0, -1) } };
    const changed: Pick<Environment, 'tables' | 'tools' | 'rules'>[] = [
      { ...env, tables: [{ ...table!, columns: table!.columns.slice(0, -1) }, ...tables] },
      { ...env, tools: env.tools.slice(1) },
      { ...env, tools: env.tools.map((tool) => (tool === find ? narrower : tool)) },
      { ...env, rules },
      { ...env, rules: [{ ...rule!, enforced: !rule!.enforced }, ...rules] },
    ];
    for (const other of changed) assert.notEqual(fingerprint(other), env.fingerprint);
    assert.equal(fingerprint({ ...env, tools: env.tools.toReversed() }), env.fingerprint);
  }
});

test('what is selected is distinct pair by pair, and nothing that is distinct was refused', () => {
  const kept: Environment[] = [];
  const seen = new DistinctSet();
  // Variations of few structures, so that many are too similar.
  for (const { blueprint } of blueprints(5)) {
    for (let choices = 0; choices < 10; choices++) {
      const env = realise({ ...blueprint, choices: choices % 8 }, choices);
      if (!env) continue;
      const near = kept.some(
        (one) =>
          one.fingerprint === env.fingerprint ||
          similarity(toolSignatures(one), toolSignatures(env)) >= TOO_SIMILAR,
      );
      assert.equal(seen.add(env), !near);
      if (!near) kept.push(env);
    }
  }
  assert.equal(seen.size, kept.length);
});

test('selection by seeds stops at the count asked for', () => {
  assert.equal([...selectDistinct([3, 3, 4, 5, 6, 7], 4)].length, 4);
});
