// Who runs in the next step. Sequences wait in a queue (higher priority first, then first come),
// at most `maxRunning` hold a cache, and every step gives each decoding sequence one token and one
// prefilling sequence one chunk of its prompt, so that a long prompt never stops the others.
// Knows no model and emits nothing. Contract: a sequence is in exactly one of waiting, running,
// gone. Priority is strict: a steady stream of higher ones keeps lower ones waiting.

import type { Sequence } from './sequence.js';

export interface SchedulerOptions {
  /** How many sequences hold a cache at once. */
  maxRunning: number;
  /** Prompt tokens per prefill slice while other sequences decode. */
  prefillChunk: number;
  /** Prompt tokens per slice when nobody else would have to wait for it. */
  prefillChunkAlone: number;
}

export interface StepPlan {
  /** One token each. */
  decode: Sequence[];
  prefill?: { sequence: Sequence; size: number };
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  #waiting: Sequence[] = [];
  #running: Sequence[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get numWaiting(): number {
    return this.#waiting.length;
  }

  get numRunning(): number {
    return this.#running.length;
  }

  add(sequence: Sequence): void {
    const later = this.#waiting.findIndex((other) => other.priority < sequence.priority);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, sequence);
  }

  find(id: string): Sequence | undefined {
    const hasId = (sequence: Sequence) => sequence.id === id;
    return this.#running.find(hasId) ?? this.#waiting.find(hasId);
  }

  remove(sequence: Sequence): void {
    this.#waiting = this.#waiting.filter((other) => other !== sequence);
    this.#running = this.#running.filter((other) => other !== sequence);
  }

  get running(): readonly Sequence[] {
    return this.#running;
  }

  all(): Sequence[] {
    return [...this.#running, ...this.#waiting];
  }

  /** Moves waiting sequences into free places; the caller gives each a cache. */
  admit(): Sequence[] {
    const admitted = this.#waiting.splice(0, this.#options.maxRunning - this.#running.length);
    this.#running.push(...admitted);
    return admitted;
  }

  plan(): StepPlan {
    const decode = this.#running.filter((one) => !one.needsPrefill && !one.isHeld);
    const sequence = this.#nextToPrefill();
    if (!sequence) return { decode };
    const size = decode.length > 0 ? this.#options.prefillChunk : this.#options.prefillChunkAlone;
    return { decode, prefill: { sequence, size } };
  }

  /** Highest priority first; among equals in turn: the chosen one goes to the back. */
  #nextToPrefill(): Sequence | undefined {
    let chosen: Sequence | undefined;
    for (const sequence of this.#running) {
      if (!sequence.needsPrefill || sequence.isHeld) continue;
      if (!chosen || sequence.priority > chosen.priority) chosen = sequence;
    }
    if (chosen) {
      this.#running = this.#running.filter((other) => other !== chosen);
      this.#running.push(chosen);
    }
    return chosen;
  }
}
