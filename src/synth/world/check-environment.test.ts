// Properties of composed environments over a sample of seeds (agents reference §8.1), and that equal seeds
// give equal environments.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { canonicalJson } from '../canonical.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import type { Column, Environment, Expr, Json, ToolSpec } from '../world-types.js';
import { environmentProblems } from './check-environment.js';
import { composeEnvironment } from './compose.js';
import { listModules } from './list-modules.js';

before(loadProgramRunner);

const SAMPLE: readonly Environment[] = Array.from({ length: 40 }, (_, i) => composeEnvironment(i));

test('random calls, pages, references, invariants and readings hold in every environment', () => {
  for (const env of SAMPLE) assert.deepEqual(environmentProblems(env), [], env.id);
});

test('the checks notice what is wrong', () => {
  const env = SAMPLE.find((one) => one.affordances.some(({ kind }) => kind === 'selectable'))!;
  const thing = env.affordances.find((one) => one.kind === 'selectable')!;
  const tableOf = (tool: ToolSpec): string => ('table' in tool.impl ? tool.impl.table : '');
  const complains = (other: Environment, what: RegExp): void => {
    assert.ok(
      environmentProblems(other).some((problem) => what.test(problem)),
      `nothing about ${what.source}`,
    );
  };
  const hide = (column: Column): Column =>
    column.name === thing.cost ? { ...column, hidden: true } : column;
  const hidden = env.tables.map((one) =>
    one.name === thing.table ? { ...one, columns: one.columns.map(hide) } : one,
  );
  complains({ ...env, tables: hidden }, /shows/);
  const silent = env.tools.map((tool) => ({ ...tool, errorCodes: [] }));
  complains({ ...env, tools: silent }, /does not document/);
  const blind = env.tools.filter((tool) => tableOf(tool) !== thing.table);
  complains({ ...env, tools: blind, rules: [] }, /selectable: no tool/);
  const never: Expr = { op: 'const', value: false };
  const invariants = [...env.invariants, { id: 'never', check: never, kept: true }];
  complains({ ...env, invariants }, /never does not hold/);
  complains({ ...env, invariants }, /never was broken/);
});

test('a seed gives the same environment byte for byte', () => {
  for (const env of SAMPLE.slice(0, 6)) {
    const again = composeEnvironment(env.generator.seed);
    assert.equal(canonicalJson(again as unknown as Json), canonicalJson(env as unknown as Json));
  }
});

test('sizes: 3 to 5 modules, 8 to 30 tools, tables of tens to hundreds of rows', () => {
  for (const env of SAMPLE) {
    assert.ok(env.modules.length >= 3 && env.modules.length <= 5, env.id);
    assert.ok(
      env.tools.length >= 8 && env.tools.length <= 30,
      `${env.id}: ${env.tools.length} tools`,
    );
    for (const rows of Object.values(env.rows)) assert.ok(rows.length < 600, env.id);
    for (const one of env.affordances) {
      if (one.kind !== 'selectable') continue;
      const { length } = env.rows[one.table]!;
      assert.ok(length >= 40 && length <= 200, `${env.id}: ${one.table} has ${length} rows`);
      assert.ok(one.attributes.length > 0, env.id);
    }
  }
});

test('names of tables, tools and rows are unique, and affordances name what is there', () => {
  for (const env of SAMPLE) {
    const tools = env.tools.map(({ name }) => name);
    assert.equal(new Set(tools).size, tools.length);
    for (const name of tools) assert.match(name, /^[A-Za-z][A-Za-z0-9_]{0,63}$/);
    for (const { name, columns } of env.tables) {
      assert.equal(new Set(columns.map((column) => column.name)).size, columns.length);
      for (const column of columns) {
        if (column.unique !== true) continue;
        const values = env.rows[name]!.map((row) => row[column.name]);
        assert.equal(new Set(values).size, values.length, `${env.id}: ${name}.${column.name}`);
      }
    }
    for (const { tools: about } of env.rules)
      for (const name of about) assert.ok(tools.includes(name));
    for (const tool of affordanceTools(env)) assert.ok(tools.includes(tool), `${env.id}: ${tool}`);
  }
});

test('what an id in another table stands for can be looked up', () => {
  for (const env of SAMPLE) {
    const shown = new Set(
      env.tools.map(({ impl }) => (impl.archetype === 'get' ? impl.table : '')),
    );
    for (const { name, columns } of env.tables) {
      for (const { references } of columns) {
        if (references === undefined) continue;
        assert.ok(shown.has(references), `${env.id}: ${name} refers to ${references}`);
      }
    }
  }
});

test('every kind of affordance is offered by several modules', () => {
  const offered = new Map<string, Set<string>>();
  for (let seed = 0; seed < 100; seed++) {
    const env = SAMPLE[seed] ?? composeEnvironment(seed);
    const moduleOf = new Map(env.tables.map(({ name, module }) => [name, module]));
    for (const one of env.affordances) {
      const table = Object.entries(one).find(([key]) => /table$/i.test(key))![1] as string;
      const modules = offered.get(one.kind) ?? new Set();
      offered.set(one.kind, modules.add(moduleOf.get(table)!));
    }
  }
  assert.equal(offered.size, 14);
  for (const [kind, modules] of offered) {
    // Source files are one module's alone.
    const least = kind === 'programs' ? 1 : 2;
    assert.ok(modules.size >= least, `${kind}: ${[...modules].join()}`);
  }
});

test('modules: at least 16, each with at least 3 axes of 2 to 4 variants', () => {
  assert.ok(listModules().length >= 16);
  for (const { id, axes } of listModules()) {
    assert.ok(Object.keys(axes).length >= 3, id);
    for (const variants of Object.values(axes)) {
      assert.ok(variants.length >= 2 && variants.length <= 4, id);
    }
  }
});

function affordanceTools(env: Environment): string[] {
  const named: string[] = [];
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string' && /tool$/i.test(key)) named.push(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, name);
    }
  };
  for (const one of env.affordances) visit(one, '');
  return named;
}
