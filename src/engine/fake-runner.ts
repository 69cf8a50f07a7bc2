// A tiny deterministic model for tests: the logits are a fixed function of all tokens so far, so
// that chunking, interleaving and restarts can be checked against the plain definition. Not part
// of the product: nothing outside tests imports it.

import type { ModelCard } from '../backend/types.js';
import { packTokenTable, type TokenTable } from '../backend/token-table.js';
import type { ForwardSlice, ModelRunner, RunnerCache } from './model-runner.js';

export const FAKE_VOCAB = 64;
/** Feeding this token kills the child of fake-child.ts, as a native abort would. */
export const POISON_TOKEN = FAKE_VOCAB - 1;
/** Feeding this token makes its forward pass throw. */
export const FAILING_TOKEN = FAKE_VOCAB - 2;

/** A row is the token itself: rows restored in a wrong place give other logits. */
const FAKE_ROW_BYTES = 4;

class FakeCache implements RunnerCache {
  tokens: number[] = [];
  isDisposed = false;

  constructor(
    readonly maxTokens: number,
    readonly assertIdle: () => void,
    readonly onDispose: () => void,
  ) {}

  get length(): number {
    return this.tokens.length;
  }

  exportRows(firstRow: number, numRows: number): Uint8Array {
    this.assertUsable();
    const rows = Int32Array.from(this.tokens.slice(firstRow, firstRow + numRows));
    if (rows.length !== numRows) throw new Error('export beyond the end of the cache');
    return new Uint8Array(rows.buffer);
  }

  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void {
    this.assertUsable();
    for (const block of blocks) {
      if (block.length !== rowsPerBlock * FAKE_ROW_BYTES) throw new Error('block of another size');
      this.tokens.push(...new Int32Array(Uint8Array.from(block).buffer));
    }
    if (this.length > this.maxTokens) throw new Error('cache overrun');
  }

  dispose(): void {
    if (this.isDisposed) throw new Error('cache disposed twice');
    this.isDisposed = true;
    this.onDispose();
  }

  private assertUsable(): void {
    if (this.isDisposed) throw new Error('rows of a disposed cache');
    this.assertIdle();
  }
}

/** Logits `[FAKE_VOCAB]` after `tokens`: pseudo-random, every earlier token matters. */
export function fakeLogits(tokens: readonly number[]): Float32Array {
  let state = 0x811c9dc5;
  for (const token of tokens) state = Math.imul(state ^ (token + 1), 0x01000193);
  return Float32Array.from({ length: FAKE_VOCAB }, (_, index) => {
    const mixed = Math.imul(state ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 30;
  });
}

export interface FakeRunner extends ModelRunner {
  /** Caches created and not disposed. */
  readonly liveCaches: number;
}

export interface FakeRunnerOptions {
  fingerprint?: string;
  contextLength?: number;
  /** Called before each slice; may throw, may wait. */
  onForward?: (tokens: readonly number[], slice: ForwardSlice) => void | Promise<void>;
}

export function createFakeRunner({
  fingerprint = 'fake',
  contextLength = 512,
  onForward,
}: FakeRunnerOptions = {}): FakeRunner {
  const card: ModelCard = { id: 'fake', contextLength, vocabSize: FAKE_VOCAB };
  let liveCaches = 0;
  let isComputing = false;
  // As the devices: memory comes and goes between computations only.
  const assertIdle = () => {
    if (isComputing) throw new Error('a cache was touched during a forward pass');
  };
  return {
    card,
    fingerprint,
    rowBytes: FAKE_ROW_BYTES,
    get liveCaches() {
      return liveCaches;
    },
    createCache(maxTokens) {
      assertIdle();
      liveCaches++;
      return new FakeCache(maxTokens, assertIdle, () => {
        assertIdle();
        liveCaches--;
      });
    },
    async forward(slice) {
      const cache = slice.cache as FakeCache;
      if (cache.isDisposed) throw new Error('forward on a disposed cache');
      if (slice.tokens.length === 0) throw new Error('forward without tokens');
      cache.tokens.push(...slice.tokens);
      if (cache.length > cache.maxTokens) throw new Error('cache overrun');
      isComputing = true;
      try {
        await onForward?.(cache.tokens, slice);
      } finally {
        isComputing = false;
      }
      return slice.wantLogits ? fakeLogits(cache.tokens) : undefined;
    },
    dispose() {},
  };
}

/** Token t is the one character with code 32 + t; token 0 is control. */
export function fakeTokenTable(): TokenTable {
  return packTokenTable(
    Array.from({ length: FAKE_VOCAB }, (_, token) => ({
      bytes: token === 0 ? new Uint8Array(0) : Uint8Array.of(32 + token),
      isControl: token === 0,
    })),
  );
}
