// What drafting costs on this machine, measured when the model is loaded: a step that verifies one
// draft per sequence and makes the next ones, against a plain step. From it follows the break-even
// acceptance: drafts must be right at least that often, or they lose time. Knows runners and clocks.

import type { ModelRunner, RunnerCache } from './model-runner.js';

/** Rows before the measured tokens: a moderate context. */
const CONTEXT_TOKENS = 512;
const ROWS_PER_BLOCK = 64;
const BATCH_SIZES = [1, 4, 8];
const MIN_ROUNDS = 3;
const MAX_ROUNDS = 12;
/** More rounds than the least only within this time per batch size. */
const PATIENCE_MS = 60;
/** No model is right more often: the V3 report has 85 to 90 % (model reference §10). */
const BEST_SHARE = 0.9;
/** Part of the cache memory that measuring may take. */
const MEMORY_SHARE = 0.25;

export interface DraftCost {
  /** Sequences in the measured steps. */
  batchSize: number;
  /** A step with one token of each. */
  plainMs: number;
  /** A step with two tokens of each, and the drafts after them. */
  draftingMs: number;
}

/**
 * Fastest times over a few rounds, for growing batches; stops early where drafting can never pay,
 * because a larger batch only makes the second token dearer.
 * @param now milliseconds
 */
export async function measureDraftCosts(
  runner: ModelRunner,
  now: () => number = () => performance.now(),
): Promise<DraftCost[]> {
  const costs: DraftCost[] = [];
  const numTokens = Math.min(CONTEXT_TOKENS, runner.card.contextLength - 2);
  const numRows = numTokens - (numTokens % ROWS_PER_BLOCK);
  for (const batchSize of BATCH_SIZES) {
    const bytes = batchSize * runner.cacheBytes(numRows + 2);
    if (batchSize > 1 && bytes > MEMORY_SHARE * runner.cacheBudgetBytes) break;
    const caches = Array.from({ length: batchSize }, () => runner.createCache(numRows + 2));
    try {
      for (const cache of caches) fill(cache, numRows, runner.rowBytes);
      costs.push({ batchSize, ...(await measure(runner, caches, now)) });
    } finally {
      for (const cache of caches) cache.dispose();
    }
    if (breakEven(costs, batchSize) >= BEST_SHARE) break;
  }
  return costs;
}

/**
 * The share of right drafts above which drafting gains. Each step yields 1 + share tokens for the
 * price of a drafting step. Between measured batch sizes in a straight line; beyond them as for the
 * largest.
 */
export function breakEven(costs: readonly DraftCost[], batchSize: number): number {
  const shares = costs.map(({ plainMs, draftingMs }) => draftingMs / plainMs - 1);
  const above = costs.findIndex((cost) => cost.batchSize >= batchSize);
  if (above < 0) return shares.at(-1) ?? Infinity;
  const high = costs[above]!.batchSize;
  if (above === 0 || high === batchSize) return shares[above]!;
  const low = costs[above - 1]!.batchSize;
  const part = (batchSize - low) / (high - low);
  return shares[above - 1]! * (1 - part) + shares[above]! * part;
}

/** Whether any model's drafts could gain, be it for one sequence. */
export function canPay(costs: readonly DraftCost[]): boolean {
  return breakEven(costs, 1) < BEST_SHARE;
}

/** One sentence for people. */
export function describeDraftCosts(costs: readonly DraftCost[]): string {
  const [first] = costs;
  if (first === undefined) return 'drafting was not measured';
  const ratio = (first.draftingMs / first.plainMs).toFixed(2);
  const step = `a step that verifies and makes drafts takes ${ratio}x a plain one`;
  if (!canPay(costs)) return `no drafts: ${step}, so that they would not pay`;
  const paying = costs
    .map(({ batchSize }) => ({ batchSize, share: breakEven(costs, batchSize) }))
    .map(({ batchSize, share }) =>
      share >= BEST_SHARE
        ? `never for ${batchSize} sequences`
        : `above ${Math.max(0, 100 * share).toFixed(0)} % for ${batchSize}`,
    );
  return `drafts: ${step}; they pay when enough are right: ${paying.join(', ')}`;
}

/** Rows of zeros: what they say costs the same as anything else. */
function fill(cache: RunnerCache, numRows: number, rowBytes: number): void {
  const block = new Uint8Array(ROWS_PER_BLOCK * rowBytes);
  const blocks = Array.from({ length: numRows / ROWS_PER_BLOCK }, () => block);
  cache.importRows(blocks, ROWS_PER_BLOCK);
}

async function measure(
  runner: ModelRunner,
  caches: readonly RunnerCache[],
  now: () => number,
): Promise<Pick<DraftCost, 'plainMs' | 'draftingMs'>> {
  const length = caches[0]!.length;
  const timed = async (step: () => Promise<unknown>): Promise<number> => {
    const start = now();
    await step();
    const ms = now() - start;
    for (const cache of caches) cache.truncate(length);
    return ms;
  };
  const plain = () => timed(() => plainStep(runner, caches));
  const drafting = () => timed(() => draftingStep(runner, caches));
  await plain(); // compiles graphs
  await drafting();
  const times = { plainMs: Infinity, draftingMs: Infinity };
  const start = now();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round >= MIN_ROUNDS && now() - start > PATIENCE_MS) break;
    times.plainMs = Math.min(times.plainMs, await plain());
    times.draftingMs = Math.min(times.draftingMs, await drafting());
  }
  return times;
}

async function plainStep(runner: ModelRunner, caches: readonly RunnerCache[]): Promise<void> {
  await runner.forward(
    caches.map((cache) => ({
      cache,
      tokens: Int32Array.of(0),
      wantLogits: 'last',
      wantHidden: false,
    })),
  );
}

async function draftingStep(runner: ModelRunner, caches: readonly RunnerCache[]): Promise<void> {
  if (!runner.draft) throw new Error('the model cannot draft');
  const startPos = caches[0]!.length;
  const tokens = Int32Array.of(0, 0);
  const outputs = await runner.forward(
    caches.map((cache) => ({ cache, tokens, wantLogits: 'all', wantHidden: true })),
  );
  await runner.draft(
    outputs.map(({ hidden }, i) => {
      if (!hidden) throw new Error('the model returned no hidden states where they were asked for');
      return { cache: caches[i]!, startPos, tokens, hidden, wantToken: true };
    }),
  );
}
