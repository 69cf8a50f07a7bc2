// What a finished rollout is written as: one row of JSON, self-contained and enough to be judged again
// (`calls`). Names are those of agents reference §2. Times are milliseconds since the rollout began.

import { contentHash } from '../canonical.js';
import type { Database } from '../database.js';
import type { Usage } from '../model-loop/chat-endpoint.js';
import type { ChatMessage, OpenAITool } from '../task-prompt.js';
import type { PublicTask } from '../task-types.js';
import type { Json, JsonObject } from '../world-types.js';
import type { Judgement, StoredCall } from './judge.js';

/** Why a rollout ended. The first two are ends that the agent chose. */
export type StopCondition =
  | 'submitted'
  | 'final_message'
  /** The endpoint cut the reply off. */
  | 'length'
  | 'content_filter'
  | 'max_turns'
  | 'max_tool_calls'
  | 'max_completion_tokens'
  | 'max_user_turns'
  | 'wall_time'
  | 'loop_detected'
  | 'error';

const COMPLETE: ReadonlySet<StopCondition> = new Set(['submitted', 'final_message']);
const UNCUT: ReadonlySet<StopCondition> = new Set([...COMPLETE, 'loop_detected', 'error']);

export interface Span {
  readonly start_ms: number;
  readonly end_ms: number;
}

/** Of all calls of a rollout; `estimated` = the endpoint did not say, characters were counted. */
export interface RolloutUsage extends Usage {
  readonly total_tokens: number;
  readonly calls: number;
  readonly turns: number;
  readonly estimated: boolean;
}

/** Messages as they were sent, and what came of them until the next change of what is sent. */
export interface Segment {
  readonly prompt: readonly ChatMessage[];
  readonly completion: readonly ChatMessage[];
  readonly tokens: null;
  /** What ended the segment before this one. */
  readonly context_event?: 'user_message';
}

/** RFC 6902; paths are /table/key. */
export interface JsonPatchOp {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: Json;
}

export interface RolloutRow {
  readonly id: string;
  readonly task_key: string;
  readonly task_hash: string;
  readonly env_id: string;
  readonly group_id: string;
  readonly sample_idx: number;
  readonly model: string;
  readonly sampling: JsonObject;
  readonly prompt: readonly ChatMessage[];
  /** With all reasoning, whatever of it was sent back. */
  readonly completion: readonly ChatMessage[];
  readonly tool_defs: readonly OpenAITool[];
  /** What was carried out, by whom: `reverify` does it again. */
  readonly calls: readonly StoredCall[];
  /** 0 where there is an error: that is no verdict, and no figure should count it. */
  readonly reward: number;
  readonly rewards: Readonly<Record<string, { readonly score: number; readonly weight: number }>>;
  readonly checks: Judgement['checks'];
  readonly metrics: Readonly<Record<string, number>>;
  readonly is_completed: boolean;
  readonly is_truncated: boolean;
  readonly stop_condition: StopCondition;
  readonly error: null | { readonly type: string; readonly message: string };
  readonly usage: RolloutUsage;
  readonly timing: {
    readonly setup: Span;
    readonly generation: Span;
    readonly scoring: Span;
    readonly model: readonly Span[];
    readonly env: readonly Span[];
  };
  /** Only where more than one prompt was sent: reasoning of earlier questions is not sent again. */
  readonly trajectory?: readonly Segment[];
  readonly final_state_hash: string;
  readonly state_diff: readonly JsonPatchOp[];
  readonly versions: Readonly<Record<string, string>>;
}

export function endOf(stop: StopCondition): Pick<RolloutRow, 'is_completed' | 'is_truncated'> {
  return { is_completed: COMPLETE.has(stop), is_truncated: !UNCUT.has(stop) };
}

/** Same task and settings, same group: so a run that was cut off knows what is done. */
export function groupIdOf(task: PublicTask, settings: Json): string {
  return contentHash([task.key, task.hash, settings]).slice(0, 16);
}

/** What an agent changed, in order of table and key. Both views are of one base. */
export function stateDiff(before: Database, after: Database): JsonPatchOp[] {
  const touched = new Map<string, { table: string; key: string }>();
  for (const { table, key } of [...before.diff(), ...after.diff()]) {
    touched.set(pathOf(table, key), { table, key });
  }
  const ops: JsonPatchOp[] = [];
  for (const [path, { table, key }] of [...touched].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const was = before.get(table, key);
    const is = after.get(table, key);
    if (!is && was) ops.push({ op: 'remove', path });
    else if (is && !was) ops.push({ op: 'add', path, value: is });
    else if (is && JSON.stringify(is) !== JSON.stringify(was)) {
      ops.push({ op: 'replace', path, value: is });
    }
  }
  return ops;
}

function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
