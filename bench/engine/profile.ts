// Where Hadal's time goes: decode steps and chunks of a prompt at some context lengths, whole and with
// one kind of operation left out, in turn; what a kind costs is the difference. What is left over is
// the rest: host work, barriers between threads, and what runs faster or slower in company. Times are
// CPU time per thread, the smallest of some runs: differences of wall times drown on a busy machine.

import { loadModel } from '../../src/model/load-model.js';
import type { Model, SequenceCache } from '../../src/model/types.js';
import { openDevice } from '../../src/tensor/open-device.js';
import type { Device } from '../../src/tensor/types.js';
import { leaveOut, type Call } from './leave-out.js';
import { kindOf } from './operation-kinds.js';
import { QUICK, someTokens, type Session, type Subject } from './subject.js';

const BLOCK_ROWS = 64;
/** Rows that are computed; longer contexts repeat them. */
const COMPUTED_ROWS = 1024;
/** Where attention is composed of single operations: gathers from this many top-k on, in all variants. */
const GATHER_FACTOR = 4;

/** Runs of a decode step per variant, and of a chunk. */
const NUM_RUNS = { full: { decode: 48, prefill: 6 }, quick: { decode: 12, prefill: 2 } };

/** The last `numTokens` of a context, in `numStreams` sequences at once. */
const CASES = [
  { name: 'decode_1k', length: 1024, numTokens: 1, numStreams: 1 },
  { name: 'decode_8x1k', length: 1024, numTokens: 1, numStreams: 8 },
  { name: 'decode_4k', length: 4096, numTokens: 1, numStreams: 1 },
  { name: 'decode_64k', length: 65_536, numTokens: 1, numStreams: 1 },
  { name: 'prefill_1k', length: 1024, numTokens: 256, numStreams: 1 },
  { name: 'prefill_4k', length: 4096, numTokens: 256, numStreams: 1 },
  { name: 'prefill_16k', length: 16_384, numTokens: 256, numStreams: 1 },
] as const;

/** Rows that every token of every case sees. What would have been chosen among all is chosen among
 *  these when the choice is left out, so that reading far-apart rows counts as a cost of choosing. */
const COMMON_ROWS = Math.min(...CASES.map(({ length, numTokens }) => length - numTokens));

type Case = (typeof CASES)[number];

export interface Profile {
  name: string;
  /** Milliseconds of the whole step or chunk. */
  totalMs: number;
  /** Milliseconds by kind of operation, most expensive first. */
  parts: Record<string, number>;
  restMs: number;
}

export async function profile(
  subject: Subject,
  { threads, effort, say }: Session,
): Promise<Profile[]> {
  const cases = CASES.filter(({ length }) => length <= subject.contextLength);
  const device = openDevice({ prefer: 'ggml', numThreads: threads });
  const kinds = new Set<string>();
  const count = (call: Call): boolean => {
    kinds.add(kindOf(call));
    return false;
  };
  const whole = new Variant(subject, leaveOut(device, count, COMMON_ROWS), cases);
  try {
    const rows = await whole.computeRows();
    await whole.fill(rows);
    const profiles = cases.map(({ name }) => ({ name, totals: [] as number[], parts: new Map() }));
    for (const kind of kinds) {
      say(`${subject.name}: without ${kind}`);
      const isLeftOut = (call: Call): boolean => kindOf(call) === kind;
      const without = new Variant(subject, leaveOut(device, isLeftOut, COMMON_ROWS), cases);
      try {
        await without.fill(rows);
        for (const [i, { totals, parts }] of profiles.entries()) {
          const times: { whole: number[]; without: number[] } = { whole: [], without: [] };
          const { decode, prefill } = NUM_RUNS[effort === QUICK ? 'quick' : 'full'];
          for (let run = 0; run < (cases[i]!.numTokens === 1 ? decode : prefill); run++) {
            times.whole.push((await whole.time(i)) / threads);
            times.without.push((await without.time(i)) / threads);
          }
          totals.push(...times.whole);
          parts.set(kind, Math.min(...times.whole) - Math.min(...times.without));
        }
      } finally {
        without.close();
      }
    }
    return profiles.map(({ name, totals, parts }) => summary(name, Math.min(...totals), parts));
  } finally {
    whole.close();
    device.dispose();
  }
}

function summary(name: string, totalMs: number, parts: ReadonlyMap<string, number>): Profile {
  const sorted = [...parts].toSorted(([, a], [, b]) => b - a);
  const restMs = sorted.reduce((rest, [, ms]) => rest - ms, totalMs);
  return { name, totalMs, parts: Object.fromEntries(sorted), restMs };
}

/** A model of one device, with a filled cache for every case. */
class Variant {
  private readonly model: Model;
  /** Of every case, one per stream. */
  private readonly caches: SequenceCache[][];

  constructor(
    private readonly subject: Subject,
    device: Device,
    private readonly cases: readonly Case[],
  ) {
    this.model = loadModel(subject.path, { device, gatherFactor: GATHER_FACTOR });
    this.caches = cases.map(({ length, numStreams }) =>
      Array.from({ length: numStreams }, () => this.model.createCache(length)),
    );
  }

  /** Cache rows of a prompt, in blocks. */
  async computeRows(): Promise<Uint8Array[]> {
    const cache = this.model.createCache(COMPUTED_ROWS);
    try {
      const tokens = someTokens(COMPUTED_ROWS, this.subject.vocabSize);
      await this.model.forwardBatch([{ cache, tokens, startPos: 0, wantLogits: 'none' }]);
      return Array.from({ length: COMPUTED_ROWS / BLOCK_ROWS }, (_, block) =>
        cache.exportRows(block * BLOCK_ROWS, BLOCK_ROWS),
      );
    } finally {
      cache.dispose();
    }
  }

  /** Fills the caches and runs every case once: graphs are compiled then. */
  async fill(rows: readonly Uint8Array[]): Promise<void> {
    for (const [i, { length }] of this.cases.entries()) {
      const blocks = Array.from({ length: length / BLOCK_ROWS }, (_, b) => rows[b % rows.length]!);
      for (const cache of this.caches[i]!) cache.importRows(blocks, BLOCK_ROWS);
      await this.time(i);
    }
  }

  /** CPU milliseconds of one run of a case, all threads together. */
  async time(index: number): Promise<number> {
    const { length, numTokens } = this.cases[index]!;
    const startPos = length - numTokens;
    const items = this.caches[index]!.map((cache, stream) => ({
      cache,
      tokens: someTokens(numTokens, this.subject.vocabSize, stream + 1),
      startPos,
    }));
    const start = process.cpuUsage();
    await this.model.forwardBatch(items);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }

  close(): void {
    for (const cache of this.caches.flat()) cache.dispose();
    this.model.dispose();
  }
}
