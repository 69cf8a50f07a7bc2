// The numbers of the GGUF format: metadata value types and tensor types, with the sizes a reader
// needs to check offsets. It knows nothing of this architecture and does no arithmetic on values.
// Source: the GGUF specification (ggml docs), model reference §14.

/** Metadata value types; the value is the id on disk. */
export const GGUF_VALUE_TYPE = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;

export type GgufValueType = keyof typeof GGUF_VALUE_TYPE;
export type GgufScalarType = Exclude<GgufValueType, 'array'>;

/** Bytes of one scalar; strings are length-prefixed and have no fixed size. */
export const GGUF_SCALAR_SIZE: Readonly<Record<Exclude<GgufScalarType, 'string'>, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** Tensor types: id on disk, elements per block, bytes per block. */
const TENSOR_TYPES = {
  f32: { id: 0, blockSize: 1, blockBytes: 4 },
  f16: { id: 1, blockSize: 1, blockBytes: 2 },
  q4_0: { id: 2, blockSize: 32, blockBytes: 18 },
  q4_1: { id: 3, blockSize: 32, blockBytes: 20 },
  q5_0: { id: 6, blockSize: 32, blockBytes: 22 },
  q5_1: { id: 7, blockSize: 32, blockBytes: 24 },
  q8_0: { id: 8, blockSize: 32, blockBytes: 34 },
  q2_K: { id: 10, blockSize: 256, blockBytes: 84 },
  q3_K: { id: 11, blockSize: 256, blockBytes: 110 },
  q4_K: { id: 12, blockSize: 256, blockBytes: 144 },
  q5_K: { id: 13, blockSize: 256, blockBytes: 176 },
  q6_K: { id: 14, blockSize: 256, blockBytes: 210 },
  iq4_nl: { id: 20, blockSize: 32, blockBytes: 18 },
  iq4_xs: { id: 23, blockSize: 256, blockBytes: 136 },
  i8: { id: 24, blockSize: 1, blockBytes: 1 },
  i16: { id: 25, blockSize: 1, blockBytes: 2 },
  i32: { id: 26, blockSize: 1, blockBytes: 4 },
  i64: { id: 27, blockSize: 1, blockBytes: 8 },
  f64: { id: 28, blockSize: 1, blockBytes: 8 },
  bf16: { id: 30, blockSize: 1, blockBytes: 2 },
} as const;

export type GgufTensorType = keyof typeof TENSOR_TYPES;

export interface GgufTensorTypeInfo {
  readonly id: number;
  /** Elements per block; the fastest dimension must be a multiple of it. */
  readonly blockSize: number;
  readonly blockBytes: number;
}

export const GGUF_TENSOR_TYPES: Readonly<Record<GgufTensorType, GgufTensorTypeInfo>> = TENSOR_TYPES;

const TENSOR_TYPE_BY_ID = new Map<number, GgufTensorType>(
  (Object.keys(TENSOR_TYPES) as GgufTensorType[]).map((name) => [TENSOR_TYPES[name].id, name]),
);

export function tensorTypeById(id: number): GgufTensorType | undefined {
  return TENSOR_TYPE_BY_ID.get(id);
}

const VALUE_TYPE_BY_ID = new Map<number, GgufValueType>(
  (Object.keys(GGUF_VALUE_TYPE) as GgufValueType[]).map((name) => [GGUF_VALUE_TYPE[name], name]),
);

export function valueTypeById(id: number): GgufValueType | undefined {
  return VALUE_TYPE_BY_ID.get(id);
}

/** Bytes of one row of `length` elements; `length` must be a multiple of the block size. */
export function rowBytes(type: GgufTensorType, length: number): number {
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  return (length / blockSize) * blockBytes;
}

/** A metadata value with its type on disk, so that writing back what was read loses nothing. */
export type GgufValue =
  | { type: Exclude<GgufScalarType, 'string' | 'bool' | 'u64' | 'i64'>; value: number }
  | { type: 'u64' | 'i64'; value: bigint }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'array'; itemType: GgufScalarType; value: GgufArray };

/** Arrays of numbers are typed arrays; `bool` is a Uint8Array of 0 and 1. */
export type GgufArray =
  | string[]
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

export const GGUF_MAGIC = 0x46554747; // "GGUF", little-endian
export const GGUF_DEFAULT_ALIGNMENT = 32;
/** ggml stores names in 64 bytes with a terminator. */
export const GGUF_MAX_TENSOR_NAME = 63;
export const GGUF_MAX_DIMS = 4;
