// Who holds a cache. Sequences wait until there is a place and memory for them; when the running ones
// outgrow the memory, or a more urgent one comes, the most junior is put back and computed again
// later. Strict between priorities, fair between tenants, first come first served within a tenant.
// Knows no model, owns no memory, emits nothing: the engine does what is decided here.
// Contract: a sequence is in exactly one of waiting, running, gone. The most senior running sequence
// is never put back by its equals, so every sequence of the highest priority present comes to its
// end. A steady stream of higher priorities keeps lower ones waiting.

import type { Sequence } from './sequence.js';
import { TenantShares } from './tenant-shares.js';

export interface SchedulerOptions {
  /** How many sequences hold a cache at once. */
  maxRunning: number;
  /** Tokens of growth that must fit, for all running ones, before another sequence is let in. */
  headroomTokens: number;
}

export interface Memory {
  /** What all caches together may take. */
  budgetBytes: number;
  /** What one cache takes; grows with the tokens. */
  cacheBytes(numTokens: number): number;
}

/** The next sequence to run, and the running ones that make room for it. */
export interface Admission {
  sequence: Sequence;
  displaced: Sequence[];
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #memory: Memory;
  readonly #shares = new TenantShares();
  /** Higher priority first, then order of arrival. */
  #waiting: Sequence[] = [];
  /** In order of admission. */
  #running: Sequence[] = [];
  #numArrived = 0;
  #numAdmitted = 0;

  constructor(options: SchedulerOptions, memory: Memory) {
    this.#options = options;
    this.#memory = memory;
  }

  get numWaiting(): number {
    return this.#waiting.length;
  }

  get numRunning(): number {
    return this.#running.length;
  }

  get running(): readonly Sequence[] {
    return this.#running;
  }

  all(): Sequence[] {
    return [...this.#running, ...this.#waiting];
  }

  find(id: string): Sequence | undefined {
    const hasId = (sequence: Sequence) => sequence.id === id;
    return this.#running.find(hasId) ?? this.#waiting.find(hasId);
  }

  /** Bytes of the longest form of a sequence, and what all caches may take, if the former is more. */
  findUnfitting(sequence: Sequence): { neededBytes: number; budgetBytes: number } | undefined {
    const neededBytes = this.#memory.cacheBytes(sequence.maxLength);
    const { budgetBytes } = this.#memory;
    return neededBytes > budgetBytes ? { neededBytes, budgetBytes } : undefined;
  }

  add(sequence: Sequence): void {
    this.#shares.enter(sequence.tenant);
    sequence.arrival = this.#numArrived++;
    this.#enqueue(sequence);
  }

  remove(sequence: Sequence): void {
    if (!this.#waiting.includes(sequence) && !this.#running.includes(sequence)) return;
    this.#waiting = this.#waiting.filter((other) => other !== sequence);
    this.#running = this.#running.filter((other) => other !== sequence);
    this.#shares.leave(sequence.tenant);
  }

  /** Counts tokens computed for a sequence towards its tenant's share. */
  charge(sequence: Sequence, numTokens: number): void {
    this.#shares.charge(sequence.tenant, numTokens);
  }

  /** How much the tenant of a sequence has had: the lowest goes first among equal priorities. */
  served(sequence: Sequence): number {
    return this.#shares.served(sequence.tenant);
  }

  /** The running sequences that must be put back, junior first, for the next tokens of the others to
   *  fit. The last one always fits: what never could was refused (findUnfitting). */
  findOverflow(): Sequence[] {
    const left = this.#running.toSorted(bySeniority);
    const overflow: Sequence[] = [];
    let bytes = this.#bytesOf(left, 0);
    while (left.length > 1 && bytes > this.#memory.budgetBytes) {
      const junior = left.pop()!;
      bytes -= this.#bytesOf([junior], 0);
      overflow.push(junior);
    }
    return overflow;
  }

  /** Back into the queue, at the place of its arrival. */
  putBack(sequence: Sequence): void {
    this.#running = this.#running.filter((other) => other !== sequence);
    this.#enqueue(sequence);
  }

  /** The next waiting sequence, when it can run now. Nothing is passed over for being large. */
  findAdmission(): Admission | undefined {
    const sequence = this.#nextWaiting();
    if (!sequence) return undefined;
    const stay = this.#running.toSorted(bySeniority);
    const displaced: Sequence[] = [];
    while (!this.#hasRoom(stay, sequence)) {
      const junior = stay.pop();
      if (!junior || junior.priority >= sequence.priority) return undefined;
      displaced.push(junior);
    }
    return { sequence, displaced };
  }

  /** From waiting to running. */
  admit(sequence: Sequence): void {
    this.#waiting = this.#waiting.filter((other) => other !== sequence);
    this.#running.push(sequence);
    sequence.admission ??= this.#numAdmitted++;
  }

  /** A sequence with the memory to itself always has room. */
  #hasRoom(beside: readonly Sequence[], sequence: Sequence): boolean {
    if (beside.length === 0) return true;
    if (beside.length >= this.#options.maxRunning) return false;
    const bytes = this.#bytesOf([...beside, sequence], this.#options.headroomTokens);
    return bytes <= this.#memory.budgetBytes;
  }

  /** Counts whole prompts, also where only a part is computed: a chunk never lacks its memory. */
  #bytesOf(sequences: readonly Sequence[], headroom: number): number {
    let bytes = 0;
    for (const { nextLength, maxLength } of sequences) {
      bytes += this.#memory.cacheBytes(Math.min(nextLength + headroom, maxLength));
    }
    return bytes;
  }

  /** Of the highest priority that waits: the first of the tenant that has had least. */
  #nextWaiting(): Sequence | undefined {
    const priority = this.#waiting[0]?.priority;
    const firsts = new Map<string, Sequence>();
    for (const sequence of this.#waiting) {
      if (sequence.priority !== priority) break;
      if (!firsts.has(sequence.tenant)) firsts.set(sequence.tenant, sequence);
    }
    let next: Sequence | undefined;
    let leastDue = Infinity;
    for (const [tenant, sequence] of firsts) {
      const due = this.#due(tenant);
      if (due >= leastDue) continue; // equals in order of arrival
      leastDue = due;
      next = sequence;
    }
    return next;
  }

  /** What a tenant has had, and will have from what is let in already. */
  #due(tenant: string): number {
    let due = this.#shares.served(tenant);
    for (const sequence of this.#running) {
      if (sequence.tenant === tenant) due += sequence.numPending;
    }
    return due;
  }

  #enqueue(sequence: Sequence): void {
    const later = this.#waiting.findIndex(
      (other) =>
        other.priority < sequence.priority ||
        (other.priority === sequence.priority && other.arrival > sequence.arrival),
    );
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, sequence);
  }
}

/** Most senior first: higher priority, then who was let in first. */
function bySeniority(a: Sequence, b: Sequence): number {
  return b.priority - a.priority || a.admission! - b.admission!;
}
