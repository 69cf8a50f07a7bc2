// One graph node to one ggml call. The builder has checked shapes and dtypes; nothing is checked
// here. Contract: nodes come in building order, sources before users.

import type { GraphNode, UnaryName } from '../node.js';
import { GGML_TYPE, ROPE_MODE, SORT_ORDER } from './declarations.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import type { GraphProducts } from './graph-products.js';
import type { GraphTables } from './graph-tables.js';

/** Largest finite f32. */
const MAX_F32 = 3.4028234663852886e38;

const UNARY_FUNCTIONS = {
  sqr: 'ggml_sqr',
  sqrt: 'ggml_sqrt',
  exp: 'ggml_exp',
  neg: 'ggml_neg',
  sigmoid: 'ggml_sigmoid',
  silu: 'ggml_silu',
  relu: 'ggml_relu',
  step: 'ggml_step',
} as const satisfies Record<UnaryName, keyof BaseFunctions>;

const BINARY_FUNCTIONS = {
  add: 'ggml_add',
  sub: 'ggml_sub',
  mul: 'ggml_mul',
  div: 'ggml_div',
} as const;

/** Most ggml tensors that one node becomes (argsort and indexTopK: two; a product: three). */
export const MAX_TENSORS_PER_NODE = 3;

export interface OwnNodes {
  tables: GraphTables | undefined;
  products: GraphProducts | undefined;
  /** Whether a product has weights in the order of our own kernels. */
  isProduct: (node: GraphNode) => boolean;
}

/** @param pointers the tensors of earlier nodes, of inputs and of device tensors.
 *  @param own makes the nodes that our own kernels compute; present where the graph has any. */
export function lowerNode(
  ggml: BaseFunctions,
  ctx: Pointer,
  node: GraphNode,
  pointers: ReadonlyMap<GraphNode, Pointer>,
  own: OwnNodes,
): Pointer {
  const [a, b, c] = node.sources.map((source) => pointers.get(source)!) as [
    Pointer,
    Pointer,
    Pointer,
  ];
  const { op, shape } = node;
  switch (op.kind) {
    case 'input':
    case 'deviceTensor':
      return pointers.get(node)!;
    case 'mulMat':
      if (own.isProduct(node)) return own.products!.lower(ctx, node, pointers);
      return ggml.ggml_mul_mat(ctx, a, b);
    case 'mulMatId':
      if (own.isProduct(node)) return own.products!.lower(ctx, node, pointers);
      return ggml.ggml_mul_mat_id(ctx, a, b, c);
    case 'binary':
      return ggml[BINARY_FUNCTIONS[op.name]](ctx, a, b);
    case 'unary':
      return ggml[UNARY_FUNCTIONS[op.name]](ctx, a);
    case 'scale':
      return ggml.ggml_scale_bias(ctx, a, op.factor, op.bias);
    case 'clamp':
      return ggml.ggml_clamp(ctx, a, op.min, op.max);
    case 'fill':
      return ggml.ggml_fill(ctx, a, op.value);
    case 'swiglu':
      return ggml.ggml_swiglu_split(ctx, a, b);
    case 'rmsNorm':
      return ggml.ggml_rms_norm(ctx, a, op.eps);
    case 'norm':
      return ggml.ggml_norm(ctx, a, op.eps);
    case 'softMax':
      return ggml.ggml_soft_max_ext(ctx, a, b ?? null, op.scale, 0);
    case 'sumRows':
      return ggml.ggml_sum_rows(ctx, a);
    case 'topK':
      return ggml.ggml_top_k(ctx, a, op.k);
    case 'argsort': {
      // std::sort runs out of bounds on NaN (no strict order); clamp turns NaN into the maximum.
      const ordered = ggml.ggml_clamp(ctx, a, -MAX_F32, MAX_F32);
      return ggml.ggml_argsort(ctx, ordered, SORT_ORDER[op.order]);
    }
    case 'rope': {
      const { numDims, mode, origContextLength, freqBase, freqScale, ...yarn } = op.options;
      const { extFactor, attnFactor, betaFast, betaSlow } = yarn;
      // prettier-ignore
      return ggml.ggml_rope_ext(ctx, a, b, null, numDims, ROPE_MODE[mode], origContextLength,
        freqBase, freqScale, extFactor, attnFactor, betaFast, betaSlow);
    }
    case 'getRows':
      return ggml.ggml_get_rows(ctx, a, b);
    case 'setRows': // sources: rows, indices, target
      return ggml.ggml_set_rows(ctx, c, a, b);
    case 'reshape':
      return ggml.ggml_reshape_4d(ctx, a, ...shape);
    case 'view': {
      const [, s1, s2, s3] = node.strides;
      return ggml.ggml_view_4d(ctx, a, ...shape, s1, s2, s3, op.relativeOffset);
    }
    case 'permute':
      return ggml.ggml_permute(ctx, a, ...op.axes);
    case 'cont':
      return ggml.ggml_cont(ctx, a);
    case 'concat':
      return ggml.ggml_concat(ctx, a, b, op.dim);
    case 'cast':
      return ggml.ggml_cast(ctx, a, GGML_TYPE[node.dtype]);
    case 'copy': // sources: values, target
      return ggml.ggml_cpy(ctx, a, b);
    case 'repeat':
      return ggml.ggml_repeat_4d(ctx, a, ...shape);
    case 'writeTableRows':
    case 'indexTopK':
    case 'attendRows':
      return own.tables!.lower(ctx, node, pointers);
    default:
      return op satisfies never;
  }
}
