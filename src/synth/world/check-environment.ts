// Whether an environment is sound, tried out rather than trusted: random calls of every tool never crash,
// answer with documented errors, leave references whole and kept invariants true; reads change nothing;
// pages add up to the whole; hidden columns stay hidden; what affordances need can be read.
// Source: agents reference §8.1.

import { Base, Database } from '../database.js';
import { brokenInvariants, loadEnvironment } from '../load-environment.js';
import { literal, PlanError, PlanRecorder, type Traced } from '../plan-recorder.js';
import { Random } from '../random.js';
import { callTool } from '../tools/call-tool.js';
import { checkArguments, PAGE_PARAM } from '../tools/parameters.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json, JsonObject, ToolSpec } from '../world-types.js';
import { readingsOf, type Reading } from './affordance-tools.js';
import { probeArguments } from './probe-arguments.js';

/** What is wrong, in words; empty = nothing was found. @param calls random calls of each tool */
export function environmentProblems(env: Environment, calls = 4): string[] {
  const loaded = loadEnvironment(env);
  const problems = brokenInvariants(env, new Database(loaded.base)).map(
    (id) => `${id} does not hold at the start`,
  );
  problems.push(...hiddenColumns(env));
  problems.push(...randomCalls(loaded, calls));
  problems.push(...incompletePages(loaded));
  for (const affordance of env.affordances) {
    for (const reading of readingsOf(affordance)) {
      const problem = unreadable(loaded, reading);
      if (problem !== null) problems.push(`${affordance.kind}: ${problem}`);
    }
  }
  return problems;
}

function randomCalls(loaded: LoadedEnvironment, calls: number): string[] {
  const { env } = loaded;
  const random = new Random('probe', env.generator.seed);
  const session = new Session(loaded);
  const problems: string[] = [];
  const kept = { ...env, invariants: env.invariants.filter((one) => one.kept === true) };
  const rounds = Array.from({ length: calls }, () => env.tools).flat();
  for (const tool of random.shuffled(rounds)) {
    // The limit of calls is of a rollout, not of a probe.
    session.calls.length = 0;
    problems.push(...randomCall(session, tool, random));
  }
  const rows = env.tables.map(({ name }) => [name, session.db.rows(name)] as const);
  // Checks every type and reference anew.
  const base = new Base(env.tables, Object.fromEntries(rows));
  if (base.specs.size !== env.tables.length) problems.push('two tables have one name');
  const broken = brokenInvariants(kept, session.db);
  return [...problems, ...broken.map((id) => `${id} was broken by tools`)];
}

function randomCall(session: Session, tool: ToolSpec, random: Random): string[] {
  const problems: string[] = [];
  const { env, db } = session;
  const ids = new Map(env.tables.map(({ name, key }) => [name, keysOf(db, name, key)]));
  const args = probeArguments(tool.parameters, ids, env, random);
  const misfit = checkArguments(tool.parameters, args);
  if (misfit !== null) problems.push(`${tool.name}: the probe does not fit: ${misfit}`);
  const before = tool.effect === 'write' ? '' : db.stateHash();
  const result = callTool(session, tool.name, args, tool.side);
  if (!result.ok && !tool.errorCodes.includes(result.code)) {
    problems.push(`${tool.name} answered ${result.code}, which it does not document`);
  }
  if (tool.effect !== 'write' && db.stateHash() !== before) problems.push(`${tool.name} wrote`);
  return problems;
}

const keysOf = (db: Database, table: string, key: string): string[] =>
  db.rows(table).map((row) => String(row[key]));

function hiddenColumns(env: Environment): string[] {
  const problems: string[] = [];
  for (const { name, impl } of env.tools) {
    const columns = [
      ...('returns' in impl ? impl.returns : []),
      ...('columns' in impl ? impl.columns : []),
      ...(impl.archetype === 'read-field' ? [impl.column] : []),
    ];
    const table = 'table' in impl ? impl.table : 'edgeTable' in impl ? impl.edgeTable : null;
    const spec = env.tables.find((one) => one.name === table);
    for (const column of columns) {
      const found = spec?.columns.find((one) => one.name === column);
      if (!found || found.hidden === true) problems.push(`${name} shows ${column}`);
    }
  }
  return problems;
}

/** Listings of a whole table: all their pages together are the table. */
function incompletePages(loaded: LoadedEnvironment): string[] {
  const problems: string[] = [];
  for (const { name, impl } of loaded.env.tools) {
    if (impl.archetype !== 'find') continue;
    const session = new Session(loaded);
    const { key, columns } = session.db.spec(impl.table);
    const demanded = impl.filters.find(({ required }) => required);
    const values = columns.find((column) => column.name === demanded?.column)?.values ?? [null];
    const seen: Json[] = [];
    for (const value of values) {
      const narrow = demanded && value !== null ? { [demanded.param]: value } : {};
      for (let page = 1, pages = 1; page <= pages; page++) {
        const result = callTool(session, name, { ...narrow, [PAGE_PARAM]: page });
        if (!result.ok) break;
        const shown = result.value as unknown as { items: JsonObject[]; pages: number };
        pages = shown.pages;
        seen.push(...shown.items.map((item) => item[key]!));
      }
    }
    const all = keysOf(session.db, impl.table, key);
    if (seen.length !== all.length || new Set(seen).size !== all.length) {
      problems.push(`${name} shows ${seen.length} of ${all.length} rows`);
    }
  }
  return problems;
}

/** Reads a few rows as a plan would: without conditions, or by one column that refers or enumerates. */
function unreadable(loaded: LoadedEnvironment, { table, columns }: Reading): string | null {
  const session = new Session(loaded);
  const spec = session.db.spec(table);
  const [first] = session.db.rows(table);
  if (!first) return `${table} has no rows`;
  const by = spec.columns
    .filter(({ type }) => type === 'ref' || type === 'enum')
    .filter(({ name }) => first[name] !== null);
  const options: Record<string, Traced>[] = [
    ...by.map(({ name }) => ({ [name]: literal(first[name]!) })),
    {},
  ];
  let why = '';
  for (const where of options) {
    try {
      const rows = new PlanRecorder(session).rows(table, where, columns);
      const found = rows.find(({ key }) => key.value === first[spec.key]);
      if (found) return null;
      why = `${table} is listed without all its rows`;
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      why = error.message;
    }
  }
  return why;
}
