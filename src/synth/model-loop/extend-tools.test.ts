// Tools that a model adds: archetypes that read and expressions; nothing that shows a hidden column, takes the
// name of another tool, or refers to what is not there.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { composeEnvironment } from '../world/compose.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { callTool } from '../tools/call-tool.js';
import { Session } from '../tools/session.js';
import type { Environment } from '../world-types.js';
import { spareTools, toolsDraft, withTools } from './extend-tools.js';

before(loadProgramRunner);

/** With room for tools, and a hidden column. */
function environment(): Environment {
  const env = composeEnvironment(7);
  const [table, ...rest] = env.tables;
  const column = table!.columns.find(({ type }) => type === 'id')!;
  const secret = {
    ...column,
    name: 'secret',
    meaning: 'secret',
    type: 'text' as const,
    hidden: true,
    unique: false,
  };
  const tables = [{ ...table!, columns: [...table!.columns, secret] }, ...rest];
  const rows = {
    ...env.rows,
    [table!.name]: env.rows[table!.name]!.map((row) => ({ ...row, secret: 'x' })),
  };
  return { ...env, tables, rows, tools: env.tools.slice(0, 20), affordances: [] };
}

const env = environment();
const { name: table, key } = env.tables[0]!;
const rowsOf = { op: 'rows', db: 'before', table };
const compute = (result: object) => ({
  archetype: 'compute',
  name: 'extra',
  description: { en: 'Works it out.', zh: '计算结果。' },
  arguments: [{ name: 'id', type: 'text', description: 'id' }],
  result,
});

function extended(...tools: object[]): string[] | Environment {
  const read = toolsDraft(env).safeParse({ tools });
  if (!read.success) return read.error.issues.map(({ message }) => message);
  const made = withTools(env, read.data);
  return made.ok ? made.env : [...made.problems];
}

test('a tool of its own works things out and writes nothing; the structure counts as another', () => {
  const more = extended(compute({ op: 'count', of: rowsOf })) as Environment;
  assert.equal(more.tools.length, env.tools.length + 1, JSON.stringify(more));
  assert.notEqual(more.fingerprint, env.fingerprint);
  const session = new Session(loadEnvironment(more));
  const result = callTool(session, 'extra', { id: 'x' });
  assert.deepEqual(result, { ok: true, value: { result: env.rows[table]!.length } });
  assert.equal(callTool(session, 'extra', {}).ok, false);
});

test('whole rows are no result: they would show hidden columns', () => {
  const more = extended(
    compute({ op: 'item', of: rowsOf, index: { op: 'const', value: 0 } }),
  ) as Environment;
  const result = callTool(new Session(loadEnvironment(more)), 'extra', { id: 'x' });
  assert.equal(!result.ok && result.code, 'no_value');
});

const find = {
  archetype: 'find',
  name: 'more_of_it',
  table,
  filters: [],
  returns: [key],
  sort: key,
  page_size: 5,
};

test('refused', () => {
  const secret = {
    op: 'map',
    of: rowsOf,
    as: 'x',
    to: { op: 'field', of: { op: 'var', name: 'x' }, name: 'secret' },
  };
  const find = {
    archetype: 'find',
    name: 'more',
    table,
    filters: [],
    returns: [key],
    sort: key,
    page_size: 5,
  };
  const [other] = env.tools;
  const refused: readonly [object, RegExp][] = [
    [compute(secret), /no tool may read secret/],
    [compute({ op: 'var', name: 'submission' }), /no variable/],
    [compute({ op: 'rows', db: 'before', table: 'nothing' }), /no table/],
    [{ ...find, returns: [key, 'secret'] }, /no column secret/],
    [{ ...find, table: 'nothing' }, /no table/],
    [{ ...find, filters: [{ column: key, op: 'ge' }] }, /cannot be compared/],
    [
      { ...find, name: other!.name.toLowerCase() === other!.name ? other!.name : 'x-y' },
      /there is a tool|Invalid/,
    ],
    [{ archetype: 'delete', name: 'drop_it', table }, /Invalid/],
    [{ ...find, page_size: 1000 }, /Too big/],
  ];
  for (const [tool, words] of refused) {
    const problems = extended(tool);
    assert.ok(Array.isArray(problems), JSON.stringify(tool));
    assert.match(problems.join('\n'), words);
  }
  const five = Array.from({ length: 5 }, (_, i) => ({ ...find, name: `more_${'abcde'[i]}` }));
  assert.ok(Array.isArray(extended(...five)));
});

test('in a full environment tools make room, but only those that nothing rests on', () => {
  const full = composeEnvironment(7);
  const filled = { ...full, tools: [...full.tools, ...full.tools].slice(0, 30) };
  const read = toolsDraft(full).parse({ tools: [find] });
  const crowded = withTools(filled, read);
  assert.match(!crowded.ok ? crowded.problems[0]! : '', /room for 0 tools/);
  const [spare] = spareTools(full);
  const made = withTools(full, { ...read, leave_out: [spare!] });
  assert.ok(made.ok, JSON.stringify(made));
  assert.ok(!made.env.tools.some((tool) => tool.name === spare));
  const submit = full.tools.find(({ effect }) => effect === 'write')!;
  const refusal = withTools(full, { ...read, leave_out: [submit.name] });
  assert.match(!refusal.ok ? refusal.problems[0]! : '', /cannot be left out/);
});
