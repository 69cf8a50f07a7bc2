// One rollout's use of an environment: its database view, what was called, submitted and noted. It
// holds no transport and no task; the private part of a task never comes near it.

import { canonicalJson, contentHash } from '../canonical.js';
import type { Base } from '../database.js';
import { Database } from '../database.js';
import type { RowChange } from '../task-types.js';
import type { Environment, Json, JsonObject, Row, ToolSpec } from '../world-types.js';
import type { Arguments } from './parameters.js';

export interface ToolSuccess {
  readonly ok: true;
  readonly value: Json;
}

/** A failure the agent is told about: the state is as it was. */
export interface ToolFailure {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

export type ToolResult = ToolSuccess | ToolFailure;

export interface CallRecord {
  readonly tool: string;
  readonly arguments: Arguments;
  readonly result: ToolResult;
}

/** An environment ready to be used: indexed once, shared by its sessions. */
export interface LoadedEnvironment {
  readonly env: Environment;
  readonly base: Base;
  readonly tools: ReadonlyMap<string, ToolSpec>;
}

export class Session {
  readonly db: Database;
  readonly calls: CallRecord[] = [];
  readonly notes: string[] = [];
  /** The newest one counts. */
  submission: Json | undefined;
  escalation: string | undefined;

  constructor(
    readonly environment: LoadedEnvironment,
    patch: readonly RowChange[] = [],
    /** Of the task, for the submit tool. */
    readonly submissionSchema?: JsonObject,
    /** The state to begin in, with the patch already in it; the session works on it itself. */
    state?: Database,
  ) {
    this.db = state ?? new Database(environment.base);
    if (!state) this.db.apply(patch);
  }

  get env(): Environment {
    return this.environment.env;
  }

  /** An independent copy of the session as it stands. */
  fork(): Session {
    const copy = new Session(this.environment, [], this.submissionSchema, this.db.fork());
    copy.calls.push(...this.calls);
    copy.notes.push(...this.notes);
    copy.submission = this.submission;
    copy.escalation = this.escalation;
    return copy;
  }

  /**
   * Key for a new row, made from its content: the same rows get the same keys in whatever order they
   * are made, so equal end states have equal hashes.
   */
  newKey(table: string, row: Row): string {
    for (let copy = 0; ; copy++) {
      const digest = contentHash([table, canonicalJson(row), copy]);
      const key = `${table.slice(0, 2)}-${digest.slice(0, 10)}`;
      if (!this.db.get(table, key)) return key;
    }
  }
}

export function succeed(value: Json): ToolSuccess {
  return { ok: true, value };
}

export function fail(code: string, message: string): ToolFailure {
  return { ok: false, code, message };
}
