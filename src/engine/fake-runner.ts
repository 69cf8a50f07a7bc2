// A tiny deterministic model for tests: the logits are a fixed function of all tokens so far, so
// that batching, chunking, preemption and restarts can be checked against the plain definition. It
// holds its user to the contract of ModelRunner: memory within the budget, caches left alone while
// it computes. Not part of the product: nothing outside tests imports it.

import type { ModelCard } from '../backend/types.js';
import { packTokenTable, type TokenTable } from '../backend/token-table.js';
import type { ForwardSlice, ModelRunner, RunnerCache, SliceOutput } from './model-runner.js';

export const FAKE_VOCAB = 64;
/** Feeding this token kills the child of fake-child.ts, as a native abort would. */
export const POISON_TOKEN = FAKE_VOCAB - 1;
/** Feeding this token makes its forward pass throw. */
export const FAILING_TOKEN = FAKE_VOCAB - 2;

/** A row is the token itself: rows restored in a wrong place give other logits. */
const FAKE_ROW_BYTES = 4;
/** Rows come in such pieces, as a device's slabs do. */
export const FAKE_ROWS_PER_PIECE = 16;

class FakeCache implements RunnerCache {
  tokens: number[] = [];
  isDisposed = false;

  constructor(
    readonly maxTokens: number,
    readonly assertIdle: () => void,
    readonly onGrow: () => void,
    readonly onDispose: (cache: FakeCache) => void,
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
      this.append(new Int32Array(Uint8Array.from(block).buffer));
    }
  }

  truncate(length: number): void {
    this.assertUsable();
    if (length > this.length) throw new Error('truncate beyond the end of the cache');
    this.tokens.length = length;
  }

  append(tokens: Iterable<number>): void {
    this.tokens.push(...tokens);
    if (this.length > this.maxTokens) throw new Error('cache overrun');
    this.onGrow();
  }

  dispose(): void {
    if (this.isDisposed) throw new Error('cache disposed twice');
    this.assertIdle();
    this.isDisposed = true;
    this.onDispose(this);
  }

  assertUsable(): void {
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

/** One sequence's part of a step as tests see it. */
export interface FakePart {
  /** All its tokens, those of the slice included. */
  tokens: readonly number[];
  slice: ForwardSlice;
}

export interface FakeRunner extends ModelRunner {
  /** Caches created and not disposed. */
  readonly liveCaches: number;
  /** Misuse seen so far: empty, or the engine breaks the contract. */
  readonly misuse: readonly string[];
}

export interface FakeRunnerOptions {
  fingerprint?: string;
  contextLength?: number;
  /** Default: no limit that a test would meet. */
  cacheBudgetBytes?: number;
  /** Called once in each step; may throw, may wait. */
  onStep?: (parts: readonly FakePart[], signal: AbortSignal | undefined) => void | Promise<void>;
  /** What is guessed to come after these tokens; may throw. Absent = a model that cannot draft. */
  onDraft?: (tokens: readonly number[]) => number;
}

export function createFakeRunner({
  fingerprint = 'fake',
  contextLength = 512,
  cacheBudgetBytes = 1 << 30,
  onStep,
  onDraft,
}: FakeRunnerOptions = {}): FakeRunner {
  const card: ModelCard = { id: 'fake', contextLength, vocabSize: FAKE_VOCAB };
  const live = new Set<FakeCache>();
  const misuse: string[] = [];
  let isComputing = false;
  let numTokens = 0;
  let lastLogits: Float32Array[] = [];

  const require = (condition: boolean, message: string): void => {
    if (condition) return;
    misuse.push(message);
    throw new Error(message);
  };
  // As the devices: memory comes and goes between computations only.
  const assertIdle = () => require(!isComputing, 'a cache was touched during a forward pass');
  const cacheBytes = (rows: number) =>
    Math.max(1, Math.ceil(rows / FAKE_ROWS_PER_PIECE)) * FAKE_ROWS_PER_PIECE * FAKE_ROW_BYTES;
  const usedBytes = () => [...live].reduce((sum, { length }) => sum + cacheBytes(length), 0);
  const assertBudget = () =>
    require(usedBytes() <= cacheBudgetBytes, `${usedBytes()} of ${cacheBudgetBytes} bytes in use`);

  return {
    card,
    fingerprint,
    rowBytes: FAKE_ROW_BYTES,
    cacheBudgetBytes,
    cacheBytes,
    misuse,
    get liveCaches() {
      return live.size;
    },
    createCache(maxTokens) {
      assertIdle();
      const onDispose = (gone: FakeCache) => live.delete(gone);
      const cache = new FakeCache(maxTokens, assertIdle, assertBudget, onDispose);
      live.add(cache);
      assertBudget();
      return cache;
    },
    async forward(slices, signal) {
      require(!isComputing, 'forward during a forward pass');
      require(slices.length > 0, 'forward without slices');
      require(new Set(slices.map(({ cache }) => cache)).size === slices.length, 'a cache twice');
      for (const logits of lastLogits) logits.fill(NaN); // valid until the next forward
      const caches = slices.map(({ cache }) => cache as FakeCache);
      const parts = slices.map((slice, i) => {
        require(!caches[i]!.isDisposed, 'forward on a disposed cache');
        require(slice.tokens.length > 0, 'forward without tokens');
        return { slice, tokens: [...caches[i]!.tokens, ...slice.tokens] };
      });
      isComputing = true;
      try {
        await onStep?.(parts, signal);
      } finally {
        isComputing = false;
      }
      for (const [i, { tokens }] of slices.entries()) caches[i]!.append(tokens);
      numTokens += parts.reduce((sum, { slice }) => sum + slice.tokens.length, 0);
      const outputs = parts.map(fakeOutput);
      lastLogits = outputs.map(({ logits }) => logits);
      return outputs;
    },
    ...(onDraft &&
      ({
        async draft(slices) {
          require(!isComputing, 'draft during a forward pass');
          const guesses = slices.map((slice) => {
            const { cache, startPos, tokens, hidden, wantToken } = slice;
            const { tokens: cached, isDisposed } = cache as FakeCache;
            require(!isDisposed, 'draft on a disposed cache');
            const end = startPos + tokens.length;
            require(tokens.length > 0 && end <= cached.length, 'draft rows beyond the cache');
            const own = cached.slice(startPos, end);
            require(equal([...hidden], own), 'hidden states of other tokens');
            const next = [...cached.slice(startPos + 1), tokens.at(-1)!];
            require(equal([...tokens], next.slice(0, tokens.length)), 'tokens that do not follow');
            return wantToken ? onDraft([...cached.slice(0, end), tokens.at(-1)!]) : -1;
          });
          isComputing = true;
          await new Promise<void>((resolve) => setImmediate(resolve));
          isComputing = false;
          return Int32Array.from(guesses);
        },
      } satisfies Pick<ModelRunner, 'draft'>)),
    stats: () => ({ denseTokens: numTokens, sparseTokens: 0, compiledGraphs: 0 }),
    dispose() {},
  };
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Hidden states are the tokens themselves. */
function fakeOutput({ tokens, slice }: FakePart): SliceOutput {
  const { wantLogits, wantHidden, tokens: fed } = slice;
  const numRows = { none: 0, last: 1, all: fed.length }[wantLogits];
  const logits = new Float32Array(numRows * FAKE_VOCAB);
  for (let row = 0; row < numRows; row++) {
    const end = tokens.length - numRows + row + 1;
    logits.set(fakeLogits(tokens.slice(0, end)), row * FAKE_VOCAB);
  }
  return { logits, ...(wantHidden && { hidden: Float32Array.from(fed) }) };
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
