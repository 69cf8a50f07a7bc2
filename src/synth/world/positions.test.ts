// Where a row stands says nothing of what it is: neither its id nor its place in a listing goes with the
// attributes that answers depend on, and no description or policy speaks of rows (agents reference §8.3).

import assert from 'node:assert/strict';
import test from 'node:test';
import { byCodeUnit } from '../canonical.js';
import type { Environment, Row } from '../world-types.js';
import { composeEnvironment } from './compose.js';

const SAMPLE: readonly Environment[] = Array.from({ length: 120 }, (_, i) =>
  composeEnvironment(20_000 + i),
);
const QUARTERS = 4;
/** Upper 1 % of chi-square with 3 degrees of freedom. */
const CRITICAL = 11.34;

/** Counts by quarter of a listing, and how many were to be expected. */
class Quarters {
  readonly seen = [0, 0, 0, 0];
  readonly expected = [0, 0, 0, 0];

  /** @param hits places of the rows that count, in a listing of `length` rows */
  add(hits: readonly number[], length: number): void {
    for (let place = 0; place < length; place++) {
      this.expected[this.#quarter(place, length)]! += hits.length / length;
    }
    for (const place of hits) this.seen[this.#quarter(place, length)]!++;
  }

  chiSquare(): number {
    return this.seen.reduce((sum, seen, i) => {
      const expected = this.expected[i]!;
      return sum + (seen - expected) ** 2 / expected;
    }, 0);
  }

  #quarter(place: number, length: number): number {
    return Math.floor((QUARTERS * place) / length);
  }
}

function assertEven(quarters: Quarters, what: string): void {
  const total = quarters.seen.reduce((sum, one) => sum + one, 0);
  assert.ok(total >= 100, `${what}: only ${total}`);
  const chi = quarters.chiSquare();
  assert.ok(chi < CRITICAL, `${what}: ${quarters.seen.join(' ')}, chi-square ${chi.toFixed(1)}`);
}

/** Rows as the listing of a table gives them. */
function listed(env: Environment, table: string): readonly Row[] | null {
  const impl = env.tools
    .map((tool) => tool.impl)
    .find((one) => one.archetype === 'find' && one.table === table);
  if (impl?.archetype !== 'find') return null;
  const { sort } = impl;
  return env.rows[table]!.toSorted((a, b) => {
    const [x, y] = [a[sort]!, b[sort]!];
    return typeof x === 'number' ? x - Number(y) : byCodeUnit(String(x), String(y));
  });
}

const placesOf = (rows: readonly Row[], check: (row: Row) => boolean): number[] =>
  rows.flatMap((row, place) => (check(row) ? [place] : []));

test('ids are not ordered by what rows are', () => {
  const [flags, kinds] = [new Quarters(), new Quarters()];
  for (const env of SAMPLE) {
    for (const { name, columns } of env.tables) {
      const rows = env.rows[name]!;
      if (rows.length < 16) continue;
      for (const { name: column, type, values } of columns) {
        if (type === 'bool')
          flags.add(
            placesOf(rows, (row) => row[column] === true),
            rows.length,
          );
        if (type === 'enum') {
          kinds.add(
            placesOf(rows, (row) => row[column] === values![0]),
            rows.length,
          );
        }
      }
    }
  }
  assertEven(flags, 'yes by id');
  assertEven(kinds, 'the first value by id');
});

test('the cheapest and the dearest of a group stand anywhere in the listing', () => {
  const [cheap, dear] = [new Quarters(), new Quarters()];
  for (const env of SAMPLE) {
    for (const one of env.affordances) {
      if (one.kind !== 'selectable') continue;
      const rows = listed(env, one.table);
      if (!rows) continue;
      const groups = new Set(rows.map((row) => (one.group === null ? '' : row[one.group]!)));
      for (const group of groups) {
        const own = rows.filter((row) => one.group === null || row[one.group] === group);
        const costs = own.map((row) => Number(row[one.cost]));
        for (const [quarters, best] of [
          [cheap, Math.min(...costs)],
          [dear, Math.max(...costs)],
        ] as const) {
          quarters.add(
            placesOf(own, (row) => row[one.cost] === best),
            own.length,
          );
        }
      }
    }
  }
  assertEven(cheap, 'the cheapest');
  assertEven(dear, 'the dearest');
});

test('attributes of things to choose stand anywhere in the listing', () => {
  const quarters = new Quarters();
  for (const env of SAMPLE) {
    for (const one of env.affordances) {
      if (one.kind !== 'selectable') continue;
      const rows = listed(env, one.table);
      for (const column of rows ? one.attributes : []) {
        const most = Math.max(...rows!.map((row) => Number(row[column] ?? 0)));
        const hit = (row: Row): boolean =>
          typeof row[column] === 'number' ? row[column] === most : row[column] === true;
        quarters.add(placesOf(rows!, hit), rows!.length);
      }
    }
  }
  assertEven(quarters, 'attributes');
});

test('the largest measure of a table stands anywhere in the listing', () => {
  const quarters = new Quarters();
  for (const env of SAMPLE) {
    for (const one of env.affordances) {
      if (one.kind !== 'measure') continue;
      const rows = listed(env, one.table);
      if (!rows) continue;
      const most = Math.max(...rows.map((row) => Number(row[one.measure])));
      quarters.add(
        placesOf(rows, (row) => row[one.measure] === most),
        rows.length,
      );
    }
  }
  assertEven(quarters, 'the largest');
});

test('no tool, rule or policy names a row, and no id holds what the row says', () => {
  for (const env of SAMPLE.slice(0, 40)) {
    const texts = [env.policy, ...env.tools.map(({ description }) => description)];
    const said = texts.map(({ en, zh }) => `${en}\n${zh}`).join('\n');
    for (const { name, key, columns } of env.tables) {
      const own = columns.filter(({ type, unique }) => type === 'text' && unique === true);
      for (const row of env.rows[name]!) {
        const id = String(row[key]);
        assert.ok(!said.includes(id), `${env.id} speaks of ${id}`);
        for (const column of own) {
          const value = String(row[column.name]);
          assert.ok(!said.includes(value), `${env.id} speaks of ${value}`);
          assert.ok(!id.includes(value.toLowerCase()), `${env.id}: ${id} is of ${value}`);
        }
      }
    }
  }
});
