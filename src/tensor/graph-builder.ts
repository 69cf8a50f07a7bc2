// The one GraphBuilder, shared by all devices: checks every call against what the kernels accept
// and records it as a node. Knows no device; `claimTensor` asks the device whether a weight or cache
// is its own. The rules are those of the ggml CPU kernels (assertions in ggml.c and ggml-cpu),
// tightened where a kernel would read wrong memory instead of asserting.

import { BLOCK_LAYOUTS, isQuantized, numElements } from './dtype.js';
import { describeShape, describeTensor } from './errors.js';
import { expect, expectFinite, expectK } from './expectations.js';
import type {
  AttendRowsOptions,
  GraphBuilder,
  IndexTopKOptions,
  RopeOptions,
  RowTableSpec,
  SoftMaxOptions,
  ViewOptions,
} from './graph.js';
import { checkedShape, describeOperands, hasPackedRows, isPacked } from './layout.js';
import { packedStrides, repeatsTo, sameShape } from './layout.js';
import type { BinaryName, GraphNode, TableNode, UnaryName } from './node.js';
import { NodeList } from './node-list.js';
import { TableNodes } from './table-nodes.js';
import type { TableSupport } from './table-nodes.js';
import type { DeviceTensor, DType, RowTable, Shape, Shape4, Tensor } from './types.js';

const FLOAT_DTYPES: readonly DType[] = ['f32', 'f16', 'bf16'];
const PLAIN_DTYPES: readonly DType[] = ['f32', 'f16', 'bf16', 'i32'];
const F32: readonly DType[] = ['f32'];
const I32: readonly DType[] = ['i32'];

export class NodeGraphBuilder implements GraphBuilder {
  readonly inputs = new Map<string, GraphNode>();
  readonly #list = new NodeList();
  readonly #deviceTensors = new Map<DeviceTensor, GraphNode>();
  readonly #claimTensor: (tensor: DeviceTensor) => void;
  readonly #tables: TableNodes;

  /** @param claimTensor throws if the tensor does not belong to the device or was disposed. */
  constructor(claimTensor: (tensor: DeviceTensor) => void, support: TableSupport) {
    this.#claimTensor = claimTensor;
    this.#tables = new TableNodes(this.#list, support);
  }

  /** Everything built so far, in building order. */
  get nodes(): readonly GraphNode[] {
    return this.#list.nodes;
  }

  get tables(): ReadonlyMap<string, TableNode> {
    return this.#tables.tables;
  }

  input(name: string, dtype: 'f32' | 'f16' | 'bf16' | 'i32', shape: Shape): GraphNode {
    this.#requireNewName('input', name);
    expect('input', PLAIN_DTYPES.includes(dtype), String(dtype), PLAIN_DTYPES.join(' | '));
    const checked = checkedShape('input', dtype, shape);
    const node = this.#list.own({ kind: 'input', name }, [], dtype, checked);
    this.inputs.set(name, node);
    return node;
  }

  use(tensor: DeviceTensor): GraphNode {
    const known = this.#deviceTensors.get(tensor);
    if (known) return known;
    const isTensor = tensor.dtype !== 'i8_rows';
    expect('use', isTensor, describeTensor(tensor), 'another dtype (i8_rows goes with bindRows)');
    this.#claimTensor(tensor);
    const node = this.#list.own({ kind: 'deviceTensor', tensor }, [], tensor.dtype, tensor.shape);
    this.#deviceTensors.set(tensor, node);
    return node;
  }

  // --- matrix products -----------------------------------------------------------------------

  mulMat(weights: Tensor, activations: Tensor): GraphNode {
    const op = 'mulMat';
    const w = this.#list.rows(op, 'weights', weights);
    const x = this.#list.rows(op, 'activations', activations, F32);
    const seen = describeOperands({ weights: w, activations: x });
    expect(op, w.dtype !== 'i32', seen, 'weights of a float or block dtype');
    expect(op, w.shape[0] === x.shape[0], seen, 'equal n0 (the summed dimension)');
    const repeats = x.shape[2] % w.shape[2] === 0 && x.shape[3] % w.shape[3] === 0;
    expect(op, repeats, seen, 'n2 and n3 of the weights dividing those of the activations');
    const shape: Shape4 = [w.shape[1], x.shape[1], x.shape[2], x.shape[3]];
    return this.#list.own({ kind: op }, [w, x], 'f32', shape);
  }

  mulMatId(weights: Tensor, activations: Tensor, ids: Tensor): GraphNode {
    const op = 'mulMatId';
    const w = this.#list.rows(op, 'weights', weights);
    const x = this.#list.rows(op, 'activations', activations, F32);
    const index = this.#list.node(op, 'ids', ids, I32);
    const seen = describeOperands({ weights: w, activations: x, ids: index });
    expect(op, w.dtype !== 'i32', seen, 'weights of a float or block dtype');
    expect(
      op,
      w.shape[3] === 1 && x.shape[3] === 1,
      seen,
      'weights and activations of 3 dimensions',
    );
    expect(op, index.shape[2] === 1 && index.shape[3] === 1, seen, 'ids of 2 dimensions');
    expect(op, w.shape[0] === x.shape[0], seen, 'equal n0 (the summed dimension)');
    expect(op, index.shape[1] === x.shape[2], seen, 'one column of ids per token (activations n2)');
    expect(op, index.shape[0] % x.shape[1] === 0, seen, 'activations n1 dividing ids n0');
    const shape: Shape4 = [w.shape[1], index.shape[0], x.shape[2], 1];
    return this.#list.own({ kind: op }, [w, x, index], 'f32', shape);
  }

  // --- element by element --------------------------------------------------------------------

  add(a: Tensor, b: Tensor): GraphNode {
    return this.#binary('add', a, b);
  }

  sub(a: Tensor, b: Tensor): GraphNode {
    return this.#binary('sub', a, b);
  }

  mul(a: Tensor, b: Tensor): GraphNode {
    return this.#binary('mul', a, b);
  }

  div(a: Tensor, b: Tensor): GraphNode {
    return this.#binary('div', a, b);
  }

  scale(a: Tensor, factor: number, bias = 0): GraphNode {
    const x = this.#list.packed('scale', 'a', a, F32);
    expectFinite('scale', { factor, bias });
    return this.#list.own({ kind: 'scale', factor, bias }, [x], 'f32', x.shape);
  }

  clamp(a: Tensor, min: number, max: number): GraphNode {
    const x = this.#list.packed('clamp', 'a', a, F32);
    expect('clamp', min <= max, `min ${min}, max ${max}`, 'min <= max');
    return this.#list.own({ kind: 'clamp', min, max }, [x], 'f32', x.shape);
  }

  sqr(a: Tensor): GraphNode {
    return this.#unary('sqr', a);
  }

  sqrt(a: Tensor): GraphNode {
    return this.#unary('sqrt', a);
  }

  exp(a: Tensor): GraphNode {
    return this.#unary('exp', a);
  }

  neg(a: Tensor): GraphNode {
    return this.#unary('neg', a);
  }

  sigmoid(a: Tensor): GraphNode {
    return this.#unary('sigmoid', a);
  }

  silu(a: Tensor): GraphNode {
    return this.#unary('silu', a);
  }

  relu(a: Tensor): GraphNode {
    return this.#unary('relu', a);
  }

  step(a: Tensor): GraphNode {
    return this.#unary('step', a);
  }

  swiglu(gate: Tensor, up: Tensor): GraphNode {
    const op = 'swiglu';
    const g = this.#list.rows(op, 'gate', gate, F32);
    const u = this.#list.rows(op, 'up', up, F32);
    const seen = describeOperands({ gate: g, up: u });
    expect(op, sameShape(g.shape, u.shape), seen, 'equal shapes');
    expect(op, isPacked(g, 1) && isPacked(u, 1), seen, 'no gaps beyond n1 (use cont)');
    return this.#list.own({ kind: op }, [g, u], 'f32', g.shape);
  }

  fill(a: Tensor, value: number): GraphNode {
    const x = this.#list.packed('fill', 'a', a, ['f32', 'f16']);
    return this.#list.own({ kind: 'fill', value }, [x], x.dtype, x.shape);
  }

  // --- along n0 ------------------------------------------------------------------------------

  rmsNorm(a: Tensor, eps: number): GraphNode {
    const x = this.#list.rows('rmsNorm', 'a', a, F32);
    expect('rmsNorm', eps >= 0 && Number.isFinite(eps), `eps ${eps}`, 'a finite eps >= 0');
    return this.#list.own({ kind: 'rmsNorm', eps }, [x], 'f32', x.shape);
  }

  norm(a: Tensor, eps: number): GraphNode {
    const x = this.#list.rows('norm', 'a', a, F32);
    expect('norm', eps >= 0 && Number.isFinite(eps), `eps ${eps}`, 'a finite eps >= 0');
    return this.#list.own({ kind: 'norm', eps }, [x], 'f32', x.shape);
  }

  softMax(a: Tensor, { mask, scale = 1 }: SoftMaxOptions = {}): GraphNode {
    const op = 'softMax';
    const x = this.#list.packed(op, 'a', a, F32);
    expectFinite(op, { scale });
    if (!mask) return this.#list.own({ kind: op, scale }, [x], 'f32', x.shape);
    const m = this.#list.packed(op, 'mask', mask, ['f32', 'f16']);
    const seen = describeOperands({ a: x, mask: m });
    expect(op, m.shape[0] === x.shape[0], seen, 'a mask of equal n0');
    expect(op, m.shape[1] >= x.shape[1], seen, 'a mask with at least as many rows (n1)');
    const repeats = x.shape[2] % m.shape[2] === 0 && x.shape[3] % m.shape[3] === 0;
    expect(op, repeats, seen, 'a mask whose n2 and n3 divide those of a');
    return this.#list.own({ kind: op, scale }, [x, m], 'f32', x.shape);
  }

  sumRows(a: Tensor): GraphNode {
    const x = this.#list.rows('sumRows', 'a', a, F32);
    return this.#list.own({ kind: 'sumRows' }, [x], 'f32', [1, x.shape[1], x.shape[2], x.shape[3]]);
  }

  topK(a: Tensor, k: number): GraphNode {
    const x = this.#list.packed('topK', 'a', a, F32);
    expectK('topK', x, k);
    return this.#list.own({ kind: 'topK', k }, [x], 'i32', [k, x.shape[1], x.shape[2], x.shape[3]]);
  }

  argsortTopK(a: Tensor, k: number): GraphNode {
    expectK('argsortTopK', this.#list.node('argsortTopK', 'a', a, F32), k);
    return this.slice(this.argsort(a, 'descending'), 0, 0, k);
  }

  argsort(a: Tensor, order: 'ascending' | 'descending'): GraphNode {
    const x = this.#list.packed('argsort', 'a', a, F32);
    return this.#list.own({ kind: 'argsort', order }, [x], 'i32', x.shape);
  }

  rope(a: Tensor, positions: Tensor, options: RopeOptions): GraphNode {
    const op = 'rope';
    const x = this.#list.rows(op, 'a', a, F32);
    const p = this.#list.packed(op, 'positions', positions, I32);
    const seen = describeOperands({ a: x, positions: p });
    expect(op, sameShape(p.shape, [x.shape[2], 1, 1, 1]), seen, 'one position per token (a n2)');
    const filled = ropeDefaults(options);
    const { mode, numDims, origContextLength, ...factors } = filled;
    expect(op, mode === 'interleaved' || mode === 'half', `mode ${mode}`, 'interleaved | half');
    const fits = Number.isInteger(numDims) && numDims >= 2 && numDims <= x.shape[0];
    expect(op, fits && numDims % 2 === 0, `numDims ${numDims}`, `an even number in 2..n0, ${seen}`);
    expect(op, x.shape[0] % 2 === 0, seen, 'an even n0');
    expectFinite(op, factors);
    expect(op, filled.freqBase > 0, `freqBase ${filled.freqBase}`, 'freqBase > 0');
    expect(op, filled.freqScale > 0, `freqScale ${filled.freqScale}`, 'freqScale > 0');
    const needsContext = filled.extFactor !== 0;
    const length = Number.isInteger(origContextLength) && origContextLength >= +needsContext;
    expect(op, length, `origContextLength ${origContextLength}`, 'a positive integer with YaRN');
    return this.#list.own({ kind: op, options: filled }, [x, p], 'f32', x.shape);
  }

  // --- rows by index -------------------------------------------------------------------------

  getRows(a: Tensor, indices: Tensor): GraphNode {
    const op = 'getRows';
    const x = this.#list.rows(op, 'a', a);
    const index = this.#list.node(op, 'indices', indices, I32);
    const seen = describeOperands({ a: x, indices: index });
    const lists = index.shape[1] === x.shape[2] && index.shape[2] === x.shape[3];
    expect(op, lists && index.shape[3] === 1, seen, 'indices [m, n2 of a, n3 of a]');
    const shape: Shape4 = [x.shape[0], index.shape[0], index.shape[1], index.shape[2]];
    return this.#list.own({ kind: op }, [x, index], x.dtype === 'i32' ? 'i32' : 'f32', shape);
  }

  setRows(target: Tensor, rows: Tensor, indices: Tensor): GraphNode {
    const op = 'setRows';
    const t = this.#list.writable(op, target);
    const x = this.#list.rows(op, 'rows', rows, F32);
    const index = this.#list.node(op, 'indices', indices, I32);
    const seen = describeOperands({ target: t, rows: x, indices: index });
    expect(op, t.dtype !== 'i32', seen, 'a target of a float or block dtype');
    expect(op, t.shape[0] === x.shape[0], seen, 'rows as long as those of the target');
    const stacks = t.shape[2] === x.shape[2] && t.shape[3] === x.shape[3];
    expect(op, stacks, seen, 'equal n2 and n3 of target and rows');
    const lists = x.shape[2] % index.shape[1] === 0 && x.shape[3] % index.shape[2] === 0;
    const listed = index.shape[0] === x.shape[1] && index.shape[3] === 1;
    expect(op, lists && listed, seen, 'indices [n1 of rows, a divisor of n2, a divisor of n3]');
    return this.#list.window({ kind: op }, [x, index, t], t, t.shape, t.strides, 0);
  }

  // --- shape and memory ------------------------------------------------------------------------

  reshape(a: Tensor, shape: Shape): GraphNode {
    const op = 'reshape';
    const x = this.#list.node(op, 'a', a);
    const wanted = checkedShape(op, x.dtype, shape);
    const seen = `${describeTensor(x)} to ${describeShape(wanted)}`;
    expect(op, numElements(wanted) === numElements(x.shape), seen, 'as many elements');
    expect(op, isPacked(x), seen, 'packed memory (use cont)');
    return this.#list.window({ kind: op }, [x], x, wanted, packedStrides(x.dtype, wanted), 0);
  }

  view(a: Tensor, shape: Shape, { strides = [], offset = 0 }: ViewOptions = {}): GraphNode {
    const op = 'view';
    const x = this.#list.node(op, 'a', a);
    const wanted = checkedShape(op, x.dtype, shape);
    const { blockSize, blockBytes } = BLOCK_LAYOUTS[x.dtype];
    const seen = `${describeTensor(x)} as ${describeShape(wanted)} strides [${strides.join(', ')}] offset ${offset}`;
    const whole = (count: number): boolean => Number.isInteger(count) && count % blockSize === 0;
    expect(op, strides.length <= 3, seen, 'strides for n1, n2, n3');
    expect(op, whole(offset) && offset >= 0, seen, `an offset >= 0 in multiples of ${blockSize}`);
    const positive = strides.every((stride) => whole(stride) && stride > 0);
    expect(op, positive, seen, `strides > 0 in multiples of ${blockSize}`);
    const bytes = strides.map((stride) => (stride / blockSize) * blockBytes);
    const packed = packedStrides(x.dtype, wanted);
    const s1 = bytes[0] ?? packed[1];
    const s2 = bytes[1] ?? s1 * wanted[1];
    const s3 = bytes[2] ?? s2 * wanted[2];
    return this.#list.subWindow(
      op,
      seen,
      x,
      wanted,
      [blockBytes, s1, s2, s3],
      (offset / blockSize) * blockBytes,
    );
  }

  slice(a: Tensor, dim: 0 | 1 | 2 | 3, start: number, length: number): GraphNode {
    const op = 'slice';
    const x = this.#list.node(op, 'a', a);
    const seen = `${describeTensor(x)} n${dim} from ${start}, ${length} long`;
    const step = dim === 0 ? BLOCK_LAYOUTS[x.dtype].blockSize : 1;
    const whole = (count: number): boolean => Number.isInteger(count) && count % step === 0;
    expect(op, [0, 1, 2, 3].includes(dim), seen, 'dim in 0..3');
    expect(op, whole(start) && whole(length), seen, `start and length in multiples of ${step}`);
    const inside = start >= 0 && length >= 1 && start + length <= x.shape[dim];
    expect(op, inside, seen, `a range within 0..${x.shape[dim]}`);
    expect(
      op,
      hasPackedRows(x),
      `${seen}, strided rows`,
      'rows without gaps (slice, then permute)',
    );
    const shape = x.shape.with(dim, length) as unknown as Shape4;
    return this.#list.subWindow(op, seen, x, shape, x.strides, (start / step) * x.strides[dim]);
  }

  permute(a: Tensor, axes: readonly [number, number, number, number]): GraphNode {
    const op = 'permute';
    const x = this.#list.node(op, 'a', a);
    const seen = `${describeTensor(x)} axes [${axes.join(', ')}]`;
    expect(
      op,
      [0, 1, 2, 3].every((axis) => axes.includes(axis)),
      seen,
      'each of 0..3 once',
    );
    expect(op, !isQuantized(x.dtype) || axes[0] === 0, seen, 'n0 in place for block dtypes');
    const shape: [number, number, number, number] = [1, 1, 1, 1];
    const strides: [number, number, number, number] = [1, 1, 1, 1];
    axes.forEach((axis, dim) => {
      shape[axis] = x.shape[dim]!;
      strides[axis] = x.strides[dim]!;
    });
    return this.#list.window({ kind: op, axes }, [x], x, shape, strides, 0);
  }

  transpose(a: Tensor): GraphNode {
    return this.permute(a, [1, 0, 2, 3]);
  }

  cont(a: Tensor): GraphNode {
    const x = this.#list.node('cont', 'a', a);
    const copyable = !isQuantized(x.dtype) || hasPackedRows(x);
    expect('cont', copyable, describeTensor(x), 'packed rows for block dtypes');
    return this.#list.own({ kind: 'cont' }, [x], x.dtype, x.shape);
  }

  concat(a: Tensor, b: Tensor, dim: 0 | 1 | 2 | 3): GraphNode {
    const op = 'concat';
    const x = this.#list.node(op, 'a', a, PLAIN_DTYPES);
    const y = this.#list.node(op, 'b', b, PLAIN_DTYPES);
    const seen = `${describeOperands({ a: x, b: y })}, dim ${dim}`;
    expect(op, [0, 1, 2, 3].includes(dim), seen, 'dim in 0..3');
    expect(op, x.dtype === y.dtype, seen, 'equal dtypes (use cast)');
    const shape = x.shape.with(dim, x.shape[dim] + y.shape[dim]) as unknown as Shape4;
    const others = x.shape.every((size, other) => other === dim || size === y.shape[other]);
    expect(op, others, seen, 'equal sizes outside of dim');
    return this.#list.own({ kind: op, dim }, [x, y], x.dtype, checkedShape(op, x.dtype, shape));
  }

  cast(a: Tensor, dtype: DType): GraphNode {
    const op = 'cast';
    const x = this.#list.node(op, 'a', a);
    if (x.dtype === dtype) return this.cont(x);
    const seen = `${describeTensor(x)} to ${dtype}`;
    const isKnown = BLOCK_LAYOUTS[dtype] !== undefined && dtype !== 'i8_rows';
    expect(op, isKnown, seen, 'a known dtype');
    expect(op, canConvert(x, dtype), seen, CONVERSIONS);
    return this.#list.own({ kind: op }, [x], dtype, checkedShape(op, dtype, x.shape));
  }

  copy(a: Tensor, target: Tensor): GraphNode {
    const op = 'copy';
    const x = this.#list.node(op, 'a', a);
    const t = this.#list.writable(op, target);
    const seen = describeOperands({ a: x, target: t });
    expect(op, sameShape(x.shape, t.shape), seen, 'equal shapes (use reshape or view)');
    const plainCopy = x.dtype === t.dtype && (!isQuantized(x.dtype) || hasPackedRows(x));
    const converts = canConvert(x, t.dtype) && (!isQuantized(t.dtype) || isPacked(t));
    expect(op, plainCopy || converts, seen, `${CONVERSIONS}; block targets packed`);
    return this.#list.window({ kind: op }, [x, t], t, t.shape, t.strides, 0);
  }

  repeat(a: Tensor, shape: Shape): GraphNode {
    const x = this.#list.rows('repeat', 'a', a, F32);
    const wanted = checkedShape('repeat', 'f32', shape);
    const seen = `${describeTensor(x)} to ${describeShape(wanted)}`;
    expect('repeat', repeatsTo(x.shape, wanted), seen, 'every size dividing the wanted one');
    return this.#list.own({ kind: 'repeat' }, [x], 'f32', wanted);
  }

  // --- rows of many sequences ------------------------------------------------------------------

  rowTable(name: string, spec: RowTableSpec): TableNode {
    this.#requireNewName('rowTable', name);
    return this.#tables.rowTable(name, spec);
  }

  writeTableRows(table: RowTable, layer: number, values: Tensor, positions: Tensor): void {
    this.#tables.write(table, layer, values, positions);
  }

  indexTopK(table: RowTable, layer: number, options: IndexTopKOptions): GraphNode {
    return this.#tables.indexTopK(table, layer, options);
  }

  attendRows(table: RowTable, layer: number, options: AttendRowsOptions): GraphNode {
    return this.#tables.attend(table, layer, options);
  }

  /** The node behind a returned output: packed, with memory of its own that nothing recycles. */
  output(name: string, tensor: Tensor): GraphNode {
    const node = this.#list.node(`output ${name}`, 'value', tensor, PLAIN_DTYPES);
    const isOwn = node.sources.length > 0 && !node.isWindow;
    return isOwn ? node : this.cont(node);
  }

  // --- shared --------------------------------------------------------------------------------

  #requireNewName(op: string, name: string): void {
    if (!this.inputs.has(name) && !this.tables.has(name)) return;
    throw new Error(`${op}: there is already an input or row table named ${name}`);
  }

  #binary(name: BinaryName, a: Tensor, b: Tensor): GraphNode {
    const x = this.#list.rows(name, 'a', a, F32);
    const y = this.#list.node(name, 'b', b, F32);
    const seen = describeOperands({ a: x, b: y });
    expect(name, repeatsTo(y.shape, x.shape), seen, 'every size of b dividing that of a');
    return this.#list.own({ kind: 'binary', name }, [x, y], 'f32', x.shape);
  }

  #unary(name: UnaryName, a: Tensor): GraphNode {
    const x = this.#list.packed(name, 'a', a, F32);
    return this.#list.own({ kind: 'unary', name }, [x], 'f32', x.shape);
  }
}

const CONVERSIONS =
  'a conversion among f32, f16 and bf16, from f32 rows to a block dtype, or from packed blocks to f32';

function canConvert(from: Tensor, to: DType): boolean {
  if (FLOAT_DTYPES.includes(from.dtype) && FLOAT_DTYPES.includes(to)) return true;
  if (from.dtype === 'f32') return isQuantized(to) && hasPackedRows(from);
  return to === 'f32' && isQuantized(from.dtype) && isPacked(from);
}

function ropeDefaults(options: RopeOptions): Required<RopeOptions> {
  return {
    freqScale: 1,
    extFactor: 0,
    attnFactor: 1,
    betaFast: 32,
    betaSlow: 1,
    origContextLength: 0,
    ...options,
  };
}
