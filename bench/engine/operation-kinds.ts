// Kinds of operations of a graph, by what they are for.

import type { Call } from './leave-out.js';

const KINDS: Readonly<Record<string, string>> = {
  mulMatId: 'experts',
  indexTopK: 'indexer: score and choose',
  attendRows: 'attention over rows',
  writeTableRows: 'cache writes',
  setRows: 'cache writes',
  topK: 'choice among scores',
  argsort: 'choice among scores',
  argsortTopK: 'choice among scores',
  rmsNorm: 'norms',
  norm: 'norms',
  rope: 'rope',
  softMax: 'softmax',
  cont: 'copies',
  concat: 'copies',
  cast: 'copies',
  copy: 'copies',
  repeat: 'copies',
  fill: 'copies',
};

export function kindOf({ op, weight }: Call): string {
  if (op === 'mulMat') {
    if (weight === undefined) return 'products with cached rows';
    return weight.startsWith('blk.') ? 'projections' : 'head';
  }
  if (op === 'getRows') return weight === undefined ? 'gathers' : 'embedding';
  return KINDS[op] ?? 'element by element';
}
