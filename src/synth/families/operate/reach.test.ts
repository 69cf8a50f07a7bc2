import assert from 'node:assert/strict';
import test from 'node:test';
import { loadEnvironment } from '../../load-environment.js';
import { Random } from '../../random.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import { composeEnvironment } from '../../world/compose.js';
import { conditional } from '../conditional.js';
import type { Matter } from '../conditional-text.js';
import { policyEdit } from '../policy-edit.js';
import { affordancesOf, type Operation } from './operation.js';
import { isWithinReach } from './reach.js';
import { Simulation } from './simulation.js';

const environments = Array.from({ length: 24 }, (_, i) =>
  loadEnvironment(composeEnvironment(500 + i)),
);

/** All states that moves lead to, worked out with the solver's world instead of the tools. */
function statesAhead(loaded: LoadedEnvironment, { table, row }: Operation): Set<string> {
  const { column, moves } = affordancesOf(loaded.env, 'workflow').find(
    (one) => one.table === table,
  )!;
  const start = new Simulation(loaded, []);
  const ahead = new Set([String(start.row(table, start.byName(table, row)!)![column])]);
  const pending: string[][] = [[]];
  for (let path = pending.shift(); path; path = pending.shift()) {
    for (const { to } of moves) {
      if (path.includes(to)) continue;
      const world = new Simulation(loaded, []);
      const way = [...path, to];
      if (!way.every((state) => world.do({ kind: 'move', table, row, to: state }))) continue;
      ahead.add(to);
      pending.push(way);
    }
  }
  return ahead;
}

const isMove = (op: Operation): op is Extract<Operation, { kind: 'move' }> => op.kind === 'move';

for (const family of [policyEdit, conditional]) {
  test(`${family.id} counts no state as out of reach that several moves lead to, or that is there`, () => {
    let refused = 0;
    for (const loaded of environments) {
      if (!family.applies(loaded.env)) continue;
      for (let i = 0; i < 4; i++) {
        const random = new Random('reach', loaded.env.id, i);
        const task = family.propose(loaded, random, i % 2 === 0 ? 'en' : 'zh', i);
        const { operations = [], matters = [] } = (task?.ir ?? {}) as unknown as {
          operations?: Operation[];
          matters?: Matter[];
        };
        const asked = [...operations, ...matters.flatMap(({ first, second }) => [first, second])];
        for (const op of asked.filter(isMove)) {
          if (new Simulation(loaded, []).do(op)) continue;
          refused++;
          assert.ok(!statesAhead(loaded, op).has(op.to), `${loaded.env.id} ${JSON.stringify(op)}`);
        }
      }
    }
    assert.ok(refused > 0, 'moves are refused for other reasons still');
  });
}

test('what is so already and what two moves lead to is within reach', () => {
  let present = 0;
  let far = 0;
  for (const loaded of environments) {
    for (const { table, column, moves } of affordancesOf(loaded.env, 'workflow')) {
      const world = new Simulation(loaded, []);
      for (const row of world.rows(table)) {
        const name = world.nameOf(table, world.key(table, row));
        const move = (to: string): Operation => ({ kind: 'move', table, row: name, to });
        if (name === 'undefined') continue;
        assert.ok(isWithinReach(loaded, move(String(row[column]))));
        present++;
        const ahead = statesAhead(loaded, move(''));
        for (const { to } of moves) {
          assert.equal(isWithinReach(loaded, move(to)), ahead.has(to), `${name} ${to}`);
          if (ahead.has(to) && !new Simulation(loaded, []).do(move(to))) far++;
        }
      }
    }
  }
  assert.ok(present > 0 && far > 0);
});
