// What a graph may do with tensors that are not plain memory, checked before it is compiled: natively,
// a write to a mapped page and a read of rearranged values would end the process or give garbage.

import { describeTensor, ShapeError } from './errors.js';
import type { GraphNode } from './node.js';
import type { DeviceTensor } from './types.js';

/**
 * @param nodes those that will run
 * @throws ShapeError for a rearranged tensor that is anything but the weights of a product (a matrix
 *   for mulMat, a stack of them for mulMatId), and for a write into a mapped one
 */
export function checkForms(nodes: readonly GraphNode[]): void {
  for (const node of nodes) {
    const target = node.isWrite ? deviceTensor(node.base) : undefined;
    if (target?.form === 'mapped') refuse(node, target, 'a tensor in memory of its own');
    for (const [i, source] of node.sources.entries()) {
      const tensor = deviceTensor(source);
      if (tensor?.form !== 'rearranged') continue;
      const isMatrix = tensor.shape[2] === 1;
      const { kind } = node.op;
      const isWeights = i === 0 && (kind === 'mulMatId' || (kind === 'mulMat' && isMatrix));
      if (!isWeights) refuse(node, tensor, 'the weights of a product only');
    }
  }
}

function deviceTensor({ op }: GraphNode): DeviceTensor | undefined {
  return op.kind === 'deviceTensor' ? op.tensor : undefined;
}

function refuse({ op }: GraphNode, tensor: DeviceTensor, expected: string): never {
  const seen = `the ${tensor.form} tensor ${tensor.name}, ${describeTensor(tensor)}`;
  throw new ShapeError(op.kind, seen, expected);
}
