// Asks every endpoint from time to time whether it is there, with jitter so that many servers do not
// ask in step. An endpoint that comes back is learned anew before it gets a trial request: it may
// have been restarted with other settings, and with another model it must stay out.

import type { CircuitState } from './circuit.js';
import type { Endpoint } from './endpoint.js';
import { describeError, UpstreamFailure } from './failure.js';
import { learn, type LearnOptions } from './learn.js';
import type { Timers } from './timers.js';

export interface MonitorOptions {
  tokenizer: LearnOptions['tokenizer'];
  timers: Timers;
  intervalMs: number;
  timeoutMs: number;
  /** In [0, 1). */
  random: () => number;
  onState: (endpoint: Endpoint, from: CircuitState) => void;
}

export class HealthMonitor {
  readonly #options: MonitorOptions;
  readonly #cancels = new Map<Endpoint, () => void>();
  /** The model each must serve: the name the user gave, else the one it told first. */
  readonly #models = new Map<Endpoint, string | undefined>();
  #isClosed = false;

  constructor(endpoints: readonly Endpoint[], options: MonitorOptions) {
    this.#options = options;
    for (const endpoint of endpoints) this.#models.set(endpoint, endpoint.model);
  }

  /** One check of all endpoints; afterwards they are checked periodically until `close`. */
  async start(): Promise<void> {
    await Promise.all([...this.#models.keys()].map((endpoint) => this.#round(endpoint)));
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** Checks now. Never rejects. */
  async check(endpoint: Endpoint): Promise<void> {
    const { circuit } = endpoint;
    const before = circuit.state;
    const { tokenizer, timeoutMs, onState } = this.#options;
    try {
      await this.#requireHealth(endpoint);
      if (before === 'down' || !endpoint.isLearned) {
        const model = this.#models.get(endpoint);
        await learn(endpoint, { tokenizer, timeoutMs, model });
        this.#models.set(endpoint, endpoint.model);
      }
      if (before === 'down' || !circuit.isHalfOpen) circuit.passCheck();
    } catch (error) {
      if (this.#isClosed) return;
      const detail = endpoint.redact(describeError(error));
      const isHopeless = error instanceof UpstreamFailure && error.kind === 'misconfigured';
      // Never heard of: there is no good past to give it credit for.
      if (isHopeless || !endpoint.isLearned) circuit.open(detail);
      else circuit.fail(detail);
    }
    if (circuit.state !== before) onState(endpoint, before);
  }

  /** `/health` of all three engines; servers without it are asked for their models. */
  async #requireHealth(endpoint: Endpoint): Promise<void> {
    const { rootPath, apiPath } = endpoint.address;
    try {
      await endpoint.json('GET', `${rootPath}/health`, this.#options);
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error;
      if (error.kind === 'broken' && /not JSON/.test(error.message)) return; // a 200 all the same
      if (error.kind !== 'misconfigured') throw error;
      await endpoint.json('GET', `${apiPath}/models`, this.#options);
    }
  }

  async #round(endpoint: Endpoint): Promise<void> {
    await this.check(endpoint);
    if (this.#isClosed) return;
    const { timers, intervalMs, random } = this.#options;
    const jitteredMs = intervalMs * (0.8 + 0.4 * random());
    this.#cancels.set(
      endpoint,
      timers.after(jitteredMs, () => void this.#round(endpoint)),
    );
  }
}
