// How much memory the caches of all sequences may take, and what that means for the longest one.
// Knows bytes and tokens; no model and no sequences.

import { totalmem } from 'node:os';
import { ModelError } from '../model/model-error.js';

const MiB = 1024 ** 2;
const SHARE = 1 / 4;
/** A thirty-second of it holds a short conversation of a small model. */
const MIN_DEFAULT_BYTES = 256 * MiB;
/** A context shorter than this is no use. */
const MIN_CONTEXT = 64;

export interface CacheBudgetOptions {
  /** As configured; undefined = a quarter of the memory available, at least 256 MiB. */
  wantedBytes: number | undefined;
  /** Of the model, in tokens. */
  contextLength: number;
  /** What one cache of so many tokens takes; grows with the tokens. */
  bytesOf: (numTokens: number) => number;
  /** Memory that this process may still take. */
  availableBytes?: number;
  /** All memory there is for it. */
  machineBytes?: number;
}

export interface CacheBudget {
  budgetBytes: number;
  /** The longest sequence that fits: the model's, or less. */
  contextLength: number;
  /** For people. */
  note: string;
}

/** @throws ModelError when not even a cache of 64 tokens fits, or for more than the machine has */
export function chooseCacheBudget({
  wantedBytes,
  contextLength,
  bytesOf,
  availableBytes = process.availableMemory(),
  machineBytes = machineMemory(),
}: CacheBudgetOptions): CacheBudget {
  if (wantedBytes !== undefined && wantedBytes > machineBytes) {
    throw new ModelError(
      `--kv-memory is ${mebibytes(wantedBytes)} MiB, but there are ${mebibytes(machineBytes)} MiB of memory`,
    );
  }
  const budgetBytes =
    wantedBytes ?? Math.max(Math.floor(availableBytes * SHARE), MIN_DEFAULT_BYTES);
  const least = Math.min(MIN_CONTEXT, contextLength);
  if (bytesOf(least) > budgetBytes) {
    throw new ModelError(
      `caches may take ${mebibytes(budgetBytes)} MiB, too little for one of ${least} tokens; ` +
        `give --kv-memory at least ${Math.ceil(bytesOf(least) / MiB)}M (more makes a longer context)`,
    );
  }
  const fitting = longestWithin(budgetBytes, { least, most: contextLength, bytesOf });
  const cut = fitting < contextLength ? `, which cuts the context to ${fitting} tokens` : '';
  const note = `${Math.round(budgetBytes / MiB)} MiB for caches${cut}`;
  return { budgetBytes, contextLength: fitting, note };
}

/** Of the control group, where it has less than the machine. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit === 0 ? totalmem() : Math.min(limit, totalmem());
}

/** To a tenth, so that what is small does not look like nothing. */
function mebibytes(bytes: number): string {
  const value = bytes / MiB;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** By bisection: the most tokens whose cache fits; `least` do. */
function longestWithin(
  budgetBytes: number,
  { least, most, bytesOf }: { least: number; most: number; bytesOf: CacheBudgetOptions['bytesOf'] },
): number {
  let [fits, tooMany] = [least, most + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (bytesOf(middle) <= budgetBytes) fits = middle;
    else tooMany = middle;
  }
  return fits;
}
