// Gets a request begun somewhere: picks endpoints, tries another one where that can help, and keeps
// the books on each endpoint's health. Stops caring once the first chunk is there.

import { BackendError, type GenerateRequest } from '../backend/types.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { CircuitState } from './circuit.js';
import type { ControlTexts } from './control-texts.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointPool } from './endpoint-pool.js';
import { UpstreamFailure } from './failure.js';
import type { UpstreamCounter, UpstreamNotice } from './notices.js';
import { isAboutLength, openCompletion, type OpenCompletion } from './open-completion.js';
import { blockChain } from './prefix-blocks.js';
import { pause, type Timers } from './timers.js';

export interface DispatcherOptions {
  pool: EndpointPool;
  tokenizer: Tokenizer;
  controls: ControlTexts;
  timers: Timers;
  random: () => number;
  maxAttempts: number;
  backoffMs: number;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  onNotice: (notice: UpstreamNotice) => void;
  onCount: (counter: UpstreamCounter, endpoint: string) => void;
}

/** A completion that has begun, and its place at an endpoint, which must be given back. */
export interface Begun {
  endpoint: Endpoint;
  open: OpenCompletion;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Tries endpoints until one begins; undefined when aborted. @throws BackendError when none does. */
  async begin(
    request: GenerateRequest,
    { maxTokens, signal }: { maxTokens: number; signal: AbortSignal },
  ): Promise<Begun | undefined> {
    const { pool, maxAttempts } = this.#options;
    const chain = blockChain(request.promptTokens, request.cacheSalt);
    const tried = new Set<Endpoint>();
    let last: UpstreamFailure | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (attempt > 0 && pool.usable(tried).length === 0) {
        tried.clear(); // nobody else is left: the same ones again, after a while
        await this.#backOff(attempt, signal);
      }
      const place = await pool.acquire(chain, { except: tried, signal });
      if (!place) break;
      const { endpoint, matchedBlocks } = place;
      this.#count('requests', endpoint);
      if (matchedBlocks > 0) this.#count('prefix_hits', endpoint);
      try {
        const open = await openCompletion(this.#openOptions(endpoint, request, maxTokens), signal);
        this.#change(endpoint, () => endpoint.circuit.succeed());
        return { endpoint, open };
      } catch (error) {
        pool.release(endpoint);
        if (signal.aborted) return undefined;
        if (!(error instanceof UpstreamFailure)) throw error;
        this.blame(endpoint, error);
        if (!error.isRetryable) throw backendError(error);
        last = error;
        tried.add(endpoint);
        this.#count('retries', endpoint);
        const { label } = endpoint;
        const { id } = request;
        this.#options.onNotice({ type: 'retry', id, endpoint: label, detail: error.message });
      }
    }
    if (signal.aborted) return undefined;
    throw new BackendError(
      'unavailable',
      last
        ? `no upstream server took the request; the last ${last.message}`
        : 'all upstream servers are down',
      { cause: last },
    );
  }

  /** The endpoint failed a request: counted against it, unless the request was at fault. */
  blame(endpoint: Endpoint, { kind, message }: UpstreamFailure): void {
    if (kind !== 'refused') this.#count('failures', endpoint);
    const { circuit } = endpoint;
    this.#change(endpoint, () => {
      if (kind === 'misconfigured') circuit.open(message);
      else if (kind === 'unreachable' || kind === 'broken') circuit.fail(message);
      else if (kind === 'refused') circuit.succeed(); // it is there and thinks
      // Busy is neither; health checks tell when it is more than that.
    });
  }

  /** A circuit has changed its state. */
  onState(endpoint: Endpoint, from: CircuitState): void {
    const { pool, onNotice } = this.#options;
    const { label, circuit } = endpoint;
    const detail = circuit.detail ?? 'answers';
    onNotice({ type: 'endpoint-state', endpoint: label, from, to: circuit.state, detail });
    if (circuit.state === 'down') pool.router.forget(endpoint.id);
    if (from === 'down') endpoint.level = undefined; // perhaps another version came up
    pool.wake();
  }

  #openOptions(endpoint: Endpoint, request: GenerateRequest, maxTokens: number) {
    const { onNotice } = this.#options;
    const { label } = endpoint;
    return {
      ...this.#options,
      endpoint,
      request,
      maxTokens,
      onReduced: (detail: string) => onNotice({ type: 'reduced-request', endpoint: label, detail }),
    };
  }

  #backOff(attempt: number, signal: AbortSignal): Promise<void> {
    const { timers, backoffMs, random } = this.#options;
    return pause(timers, backoffMs * 2 ** (attempt - 1) * (0.5 + random() / 2), signal);
  }

  #change(endpoint: Endpoint, change: () => void): void {
    const from = endpoint.circuit.state;
    change();
    if (endpoint.circuit.state !== from) this.onState(endpoint, from);
  }

  #count(counter: UpstreamCounter, { label }: Endpoint): void {
    this.#options.onCount(counter, label);
  }
}

function backendError(failure: UpstreamFailure): BackendError {
  const options = { cause: failure };
  const message = `the upstream server ${failure.message}`;
  if (failure.kind !== 'refused') return new BackendError('unavailable', message, options);
  const code = isAboutLength(failure) ? 'context_length' : 'invalid_request';
  return new BackendError(code, message, options);
}
