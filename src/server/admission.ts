// Who may generate now, who waits, and who is turned away (api reference §2.3 steps 11-12, §8). A
// bounded number runs, a bounded number waits; among those waiting tenants take turns, so that one
// with many requests does not keep the others out. Knows no HTTP and no engine.

export interface AdmissionLimits {
  /** Requests that generate at once. */
  maxRunning: number;
  /** Requests that wait for it. */
  maxQueued: number;
}

export interface Applicant {
  tenant: string;
  keyId: string;
  /** Of this key, running and waiting together. */
  maxConcurrency: number;
  signal: AbortSignal;
}

/** A place among the running; `leave` frees it and may be called twice. */
export interface Place {
  leave(): void;
}

/** Turned away. `key` = this key has too much at once; `queue` = the server has. */
export class AdmissionError extends Error {
  override name = 'AdmissionError';

  constructor(
    readonly reason: 'key' | 'queue',
    message: string,
    /** When asking again is worth it. */
    readonly retryAfterSeconds: number,
  ) {
    super(message);
  }
}

/** A request that waits. */
export interface Waiting {
  /** 1 = next. */
  readonly position: number;
  /** Rejects with the signal's reason when that is aborted first. */
  readonly admitted: Promise<Place>;
}

interface Ticket {
  tenant: string;
  resolve: (place: Place) => void;
}

const MIN_RETRY_SECONDS = 1;
const MAX_RETRY_SECONDS = 60;
/** Weight of the newest duration in the running mean that `Retry-After` is estimated from. */
const DURATION_WEIGHT = 0.1;

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #perKey = new Map<string, number>();
  /** Tenants in the order of their turns; each queue is non-empty. */
  readonly #queues = new Map<string, Ticket[]>();
  #running = 0;
  #queued = 0;
  #meanSeconds = 1;
  #closed: AdmissionError | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(limits: AdmissionLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Why nobody is taken any more; undefined = it is open. */
  get closed(): AdmissionError | undefined {
    return this.#closed;
  }

  /** For good: whoever comes is turned away with this, whoever is in is served to the end. Resolves
   *  when all have left. */
  close(refusal: AdmissionError): Promise<void> {
    this.#closed = refusal;
    if (this.#perKey.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  /** A place at once, or the wait for one. @throws AdmissionError */
  enter(applicant: Applicant): Place | Waiting {
    if (this.#closed) throw this.#closed;
    const { keyId, maxConcurrency } = applicant;
    const ofKey = this.#perKey.get(keyId) ?? 0;
    if (ofKey >= maxConcurrency) {
      throw new AdmissionError(
        'key',
        `this key has ${ofKey} requests at once and may have ${maxConcurrency}`,
        this.#retryAfter(ofKey),
      );
    }
    const isFree = this.#running < this.#limits.maxRunning;
    if (!isFree && this.#queued >= this.#limits.maxQueued) {
      const message = `${this.#running} requests run and ${this.#queued} wait`;
      throw new AdmissionError('queue', message, this.#retryAfter(this.#queued));
    }
    this.#perKey.set(keyId, ofKey + 1);
    return isFree ? this.#place(keyId) : this.#wait(applicant);
  }

  #wait({ tenant, keyId, signal }: Applicant): Waiting {
    const position = () => this.#positionOf(ticket);
    const ticket: Ticket = { tenant, resolve: () => {} };
    const admitted = new Promise<Place>((resolve, reject) => {
      const onAbort = () => {
        this.#removeTicket(ticket);
        this.#leaveKey(keyId);
        reject(signal.reason as Error);
      };
      ticket.resolve = (place) => {
        signal.removeEventListener('abort', onAbort);
        resolve(place);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const queue = this.#queues.get(tenant);
      if (queue) queue.push(ticket);
      else this.#queues.set(tenant, [ticket]);
      this.#queued++;
      this.#keyOfTicket.set(ticket, keyId);
    });
    return {
      admitted,
      get position() {
        return position();
      },
    };
  }

  readonly #keyOfTicket = new WeakMap<Ticket, string>();

  #place(keyId: string): Place {
    this.#running++;
    const startedAt = this.#now();
    let isLeft = false;
    return {
      leave: () => {
        if (isLeft) return;
        isLeft = true;
        this.#running--;
        this.#leaveKey(keyId);
        const seconds = (this.#now() - startedAt) / 1000;
        this.#meanSeconds += DURATION_WEIGHT * (seconds - this.#meanSeconds);
        this.#admitNext();
      },
    };
  }

  #admitNext(): void {
    if (this.#running >= this.#limits.maxRunning) return;
    const turn = this.#queues.entries().next();
    if (turn.done) return;
    const [tenant, queue] = turn.value;
    const ticket = queue.shift()!;
    // To the end of the line of tenants.
    this.#queues.delete(tenant);
    if (queue.length > 0) this.#queues.set(tenant, queue);
    this.#queued--;
    ticket.resolve(this.#place(this.#keyOfTicket.get(ticket)!));
  }

  #removeTicket(ticket: Ticket): void {
    const queue = this.#queues.get(ticket.tenant);
    const index = queue?.indexOf(ticket) ?? -1;
    if (!queue || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(ticket.tenant);
    this.#queued--;
  }

  #leaveKey(keyId: string): void {
    const count = this.#perKey.get(keyId)! - 1;
    if (count > 0) this.#perKey.set(keyId, count);
    else this.#perKey.delete(keyId);
    if (this.#perKey.size === 0) this.#onEmpty?.();
  }

  /** In round i every tenant with more than i waiting gets a place, in turn order. */
  #positionOf(ticket: Ticket): number {
    const round = this.#queues.get(ticket.tenant)?.indexOf(ticket) ?? -1;
    if (round < 0) return 0;
    let before = 0;
    let isAfterOwn = false;
    for (const [tenant, queue] of this.#queues) {
      if (tenant === ticket.tenant) isAfterOwn = true;
      else before += Math.min(queue.length, isAfterOwn ? round : round + 1);
    }
    return before + round + 1;
  }

  #retryAfter(numAhead: number): number {
    const seconds = Math.ceil((this.#meanSeconds * numAhead) / this.#limits.maxRunning);
    return Math.min(MAX_RETRY_SECONDS, Math.max(MIN_RETRY_SECONDS, seconds));
  }
}
