// Which endpoint serves the next request: hands out places, makes requests wait when all are taken,
// and keeps the router's memory in step with what happens to the endpoints.

import { BackendError } from '../backend/types.js';
import type { Endpoint } from './endpoint.js';
import type { BlockChain } from './prefix-blocks.js';
import type { Candidate, Router } from './router.js';

export interface Place {
  endpoint: Endpoint;
  /** Leading blocks of the prompt that this endpoint was sent before. */
  matchedBlocks: number;
}

export class EndpointPool {
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly endpoints: readonly Endpoint[],
    readonly router: Router,
    readonly maxWaiting: number,
  ) {}

  /** Endpoints that are not down. */
  usable(except: ReadonlySet<Endpoint> = new Set()): Endpoint[] {
    return this.endpoints.filter(
      (endpoint) => endpoint.circuit.state !== 'down' && !except.has(endpoint),
    );
  }

  /**
   * Waits for a place; every place must be given back with `release`. undefined when `signal` is
   * aborted first, or when no endpoint is usable.
   * @throws BackendError `unavailable` when too many wait already.
   */
  async acquire(
    chain: BlockChain,
    { except, signal }: { except: ReadonlySet<Endpoint>; signal: AbortSignal },
  ): Promise<Place | undefined> {
    for (;;) {
      const usable = this.usable(except);
      if (signal.aborted || usable.length === 0) return undefined;
      const route = this.router.choose(usable.map(candidateOf), chain);
      if (route) {
        const endpoint = usable.find(({ id }) => id === route.id)!;
        endpoint.inFlight++;
        this.router.record(endpoint.id, chain);
        return { endpoint, matchedBlocks: route.matchedBlocks };
      }
      if (this.#waiting.size >= this.maxWaiting) {
        throw new BackendError('unavailable', 'all upstream servers are busy, and so is the queue');
      }
      await this.#change(signal);
    }
  }

  release(endpoint: Endpoint): void {
    endpoint.inFlight--;
    this.wake();
  }

  /** Something changed that may help a request that waits. In the order of their arrival. */
  wake(): void {
    for (const resume of this.#waiting) resume();
  }

  get numWaiting(): number {
    return this.#waiting.size;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = () => {
        this.#waiting.delete(resume);
        signal.removeEventListener('abort', resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal.addEventListener('abort', resume);
    });
  }
}

function candidateOf({ id, inFlight, maxConcurrency, weight, circuit }: Endpoint): Candidate {
  return {
    id,
    inFlight,
    // Half open: one request at a time finds out whether it works again.
    maxConcurrency: circuit.isHalfOpen ? 1 : maxConcurrency,
    weight,
    isLastResort: circuit.state === 'suspect' && !circuit.isHalfOpen,
  };
}
