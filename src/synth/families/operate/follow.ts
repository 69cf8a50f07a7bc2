// Carries a change out as a plan: finds what it names, reads what the rules ask about, and makes the call
// where that is right. What must be refused is looked into just the same. Source: agents reference §5 G2.

import { PlanError, PlanRecorder } from '../../plan-recorder.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import { Trial } from './attempt.js';
import { affordancesOf, target, type Call, type Operation } from './operation.js';
import { Reader } from './reader.js';

/** Finds the rows that a change names. @throws PlanError if no tools show them */
function findRows(reader: Reader, op: Operation): void {
  const { env } = reader;
  switch (op.kind) {
    case 'restock':
      for (const { table, item, place, quantity } of affordancesOf(env, 'stock')) {
        if (table !== op.table) continue;
        const thing = reader.named(target(env, table, item), op.row);
        for (const name of [op.from, op.to]) {
          const at = reader.named(target(env, table, place), name);
          reader.list(table, { [item]: thing.key, [place]: at.key }, [quantity]);
        }
        return;
      }
      return;
    case 'book':
      for (const { bookingTable, resourceTable, owner } of affordancesOf(env, 'booking')) {
        if (bookingTable !== op.table) continue;
        reader.named(resourceTable, op.row);
        reader.named(target(env, bookingTable, owner), op.owner);
        return;
      }
      return;
    case 'assign':
      for (const { jobTable, workerTable } of affordancesOf(env, 'assignment')) {
        if (jobTable !== op.table) continue;
        reader.named(jobTable, op.row);
        reader.named(workerTable, op.to);
        return;
      }
      return;
    case 'transfer':
      reader.named(op.table, op.row);
      reader.named(op.table, op.to);
      return;
    default:
      reader.named(op.table, op.row);
  }
}

/** The call that a change means in the plan's session. @throws PlanError if there is none */
function callOf(reader: Reader, op: Operation): Call {
  const { session } = reader.recorder;
  const call = new Trial(session.environment, [], session).callFor(op);
  if (!call) throw new PlanError(`nothing does ${op.kind} on ${op.table}`);
  return call;
}

/** Looks into a change as closely as it takes to know whether it is allowed. @throws PlanError */
export function lookInto(reader: Reader, op: Operation, allowed: boolean): Call {
  findRows(reader, op);
  const call = callOf(reader, op);
  reader.consult(call, allowed);
  reader.checkFree(call);
  return call;
}

/** Looks into a change and, if `allowed`, makes it. @throws PlanError */
export function follow(reader: Reader, op: Operation, allowed: boolean): void {
  const call = lookInto(reader, op, allowed);
  if (allowed) reader.run(call);
}

/** Calls that work on an untouched environment takes by itself; undefined where the tools do not show enough. */
export function callsFor(
  loaded: LoadedEnvironment,
  work: (reader: Reader) => void,
): number | undefined {
  const reader = new Reader(new PlanRecorder(new Session(loaded)));
  try {
    work(reader);
  } catch (error) {
    if (error instanceof PlanError) return undefined;
    throw error;
  }
  return reader.recorder.steps.length;
}
