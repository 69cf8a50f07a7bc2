// The copy-on-write tables against a plain model (a map of rows) under random writes: same rows, same
// differences, bases untouched, forks independent, equal states with equal hashes.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Base, Database, DataError } from './database.js';
import type { Row, TableSpec } from './world-types.js';

const label = { en: 'x', zh: 'x' };
const column = (name: string, type: 'id' | 'int' | 'text' | 'ref', more = {}) => ({
  name,
  type,
  meaning: name,
  label,
  ...more,
});
const SPECS: TableSpec[] = [
  {
    name: 'owner',
    meaning: 'owner',
    module: 'm',
    label,
    key: 'id',
    visible: true,
    columns: [column('id', 'id'), column('name', 'text')],
  },
  {
    name: 'item',
    meaning: 'item',
    module: 'm',
    label,
    key: 'id',
    visible: true,
    columns: [
      column('id', 'id'),
      column('owner', 'ref', { references: 'owner', nullable: true }),
      column('size', 'int'),
    ],
  },
];
const ROWS = {
  owner: ['a', 'b', 'c'].map((id) => ({ id, name: `owner ${id}` })),
  item: ['1', '2', '3', '4'].map((id, i) => ({ id, owner: 'abc'[i % 3]!, size: i })),
};

const key = fc.constantFrom('1', '2', '3', '4', '5', '6');
const owner = fc.constantFrom('a', 'b', 'c', null, 'nobody');
const write = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), key, owner, size: fc.integer() }),
  fc.record({ kind: fc.constant('update' as const), key, owner, size: fc.integer() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);

test('random writes: the view equals a plain map, the base and forks stay as they were', () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 30 }), fc.nat(30), (writes, forkAt) => {
      const base = new Base(SPECS, ROWS);
      const db = new Database(base);
      const model = new Map<string, Row>(ROWS.item.map((row) => [row.id, row]));
      let fork: { db: Database; hash: string } | undefined;
      for (const [i, one] of writes.entries()) {
        if (i === forkAt) fork = { db: db.fork(), hash: db.stateHash() };
        const isKnown = model.has(one.key);
        const isDangling = one.kind !== 'delete' && one.owner === 'nobody';
        const act = (): void => {
          if (one.kind === 'delete') db.delete('item', one.key);
          else if (one.kind === 'update')
            db.update('item', one.key, { owner: one.owner, size: one.size });
          else db.insert('item', { id: one.key, owner: one.owner, size: one.size });
        };
        if (isDangling || (one.kind === 'insert') === isKnown) {
          assert.throws(act, DataError);
          continue;
        }
        act();
        if (one.kind === 'delete') model.delete(one.key);
        else model.set(one.key, { id: one.key, owner: one.owner, size: one.size });
      }
      const expected = [...model.keys()].toSorted().map((id) => model.get(id)!);
      assert.deepEqual(db.rows('item'), expected);
      for (const id of ['a', 'b', 'c']) {
        const owned = expected.filter((row) => row['owner'] === id);
        assert.deepEqual(db.rowsBy('item', 'owner', id), owned);
      }
      assert.deepEqual([...base.table('item').values()], ROWS.item);
      if (fork) assert.equal(fork.db.stateHash(), fork.hash);
      const replayed = new Database(base);
      replayed.apply(db.diff());
      assert.equal(replayed.stateHash(), db.stateHash());
      assert.deepEqual(replayed.rows('item'), expected);
    }),
  );
});

test('a row that others refer to cannot go; wrong types and unknown columns cannot come', () => {
  const db = new Database(new Base(SPECS, ROWS));
  assert.throws(() => db.delete('owner', 'a'), /referred to by item/);
  assert.throws(() => db.update('item', '1', { size: 1.5 }), /item\.size is 1\.5; expected int/);
  assert.throws(() => db.update('item', '1', { colour: 'red' }), /no column colour/);
  assert.equal(db.stateHash(), new Database(db.base).stateHash());
});

test('equal states have equal hashes, whatever way they were reached', () => {
  const base = new Base(SPECS, ROWS);
  const [one, two] = [new Database(base), new Database(base)];
  one.update('item', '1', { size: 9 });
  one.update('item', '2', { size: 8 });
  two.update('item', '2', { size: 7 });
  two.update('item', '2', { size: 8 });
  two.update('item', '1', { size: 9 });
  two.update('item', '3', { size: 0 });
  two.update('item', '3', { size: 2 });
  assert.equal(one.stateHash(), two.stateHash());
});
