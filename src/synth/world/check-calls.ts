// Random calls of every tool, whatever they do to the state: none crashes, errors are documented, reads and
// generic tools change nothing, and after many writes types, references and kept invariants still hold, while
// the base is as it was. Source: agents reference §8.1.

import { Base, DataError } from '../database.js';
import { brokenInvariants } from '../load-environment.js';
import type { Random } from '../random.js';
import { callTool } from '../tools/call-tool.js';
import { checkArguments } from '../tools/parameters.js';
import { Session, type LoadedEnvironment, type ToolResult } from '../tools/session.js';
import type { ToolSpec } from '../world-types.js';
import { probeArguments } from './probe-arguments.js';

export interface ProbeOptions {
  /** Writes that succeed. */
  readonly writes: number;
  /** Times that every read is called, spread over the writes. */
  readonly rounds: number;
  /** Whether each write that fails is held against the state before it; dear. */
  readonly checkFailures?: boolean;
}

/** Calls of writes for each one wanted: policies and states refuse many. */
const MAX_TRIES = 5;

/** What is wrong, in words; empty = nothing was found. */
export function callProblems(
  loaded: LoadedEnvironment,
  random: Random,
  { writes, rounds, checkFailures = false }: ProbeOptions,
): string[] {
  const { env } = loaded;
  const session = new Session(loaded);
  const start = session.db.stateHash();
  const problems: string[] = [];
  const writers = env.tools.filter(({ effect }) => effect === 'write');
  const readers = env.tools.filter(({ effect }) => effect !== 'write');
  const probe = (tool: ToolSpec): ToolResult => {
    const { result, found } = probeOnce(session, tool, random);
    problems.push(...found);
    return result;
  };
  const tryAll = (): number => {
    let written = 0;
    for (const tool of random.shuffled(writers)) {
      const before = checkFailures ? session.db.stateHash() : '';
      if (probe(tool).ok) written++;
      else if (checkFailures && session.db.stateHash() !== before) {
        problems.push(`${tool.name} failed and wrote`);
      }
    }
    return written;
  };
  let written = 0;
  for (let round = 1; round <= rounds; round++) {
    const goal = Math.floor((writes * round) / rounds);
    const most = Math.ceil((MAX_TRIES * writes) / rounds / Math.max(1, writers.length));
    for (let turn = 0; turn < most && written < goal; turn++) written += tryAll();
    const before = session.db.stateHash();
    for (const tool of random.shuffled(readers)) probe(tool);
    if (session.db.stateHash() !== before) problems.push(whoWrote(session, readers, random));
  }
  if (new Session(loaded).db.stateHash() !== start) problems.push('a new session is not as new');
  return [...new Set([...problems, ...stateProblems(session)])];
}

/** What writes have left: checks every type and reference anew. */
function stateProblems({ db, env }: Session): string[] {
  const rows = env.tables.map(({ name }) => [name, db.rows(name)] as const);
  const problems: string[] = [];
  try {
    const whole = new Base(env.tables, Object.fromEntries(rows));
    if (whole.specs.size < env.tables.length) problems.push('two tables have one name');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    problems.push(`tools broke the tables: ${error.message}`);
  }
  const kept = { ...env, invariants: env.invariants.filter((one) => one.kept === true) };
  problems.push(...brokenInvariants(kept, db).map((id) => `${id} was broken by tools`));
  for (const { name } of env.tables) {
    if ([...db.base.table(name).values()].every(Object.isFrozen)) continue;
    problems.push(`rows of ${name} can be changed under all sessions`);
  }
  return problems;
}

function probeOnce(
  session: Session,
  tool: ToolSpec,
  random: Random,
): { result: ToolResult; found: string[] } {
  const keys = { get: (table: string) => keysOf(session, table) };
  const args = probeArguments(tool.parameters, keys, session.env, random);
  const found: string[] = [];
  const misfit = checkArguments(tool.parameters, args);
  if (misfit !== null) found.push(`${tool.name}: the probe does not fit: ${misfit}`);
  // The limit of calls is of a rollout, not of a probe.
  session.calls.length = 0;
  const result = callTool(session, tool.name, args, tool.side);
  if (!result.ok && !tool.errorCodes.includes(result.code)) {
    found.push(`${tool.name} answered ${result.code}, which it does not document`);
  }
  return { result, found };
}

function keysOf({ db }: Session, table: string): readonly string[] | undefined {
  const key = db.specs.get(table)?.key;
  return key === undefined ? undefined : db.rows(table).map((row) => String(row[key]));
}

/** Calls the readers again one by one. */
function whoWrote(session: Session, readers: readonly ToolSpec[], random: Random): string {
  const wrote = readers.filter((tool) => {
    const before = session.db.stateHash();
    for (let i = 0; i < 8; i++) probeOnce(session, tool, random);
    return session.db.stateHash() !== before;
  });
  const names = wrote.map(({ name }) => name).join(', ');
  return `${names === '' ? 'one of the tools that read' : names} wrote`;
}
