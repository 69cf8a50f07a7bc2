// One graph node to one reference kernel.

import type { GraphNode, TableNode } from '../node.js';
import * as elementwise from './elementwise.js';
import { mulMat, mulMatId } from './matmul.js';
import * as moves from './moves.js';
import type { Operand } from './operand.js';
import { rope } from './rope.js';
import * as rows from './row-kernels.js';
import * as tables from './table-kernels.js';
import type { TableRows } from './table-rows.js';

/** @param out where to write; for setRows and copy the target. */
export function runNode(
  node: GraphNode,
  out: Operand,
  sources: readonly Operand[],
  rowsOf: (table: TableNode) => TableRows,
): void {
  const [a, b, c] = sources as [Operand, Operand, Operand];
  const { op } = node;
  switch (op.kind) {
    case 'input':
    case 'deviceTensor':
    case 'reshape':
    case 'view':
    case 'permute':
      return; // memory or a window on it: nothing to compute
    case 'mulMat':
      return mulMat(out, a, b);
    case 'mulMatId':
      return mulMatId(out, a, b, c);
    case 'binary':
      return elementwise.binary(out, a, b, op.name);
    case 'unary':
      return elementwise.unary(out, a, op.name);
    case 'scale':
      return elementwise.scale(out, a, op.factor, op.bias);
    case 'clamp':
      return elementwise.clamp(out, a, op.min, op.max);
    case 'fill':
      return elementwise.fill(out, op.value);
    case 'swiglu':
      return elementwise.swiglu(out, a, b);
    case 'rmsNorm':
      return rows.rmsNorm(out, a, op.eps);
    case 'norm':
      return rows.norm(out, a, op.eps);
    case 'softMax':
      return rows.softMax(out, a, sources[1], op.scale);
    case 'sumRows':
      return rows.sumRows(out, a);
    case 'topK':
      return rows.topK(out, a, op.k);
    case 'argsort':
      return rows.argsort(out, a, op.order);
    case 'rope':
      return rope(out, a, b, op.options);
    case 'getRows':
      return moves.getRows(out, a, b);
    case 'setRows': // sources: rows, indices, target
      return moves.setRows(out, a, b);
    case 'cont':
    case 'cast':
    case 'copy': // sources: values, target
      return moves.copy(out, a);
    case 'concat':
      return moves.concat(out, a, b, op.dim);
    case 'repeat':
      return moves.repeat(out, a);
    case 'writeTableRows':
      return tables.writeTableRows(rowsOf(op.table), op.layer, a, b);
    case 'indexTopK': {
      const inputs = { queries: a, headWeights: b, positions: c, k: op.k };
      return tables.indexTopK(out, rowsOf(op.table), op.layer, inputs);
    }
    case 'attendRows': {
      const { table, layer, valueWidth, scale } = op;
      const inputs = { queries: a, positions: b, chosen: sources[2], valueWidth, scale };
      return tables.attendRows(out, rowsOf(table), layer, inputs);
    }
    default:
      op satisfies never;
  }
}
