// Both contenders on one file, interleaved piece by piece and step by step: what disturbs the machine
// hits both. Only one of them computes at a time, and they take turns at going first.

import { type About, type ContenderOptions } from './contender.js';
import { mapBoth, median, type Both } from './samples.js';
import { Worker, type Clock } from './worker.js';

/** Steps before the timed ones: they compile graphs and touch memory for the first time. */
const WARM_STEPS = 2;

export class Pair {
  private turns = 0;

  static async open(clock: Clock, options: ContenderOptions): Promise<Pair> {
    const ours = await Worker.open('hadal', clock, options);
    try {
      return new Pair(ours, await Worker.open('peer', clock, options));
    } catch (error) {
      await ours.close();
      throw error;
    }
  }

  private constructor(
    private readonly ours: Worker,
    private readonly theirs: Worker,
  ) {}

  get about(): { ours: About; theirs: About } {
    return { ours: this.ours.about, theirs: this.theirs.about };
  }

  get idleLoad(): Both {
    return { ours: this.ours.idleLoad, theirs: this.theirs.idleLoad };
  }

  /** Milliseconds. */
  prefill(tokens: Int32Array): Promise<Both> {
    return this.inTurn((worker) => worker.prefill(tokens));
  }

  /** Median milliseconds of a step. */
  async decode(numSteps: number): Promise<Both> {
    const times: Both[] = [];
    for (let i = 0; i < WARM_STEPS + numSteps; i++) {
      const both = await this.inTurn((worker) => worker.step());
      if (i >= WARM_STEPS) times.push(both);
    }
    return medians(times);
  }

  async rewind(length: number): Promise<void> {
    await this.inTurn((worker) => worker.rewind(length));
  }

  /** Writes both sequences to files of this name and a suffix. */
  async save(path: string): Promise<void> {
    await this.inTurn((worker) => worker.save(`${path}.${worker.kind}`));
  }

  async fill(path: string, length: number): Promise<void> {
    await this.inTurn((worker) => worker.fill(`${path}.${worker.kind}`, length));
  }

  async close(): Promise<void> {
    await this.ours.close();
    await this.theirs.close();
  }

  private async inTurn(job: (worker: Worker) => Promise<number>): Promise<Both> {
    if (this.turns++ % 2 === 0) {
      const ours = await job(this.ours);
      return { ours, theirs: await job(this.theirs) };
    }
    const theirs = await job(this.theirs);
    return { ours: await job(this.ours), theirs };
  }
}

export function medians(times: readonly Both[]): Both {
  return {
    ours: median(times.map(({ ours }) => ours)),
    theirs: median(times.map(({ theirs }) => theirs)),
  };
}

/** Tokens per second. */
export function rates(numTokens: number, ms: Both): Both {
  return mapBoth(ms, (value) => (numTokens / value) * 1000);
}
