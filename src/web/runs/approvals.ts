// Calls that wait for a person: who needs to be asked, and the decision when it comes. Knows no tools
// being run.

import type { RunEvent, RunTool } from '../run-events.js';
import type { Approval, ConversationSettings } from '../wire.js';
import { type EventLogTime, SYSTEM_TIME } from './event-log.js';

export type Decision = 'run' | 'deny' | 'stop';

interface Waiting {
  tool: RunTool;
  resolve: (decision: Decision) => void;
  cancelLimit: () => void;
}

/** A call that nobody decides about counts as declined then: its run may have nobody left. */
const DECIDE_MS = 24 * 60 * 60_000;

export interface ApprovalsOptions {
  settings: Pick<ConversationSettings, 'approval' | 'always_allowed'>;
  emit: (event: RunEvent) => void;
  signal: AbortSignal;
  time?: Pick<EventLogTime, 'after'>;
}

export class Approvals {
  readonly #waiting = new Map<string, Waiting>();
  readonly #allowed: Set<string>;

  constructor(private readonly options: ApprovalsOptions) {
    this.#allowed = new Set(options.settings.always_allowed);
    options.signal.addEventListener('abort', () => {
      for (const { resolve, cancelLimit } of this.#waiting.values()) {
        cancelLimit();
        resolve('stop');
      }
      this.#waiting.clear();
    });
  }

  /** Resolves at once where nobody has to be asked. */
  ask(callId: string, tool: RunTool | null): Promise<Decision> {
    if (this.options.signal.aborted) return Promise.resolve('stop');
    if (!tool || !this.#needs(tool)) return Promise.resolve('run');
    this.options.emit({ type: 'tool-approval', call_id: callId });
    const { time = SYSTEM_TIME } = this.options;
    const cancelLimit = time.after(DECIDE_MS, () => this.decide(callId, 'deny'));
    return new Promise((resolve) => this.#waiting.set(callId, { tool, resolve, cancelLimit }));
  }

  /** @returns the tool that was decided about; undefined = no such call waits */
  decide(callId: string, decision: Approval['decision']): RunTool | undefined {
    const found = this.#waiting.get(callId);
    if (!found) return undefined;
    if (decision === 'always') this.#allowed.add(found.tool.id);
    const settled =
      decision === 'always'
        ? [...this.#waiting].filter(([, { tool }]) => tool.id === found.tool.id)
        : [[callId, found] as const];
    for (const [id, { resolve, cancelLimit }] of settled) {
      cancelLimit();
      this.#waiting.delete(id);
      this.options.emit(
        decision === 'deny'
          ? { type: 'tool-denied', call_id: id }
          : { type: 'tool-approved', call_id: id, always: decision === 'always' },
      );
      resolve(decision === 'deny' ? 'deny' : 'run');
    }
    return found.tool;
  }

  #needs({ id, writes }: RunTool): boolean {
    if (this.#allowed.has(id)) return false;
    const { approval } = this.options.settings;
    return approval === 'all' || (approval === 'writes' && writes);
  }
}
