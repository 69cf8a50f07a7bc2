// The nodes of one graph, and what can be asked of operands before they become sources of a new one:
// that they belong here, have a dtype, have rows or whole memory without gaps, or may be written.

import { bytesOf, numElements } from './dtype.js';
import { describeTensor, ShapeError } from './errors.js';
import { expect } from './expectations.js';
import { extentBytes, hasPackedRows, isPacked, packedStrides, sameShape } from './layout.js';
import { GraphNode } from './node.js';
import type { NodeFields, Op } from './node.js';
import type { DType, Shape4, Tensor } from './types.js';

export class NodeList {
  readonly nodes: GraphNode[] = [];

  /** Any tensor of this graph, of one of `dtypes`. */
  node(op: string, role: string, tensor: Tensor, dtypes?: readonly DType[]): GraphNode {
    if (!(tensor instanceof GraphNode) || tensor.owner !== this) {
      throw new Error(`${op}: ${role} is not a value of this graph (use input() or use() first)`);
    }
    if (dtypes) {
      const seen = `${role} ${describeTensor(tensor)}`;
      expect(op, dtypes.includes(tensor.dtype), seen, `${role} of dtype ${dtypes.join(' | ')}`);
    }
    return tensor;
  }

  /** As node, with neighbouring elements along n0. */
  rows(op: string, role: string, tensor: Tensor, dtypes?: readonly DType[]): GraphNode {
    const node = this.node(op, role, tensor, dtypes);
    if (hasPackedRows(node)) return node;
    if (isPacked(node)) return this.straighten(node);
    throw new ShapeError(
      op,
      `${role} ${describeTensor(node)} with strided rows`,
      'rows without gaps (use cont)',
    );
  }

  /** As node, without gaps. A size-1 dimension may carry any stride, but some kernels compare it
   *  all the same, so a reshape to the same shape straightens it. */
  packed(op: string, role: string, tensor: Tensor, dtypes?: readonly DType[]): GraphNode {
    const node = this.node(op, role, tensor, dtypes);
    if (!isPacked(node)) {
      throw new ShapeError(
        op,
        `${role} ${describeTensor(node)} with gaps or permuted`,
        'packed memory (use cont)',
      );
    }
    if (sameShape(node.strides, packedStrides(node.dtype, node.shape))) return node;
    return this.straighten(node);
  }

  /** A target that may be written: a cache, or an intermediate value, with packed rows. */
  writable(op: string, target: Tensor): GraphNode {
    const node = this.node(op, 'target', target);
    const seen = `target ${describeTensor(node)}`;
    expect(op, hasPackedRows(node), seen, 'a target whose rows have no gaps');
    expect(op, node.base.op.kind !== 'input', `${seen}, an input`, 'a cache or a computed value');
    return node;
  }

  own(op: Op, sources: readonly GraphNode[], dtype: DType, shape: Shape4): GraphNode {
    return this.#append({ op, sources, dtype, shape, strides: packedStrides(dtype, shape) });
  }

  /** A window starting `offset` bytes into `a`. */
  window(
    op: Op,
    sources: readonly GraphNode[],
    a: GraphNode,
    shape: Shape4,
    strides: Shape4,
    offset: number,
  ): GraphNode {
    const byteOffset = a.byteOffset + offset;
    return this.#append({ op, sources, dtype: a.dtype, shape, strides, base: a.base, byteOffset });
  }

  /** A window that must lie within `a`, and (ggml's own rule) whose packed size must fit as well. */
  subWindow(
    op: string,
    seen: string,
    a: GraphNode,
    shape: Shape4,
    strides: Shape4,
    offset: number,
  ): GraphNode {
    const end = offset + extentBytes(a.dtype, shape, strides);
    expect(op, end <= extentBytes(a.dtype, a.shape, a.strides), seen, 'a window within the tensor');
    const packedEnd = a.byteOffset + offset + bytesOf(a.dtype, numElements(shape));
    const fits = packedEnd <= extentBytes(a.base.dtype, a.base.shape, a.base.strides);
    expect(op, fits, seen, 'a window whose elements do not overlap');
    return this.window({ kind: 'view', relativeOffset: offset }, [a], a, shape, strides, offset);
  }

  /** The same packed memory with the strides that the shape implies. */
  straighten(node: GraphNode): GraphNode {
    return this.window(
      { kind: 'reshape' },
      [node],
      node,
      node.shape,
      packedStrides(node.dtype, node.shape),
      0,
    );
  }

  #append(fields: NodeFields): GraphNode {
    const node = new GraphNode(this, fields);
    this.nodes.push(node);
    return node;
  }
}
