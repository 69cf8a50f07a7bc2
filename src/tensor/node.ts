// The graph as data: every builder call appends one node, both devices read the same list. A node
// either owns memory of its own, stands for memory that the device already holds, or is a window
// (`base` + `byteOffset`) on the memory of another node.

import type { RopeOptions } from './graph.js';
import type { DeviceTensor, DType, RowTable, Shape4, Tensor } from './types.js';

export type UnaryName = 'sqr' | 'sqrt' | 'exp' | 'neg' | 'sigmoid' | 'silu' | 'relu' | 'step';
export type BinaryName = 'add' | 'sub' | 'mul' | 'div';

/** What a node does with its sources. */
export type Op =
  | { kind: 'input'; name: string }
  | { kind: 'deviceTensor'; tensor: DeviceTensor }
  | { kind: 'mulMat' }
  | { kind: 'mulMatId' }
  | { kind: 'binary'; name: BinaryName }
  | { kind: 'unary'; name: UnaryName }
  | { kind: 'scale'; factor: number; bias: number }
  | { kind: 'clamp'; min: number; max: number }
  | { kind: 'fill'; value: number }
  | { kind: 'swiglu' }
  | { kind: 'rmsNorm'; eps: number }
  | { kind: 'norm'; eps: number }
  | { kind: 'softMax'; scale: number }
  | { kind: 'sumRows' }
  | { kind: 'topK'; k: number }
  | { kind: 'argsort'; order: 'ascending' | 'descending' }
  | { kind: 'rope'; options: Required<RopeOptions> }
  | { kind: 'getRows' }
  | { kind: 'setRows' }
  | { kind: 'reshape' }
  | { kind: 'view'; relativeOffset: number }
  | { kind: 'permute'; axes: readonly [number, number, number, number] }
  | { kind: 'cont' }
  | { kind: 'concat'; dim: 0 | 1 | 2 | 3 }
  | { kind: 'cast' }
  | { kind: 'copy' }
  | { kind: 'repeat' }
  | { kind: 'writeTableRows'; table: TableNode; layer: number }
  | { kind: 'indexTopK'; table: TableNode; layer: number; k: number }
  | { kind: 'attendRows'; table: TableNode; layer: number; valueWidth: number; scale: number };

export interface TableFields {
  name: string;
  dtype: RowTableDType;
  width: number;
  numLayers: number;
  numTokens: number;
}

export type RowTableDType = 'f32' | 'f16' | 'i8_rows';

/** A row table of a graph. Not a node: it holds no memory and computes nothing. */
export class TableNode implements RowTable {
  readonly name: string;
  readonly dtype: RowTableDType;
  readonly width: number;
  readonly numLayers: number;
  readonly numTokens: number;
  readonly owner: object;

  constructor(owner: object, fields: TableFields) {
    this.owner = owner;
    this.name = fields.name;
    this.dtype = fields.dtype;
    this.width = fields.width;
    this.numLayers = fields.numLayers;
    this.numTokens = fields.numTokens;
  }
}

export interface NodeFields {
  op: Op;
  sources: readonly GraphNode[];
  dtype: DType;
  shape: Shape4;
  strides: Shape4;
  /** The node whose memory this one is a window on; absent if it has its own. */
  base?: GraphNode;
  /** Start within the memory of `base`, in bytes. */
  byteOffset?: number;
}

export class GraphNode implements Tensor {
  readonly op: Op;
  readonly sources: readonly GraphNode[];
  readonly dtype: DType;
  readonly shape: Shape4;
  readonly strides: Shape4;
  /** The node that owns the memory; `this` if this one does. */
  readonly base: GraphNode;
  readonly byteOffset: number;
  /** The builder that made it; guards against mixing graphs. */
  readonly owner: object;

  constructor(owner: object, fields: NodeFields) {
    this.owner = owner;
    this.op = fields.op;
    this.sources = fields.sources;
    this.dtype = fields.dtype;
    this.shape = fields.shape;
    this.strides = fields.strides;
    this.base = fields.base ?? this;
    this.byteOffset = fields.byteOffset ?? 0;
  }

  get isWindow(): boolean {
    return this.base !== this;
  }

  /** Writes memory that is visible after the graph has run or to later nodes. */
  get isWrite(): boolean {
    return this.op.kind === 'setRows' || this.op.kind === 'copy';
  }
}
