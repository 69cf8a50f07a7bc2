// Variants of a reference plan: other orders of its reads and extra reads, which change nothing; and
// writes left out, done twice, done to another row or with another amount, done besides, or done and
// undone.
// Source: agents reference §5 (G3) and §8.2.

import type { PlanStep, PlanValue, SolutionPlan } from '../task-types.js';
import type { Random } from '../random.js';
import { callTool } from '../tools/call-tool.js';
import { Session, type CallRecord, type LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import { probeArguments } from '../world/probe-arguments.js';

export interface PlanVariant {
  readonly id: string;
  readonly plan: SolutionPlan;
}

const MAX_EXTRA = 3;
const EXTRA_TRIES = 24;
/** Writes that are tried on other rows. */
const MAX_MISTAKEN = 6;
const UNDO_TRIES = 12;

/** Names of earlier results that a step uses. */
export function usesOf(step: PlanStep): Set<string> {
  const uses = new Set<string>();
  for (const value of Object.values(step.arguments)) {
    if ('from' in value) uses.add(value.from);
    if ('using' in value) for (const name of value.using) uses.add(name);
  }
  return uses;
}

export function isWrite(loaded: LoadedEnvironment, { tool }: PlanStep): boolean {
  return loaded.tools.get(tool)?.effect === 'write';
}

/** The same calls with the reads between two writes in another order that their results allow. */
export function permuted(
  loaded: LoadedEnvironment,
  plan: SolutionPlan,
  random: Random,
): SolutionPlan {
  const steps: PlanStep[] = [];
  let reads: PlanStep[] = [];
  const flush = (): void => {
    steps.push(...shuffledByNeed(reads, random));
    reads = [];
  };
  for (const step of plan.steps) {
    if (loaded.tools.get(step.tool)?.effect === 'read') reads.push(step);
    else {
      flush();
      steps.push(step);
    }
  }
  flush();
  return { ...plan, steps };
}

function shuffledByNeed(steps: readonly PlanStep[], random: Random): PlanStep[] {
  const out: PlanStep[] = [];
  let left = [...steps];
  while (left.length > 0) {
    const missing = new Set(left.map(({ bind }) => bind));
    const ready = left.filter((step) => ![...usesOf(step)].some((name) => missing.has(name)));
    // Plans are written in an order that works, so something is always ready.
    const next = random.pick(ready);
    out.push(next);
    left = left.filter((step) => step !== next);
  }
  return out;
}

/** The plan with reads before it that it does not need. */
export function withExtraReads(loaded: LoadedEnvironment, plan: SolutionPlan): SolutionPlan {
  const reads = plan.steps.filter(
    ({ tool, arguments: args }) =>
      loaded.tools.get(tool)?.effect === 'read' &&
      Object.values(args).every((value) => 'literal' in value),
  );
  // Without names for their results: later steps cannot take them for their own.
  const extra = reads.map(({ tool, arguments: args }): PlanStep => ({ tool, arguments: args }));
  return { ...plan, steps: [...extra.slice(0, MAX_EXTRA), ...plan.steps] };
}

/**
 * Plans that do something else; some may happen to come to the same.
 * @param calls of the plan as it was carried out
 */
export function wrongPlans(
  loaded: LoadedEnvironment,
  plan: SolutionPlan,
  calls: readonly CallRecord[],
): PlanVariant[] {
  const variants: PlanVariant[] = [{ id: 'no-op', plan: { steps: [] } }];
  const { steps } = plan;
  const without = (id: string, drop: (step: PlanStep) => boolean): void => {
    variants.push({ id, plan: { ...plan, steps: steps.filter((step) => !drop(step)) } });
  };
  const put = (id: string, at: number, ...instead: PlanStep[]): void => {
    const changed = [...steps.slice(0, at), ...instead, ...steps.slice(at + 1)];
    variants.push({ id, plan: { ...plan, steps: changed } });
  };
  const writes = steps.filter((step) => isWrite(loaded, step));
  if (writes.length > 0) without('no-writes', (step) => writes.includes(step));
  for (const [i, step] of steps.entries()) {
    if (!writes.includes(step)) continue;
    without(`without:${i + 1}`, (one) => one === step);
    put(`twice:${i + 1}`, i, step, step);
    for (const [name, value] of Object.entries(step.arguments)) {
      const amount = valueOf(value);
      if (typeof amount !== 'number') continue;
      const other: PlanValue = { literal: amount + 1 };
      put(`off-by-one:${i + 1}`, i, { ...step, arguments: { ...step.arguments, [name]: other } });
    }
  }
  for (const step of evenly(writes, MAX_MISTAKEN)) {
    const i = steps.indexOf(step);
    for (const [name, key] of Object.entries(calls[i]?.arguments ?? {})) {
      for (const { id, other } of mistaken(loaded, step.tool, name, key)) {
        const args = { ...step.arguments, [name]: { literal: other } };
        put(`${id}:${i + 1}:${name}`, i, { ...step, arguments: args });
      }
    }
  }
  return variants;
}

const ID_OF = /^ids? of (?:a row|rows) of (.+)$/;

/** The table whose rows' ids an argument of this schema names; undefined = it is no id. */
export function tableNamedIn(schema: JsonObject | undefined): string | undefined {
  return ID_OF.exec(String(schema?.['description']))?.[1];
}

function evenly<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, i) => i % step === 0);
}

/** Rows that may be taken for the one that an argument names: the next, and one that is called the same. */
function mistaken(
  { env, base }: LoadedEnvironment,
  tool: string,
  param: string,
  key: Json,
): { readonly id: string; readonly other: string }[] {
  const properties = env.tools.find(({ name }) => name === tool)?.parameters['properties'];
  const schema = (properties as Readonly<Record<string, JsonObject>> | undefined)?.[param];
  const table = tableNamedIn(schema);
  const spec = env.tables.find(({ name }) => name === table);
  if (!spec || typeof key !== 'string') return [];
  const rows = base.list(spec.name);
  const at = rows.findIndex((row) => row[spec.key] === key);
  const row = rows[at];
  if (!row) return [];
  const next = rows[(at + 1) % rows.length]!;
  const texts = spec.columns.filter(({ type }) => type === 'text');
  const namesake = rows.find(
    (one) => one !== row && one !== next && texts.some(({ name }) => one[name] === row[name]),
  );
  return [
    ...(next === row ? [] : [{ id: 'other-row', other: String(next[spec.key]) }]),
    ...(namesake ? [{ id: 'namesake', other: String(namesake[spec.key]) }] : []),
  ];
}

/** A value that is written down in the plan. */
function valueOf(value: PlanValue): Json {
  if ('literal' in value) return value.literal;
  return 'derived' in value ? value.derived : null;
}

/** The plan and then one more write somewhere, several times; those that fail change nothing. */
export function extraWrites(
  loaded: LoadedEnvironment,
  plan: SolutionPlan,
  random: Random,
): PlanVariant[] {
  const tools = loaded.env.tools.filter(
    ({ effect, side }) => effect === 'write' && side === 'agent',
  );
  if (tools.length === 0) return [];
  const ids = keysOf(loaded);
  const literal = (args: Readonly<Record<string, Json>>): Record<string, PlanValue> =>
    Object.fromEntries(Object.entries(args).map(([name, value]) => [name, { literal: value }]));
  return Array.from({ length: MAX_EXTRA }, (_, i) => {
    // One of these does something, hardly ever two.
    const extra = Array.from({ length: EXTRA_TRIES / MAX_EXTRA }, (): PlanStep => {
      const { name, parameters } = random.pick(tools);
      const args = probeArguments(parameters, ids, loaded.env, random);
      return { tool: name, arguments: literal(args) };
    });
    return { id: `extra-writes:${i + 1}`, plan: { ...plan, steps: [...plan.steps, ...extra] } };
  });
}

/** Writes something and takes it back. @returns whether some write came off */
export function writeAndUndo({ environment, env, db }: Session, random: Random): boolean {
  const tools = env.tools.filter(({ effect, side }) => effect === 'write' && side === 'agent');
  const ids = keysOf(environment);
  const session = new Session(environment, [], undefined, db);
  for (let i = 0; i < UNDO_TRIES && tools.length > 0; i++) {
    const was = db.fork();
    const { name, parameters } = random.pick(tools);
    const { ok } = callTool(session, name, probeArguments(parameters, ids, env, random));
    const changes = db.changesSince(was);
    db.apply(changes.map((change) => ({ ...change, after: change.before })));
    if (ok && changes.length > 0) return true;
  }
  return false;
}

const keys = new WeakMap<LoadedEnvironment, ReadonlyMap<string, readonly string[]>>();

/** Keys of all tables. Made once per environment. */
export function keysOf(loaded: LoadedEnvironment): ReadonlyMap<string, readonly string[]> {
  let found = keys.get(loaded);
  if (!found) {
    const lists = loaded.env.tables.map(
      ({ name }) => [name, [...loaded.base.table(name).keys()]] as const,
    );
    keys.set(loaded, (found = new Map(lists)));
  }
  return found;
}
