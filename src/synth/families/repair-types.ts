// What a kind of damage is: how it is done to a state, seen through tools, found by the solver, mended by
// a call.

import type { Traced } from '../plan-recorder.js';
import type { Random } from '../random.js';
import type { RowChange, VerifierCheck } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment } from '../world-types.js';
import type { Call } from './operate/operation.js';
import type { Reader } from './operate/reader.js';
import type { Simulation } from './operate/simulation.js';

export interface RepairIr {
  readonly kind: 'totals' | 'bookings';
  /** Whose rows are named: parents of totals, resources of bookings. */
  readonly table: string;
  readonly names: readonly string[];
}

/** Something wrong with the row of this name, and the call that mends it. */
export interface Fault {
  readonly name: string;
  readonly call: Call;
}

export interface Damage {
  readonly patch: readonly RowChange[];
  readonly names: readonly string[];
  readonly faults: readonly Fault[];
  /** Calls that would mend what nobody asked about. */
  readonly outside: readonly Call[];
}

export interface RepairKind {
  readonly id: RepairIr['kind'];
  /** Tables it can be done to. */
  tables(env: Environment): string[];
  damage(loaded: LoadedEnvironment, table: string, random: Random, level: number): Damage | null;
  /** What must be seen to know whether the row is right. @throws PlanError */
  inspect(reader: Reader, table: string, name: string): readonly Traced[];
  /** Arguments of the call that follow from what was seen. */
  values(
    env: Environment,
    table: string,
    call: Call,
    shown: readonly Traced[],
  ): Readonly<Record<string, Traced>>;
  /** The solver's search. */
  faults(world: Simulation, table: string, names: readonly string[]): Fault[];
  checks(
    env: Environment,
    table: string,
    damage: Damage,
    fixed: ReadonlySet<string>,
  ): VerifierCheck[];
  /** A call like this one that is wrong. */
  wrongCall(loaded: LoadedEnvironment, table: string, damage: Damage, call: Call): Call | null;
}
