// A run that is being followed: its events folded into a turn, drawn once per frame at most. The
// connection may break and come back; the events go on where they stopped.

import { batch, signal } from '@preact/signals';
import type { RunEvent } from '../../../src/web/run-events.js';
import { applyRunEvent, emptyTurn, type Turn } from '../../../src/web/turn.js';
import type { Approval } from '../../../src/web/wire.js';
import { followEvents } from '../api/event-source.js';
import { call } from '../api/http.js';

export class LiveRun {
  readonly turn: Turn = emptyTurn();
  /** Read it to be drawn again when the turn has changed. */
  readonly version = signal(0);
  /** It has ended, and its last event was drawn. */
  readonly isDrawnToEnd = signal(false);
  /** The connection is lost and being tried again. */
  readonly isAway = signal(false);
  /** A stop was asked for and has not happened yet. */
  readonly isStopping = signal(false);
  /** Milliseconds since 1970, on the server's clock; of a run that was found running. */
  startedAt: number | undefined;
  readonly #abort = new AbortController();
  #frame = false;

  /** `onEvent` hears every event after it was folded in. */
  constructor(
    readonly id: string,
    private readonly onEvent: (event: RunEvent, turn: Turn) => void = () => {},
  ) {}

  get isOver(): boolean {
    return this.turn.status !== 'running';
  }

  /** Resolves when the run is over or no longer followed. @throws ApiFailure when it is not known */
  async follow(): Promise<void> {
    await followEvents({
      path: `/web/v1/runs/${this.id}/events`,
      signal: this.#abort.signal,
      onEvent: ({ data }) => this.#take(JSON.parse(data) as RunEvent),
      isOver: () => this.isOver,
      onAway: (isAway) => (this.isAway.value = isAway),
    });
    batch(() => {
      this.isAway.value = false;
      this.#draw();
    });
  }

  /** Stops listening; the run itself goes on. */
  leave(): void {
    this.#abort.abort();
  }

  async stop(): Promise<void> {
    this.isStopping.value = true;
    try {
      await call(`/web/v1/runs/${this.id}/stop`, { method: 'POST' });
    } catch (error) {
      this.isStopping.value = false;
      throw error;
    }
  }

  /** Ends the thinking; the answer follows. */
  async answerNow(): Promise<void> {
    await call(`/web/v1/runs/${this.id}/answer`, { method: 'POST' });
  }

  async decide(callId: string, decision: Approval['decision']): Promise<void> {
    const path = `/web/v1/runs/${this.id}/approvals/${encodeURIComponent(callId)}`;
    await call(path, { method: 'POST', body: { decision } satisfies Approval });
  }

  #take(event: RunEvent): void {
    if (event.type === 'run-start') this.startedAt = Date.parse(event.started_at);
    applyRunEvent(this.turn, event);
    this.onEvent(event, this.turn);
    if (this.#frame) return;
    this.#frame = true;
    // No frames are drawn in a hidden tab, and none are needed there.
    requestAnimationFrame(() => {
      this.#frame = false;
      this.#draw();
    });
  }

  #draw(): void {
    batch(() => {
      this.version.value = this.turn.version;
      this.isDrawnToEnd.value = this.isOver;
    });
  }
}
