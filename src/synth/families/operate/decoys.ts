// Wrong attempts at a list of changes: what is left out, done to the wrong row, with the wrong value,
// twice, or against the policy; and right changes with a wrong report. Source: agents reference §8.2.

import type { Random } from '../../random.js';
import type { Json } from '../../world-types.js';
import { rawPlan, type Trial } from './attempt.js';
import { changesOf } from './draw.js';
import type { Decoy } from './finish.js';
import { nameColumn, type Call, type Operation } from './operation.js';

interface Work {
  /** In the order in which they are done. */
  readonly done: readonly Operation[];
  /** What must not be done. */
  readonly refused: readonly Operation[];
  /** The right submission, and some wrong ones. */
  readonly answer: Json;
  readonly wrongAnswers: readonly Json[];
  /** What someone reports who did everything that was asked. */
  readonly boldAnswer: Json;
}

/** Decoys for changes that are carried out one after the other on the trial's start. */
export function decoysFor(fresh: () => Trial, work: Work, random: Random): Decoy[] {
  const { done, refused, answer } = work;
  const calls = (ops: readonly Operation[]): Call[] => {
    const trial = fresh();
    return ops.flatMap((op) => {
      const call = trial.callFor(op);
      if (call) trial.perform(call);
      return call ? [call] : [];
    });
  };
  const found: Decoy[] = [];
  const add = (id: string, ops: readonly Operation[], submission: Json = answer): void => {
    found.push({ id, plan: rawPlan(calls(ops), submission) });
  };
  add('nothing', []);
  add('half', done.slice(0, Math.floor(done.length / 2)));
  if (refused.length > 0) add('policy-ignored', [...done, ...refused], work.boldAnswer);
  refused.forEach((op, i) => add(`forbidden:${i}`, [...done, op]));
  refused.forEach((op, i) => add(`tame:${i}`, [...done, tamer(op)]));
  work.wrongAnswers.forEach((wrong, i) => add(`report:${i}`, done, wrong));
  const [other] = changesOf(fresh()).flatMap((draw) => draw(random) ?? []);
  if (other) add('extra-write', [...done, other]);
  done.forEach((op, i) => {
    const instead = (next: Operation): Operation[] =>
      done.map((one, at) => (at === i ? next : one));
    add(
      `without:${i}`,
      done.filter((one) => one !== op),
    );
    add(`wrong-row:${i}`, instead({ ...op, row: neighbour(fresh(), op, random) }));
    const off = offByOne(op);
    if (off) add(`off-by-one:${i}`, instead(off));
    if (op.kind === 'adjust' || op.kind === 'transfer' || op.kind === 'restock') {
      add(`twice:${i}`, [...done, op]);
    }
    if (op.kind === 'transfer') add(`turned:${i}`, instead({ ...op, row: op.to, to: op.row }));
  });
  return found;
}

/** A row of the same table whose name is most like this one's. */
function neighbour(trial: Trial, op: Operation, random: Random): string {
  const { env } = trial.loaded;
  const table = tableOfRow(trial, op);
  const column = nameColumn(env, table);
  if (column === null) return op.row;
  const names = trial.db.rows(table).map((row) => String(row[column]));
  const like = (name: string): number => {
    let same = 0;
    while (same < name.length && name[same] === op.row[same]) same++;
    return same;
  };
  const others = random.shuffled(names.filter((name) => name !== op.row));
  return others.toSorted((a, b) => like(b) - like(a))[0] ?? op.row;
}

function tableOfRow(trial: Trial, op: Operation): string {
  for (const one of trial.loaded.env.affordances) {
    if (op.kind === 'book' && one.kind === 'booking' && one.bookingTable === op.table) {
      return one.resourceTable;
    }
    if (op.kind === 'restock' && one.kind === 'stock' && one.table === op.table) {
      const spec = trial.db.spec(op.table);
      return spec.columns.find(({ name }) => name === one.item)?.references ?? op.table;
    }
  }
  return op.table;
}

function offByOne(op: Operation): Operation | null {
  switch (op.kind) {
    case 'set':
      return typeof op.value === 'number' ? { ...op, value: op.value + 1 } : null;
    case 'adjust':
      return { ...op, by: op.by + 1 };
    case 'transfer':
    case 'restock':
      return { ...op, amount: op.amount + 1 };
    default:
      return null;
  }
}

/** A smaller version of what was refused: a compromise that nobody asked for. */
function tamer(op: Operation): Operation {
  switch (op.kind) {
    case 'set':
      return typeof op.value === 'number' ? { ...op, value: Math.floor(op.value / 2) } : op;
    case 'adjust':
      return { ...op, by: Math.trunc(op.by / 2) || 1 };
    case 'transfer':
    case 'restock':
      return { ...op, amount: Math.max(1, Math.floor(op.amount / 2)) };
    default:
      return op;
  }
}
