// Writes a GGUF v3 file front to back: header first (sizes are known before any data), then tensor
// bytes as they come, so memory stays bounded by one chunk. The file appears under its name only
// when it is complete: everything goes to a temporary file beside it, which is renamed at the end
// and removed on failure or process exit. It does not quantise and does not choose keys.
// Source: the GGUF specification.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

import {
  GGUF_DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  GGUF_MAX_DIMS,
  GGUF_MAX_TENSOR_NAME,
  GGUF_TENSOR_TYPES,
  GGUF_VALUE_TYPE,
  rowBytes,
  type GgufArray,
  type GgufScalarType,
  type GgufTensorType,
  type GgufValue,
} from './gguf-types.js';
import { ModelError } from './model-error.js';

/** A tensor to be written; its bytes follow in the order of declaration. */
export interface GgufTensorDeclaration {
  readonly name: string;
  readonly type: GgufTensorType;
  /** Fastest dimension first. */
  readonly shape: readonly number[];
}

export class GgufWriter {
  private fd: number;
  private readonly tempPath: string;
  private current = 0;
  private writtenOfCurrent = 0;
  private readonly onExit = (): void => this.abort();

  /**
   * Opens the temporary file and writes the header.
   * @throws {ModelError} for declarations that GGUF cannot hold or a path that is a folder; the
   *   system's error when the folder cannot be written.
   */
  constructor(
    private readonly path: string,
    metadata: ReadonlyMap<string, GgufValue>,
    private readonly tensors: readonly GgufTensorDeclaration[],
  ) {
    if (existsSync(path) && !statSync(path).isFile()) {
      throw new ModelError(`${path}: exists and is not a regular file`);
    }
    const header = encodeHeader(path, metadata, tensors);
    this.tempPath = `${path}.${process.pid}.tmp`;
    this.fd = openSync(this.tempPath, 'wx');
    process.once('exit', this.onExit);
    try {
      this.writeAll(header);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Appends bytes of tensor `name`, which must be the one whose turn it is. */
  write(name: string, bytes: Uint8Array): void {
    const tensor = this.tensors[this.current];
    if (tensor === undefined || tensor.name !== name) {
      throw new Error(`${this.path}: data for ${name} while ${tensor?.name ?? 'nothing'} is due`);
    }
    const size = tensorBytes(tensor);
    if (this.writtenOfCurrent + bytes.length > size) {
      throw new Error(`${this.path}: ${name} is declared with ${size} bytes and got more`);
    }
    this.writeAll(bytes);
    this.writtenOfCurrent += bytes.length;
    if (this.writtenOfCurrent < size) return;
    this.writeAll(new Uint8Array(padding(size, GGUF_DEFAULT_ALIGNMENT)));
    this.current++;
    this.writtenOfCurrent = 0;
  }

  /** Flushes and puts the file in its place. @throws Error when a declared tensor lacks data. */
  finish(): void {
    const missing = this.tensors[this.current];
    if (missing !== undefined) {
      this.abort();
      throw new Error(`${this.path}: tensor ${missing.name} was declared but not fully written`);
    }
    fsyncSync(this.fd);
    this.closeFile();
    try {
      renameSync(this.tempPath, this.path);
    } catch (error) {
      rmSync(this.tempPath, { force: true });
      throw error;
    }
  }

  /** Removes the temporary file. Contract: may be called at any time, also after finish. */
  abort(): void {
    if (this.fd < 0) return;
    this.closeFile();
    rmSync(this.tempPath, { force: true });
  }

  private closeFile(): void {
    closeSync(this.fd);
    this.fd = -1;
    process.removeListener('exit', this.onExit);
  }

  private writeAll(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.fd, bytes, done, bytes.length - done);
  }
}

/** Bytes a declared tensor takes. */
export function tensorBytes(tensor: GgufTensorDeclaration): number {
  return rowBytes(
    tensor.type,
    tensor.shape.reduce((a, b) => a * b, 1),
  );
}

function padding(size: number, alignment: number): number {
  return (alignment - (size % alignment)) % alignment;
}

function encodeHeader(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensorDeclaration[],
): Uint8Array {
  const out = new ByteSink();
  out.u32(GGUF_MAGIC);
  out.u32(3);
  out.u64(tensors.length);
  out.u64(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    encodeValue(out, value);
  }
  let offset = 0;
  const names = new Set<string>();
  for (const tensor of tensors) {
    checkDeclaration(path, tensor, names);
    out.string(tensor.name);
    out.u32(tensor.shape.length);
    for (const size of tensor.shape) out.u64(size);
    out.u32(GGUF_TENSOR_TYPES[tensor.type].id);
    out.u64(offset);
    const size = tensorBytes(tensor);
    offset += size + padding(size, GGUF_DEFAULT_ALIGNMENT);
  }
  out.pad(GGUF_DEFAULT_ALIGNMENT);
  return out.bytes();
}

function checkDeclaration(path: string, tensor: GgufTensorDeclaration, names: Set<string>): void {
  const { name, type, shape } = tensor;
  const { blockSize } = GGUF_TENSOR_TYPES[type];
  if (Buffer.byteLength(name) > GGUF_MAX_TENSOR_NAME || name === '') {
    throw new ModelError(
      `${path}: tensor name "${name}" must have 1 to ${GGUF_MAX_TENSOR_NAME} bytes`,
    );
  }
  if (names.has(name)) throw new ModelError(`${path}: tensor ${name} is declared twice`);
  names.add(name);
  const isShape = shape.length >= 1 && shape.length <= GGUF_MAX_DIMS;
  if (!isShape || shape.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new ModelError(`${path}: tensor ${name} has the impossible shape [${shape.join(', ')}]`);
  }
  if (shape[0]! % blockSize !== 0) {
    throw new ModelError(
      `${path}: tensor ${name} has rows of ${shape[0]}, not a multiple of the ${blockSize} of ${type}`,
    );
  }
}

function encodeValue(out: ByteSink, value: GgufValue): void {
  out.u32(GGUF_VALUE_TYPE[value.type]);
  if (value.type !== 'array') {
    out.scalar(value.type, value.value);
    return;
  }
  out.u32(GGUF_VALUE_TYPE[value.itemType]);
  out.u64(value.value.length);
  encodeItems(out, value.itemType, value.value);
}

function encodeItems(out: ByteSink, itemType: GgufScalarType, items: GgufArray): void {
  if (!Array.isArray(items)) {
    // Typed arrays are little-endian on every platform we run on, as GGUF is.
    out.raw(new Uint8Array(items.buffer, items.byteOffset, items.byteLength));
    return;
  }
  if (itemType !== 'string') throw new TypeError(`array of ${itemType} needs a typed array`);
  for (const item of items) out.string(item);
}

/** A growing byte buffer with little-endian writers. */
class ByteSink {
  private buffer = new Uint8Array(1 << 16);
  private length = 0;

  u32(value: number): void {
    this.scalar('u32', value);
  }

  u64(value: number): void {
    this.scalar('u64', BigInt(value));
  }

  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.u64(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  pad(alignment: number): void {
    this.raw(new Uint8Array(padding(this.length, alignment)));
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  scalar(type: GgufScalarType, value: number | bigint | boolean | string): void {
    if (type === 'string') return this.string(String(value));
    this.reserve(8);
    const view = new DataView(this.buffer.buffer);
    this.length += setScalar(view, this.length, type, value);
  }

  private reserve(extra: number): void {
    if (this.length + extra <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra));
    grown.set(this.bytes());
    this.buffer = grown;
  }
}

/** Writes one scalar and returns its size in bytes. */
function setScalar(
  view: DataView,
  at: number,
  type: Exclude<GgufScalarType, 'string'>,
  value: number | bigint | boolean | string,
): number {
  switch (type) {
    case 'bool':
    case 'u8':
      view.setUint8(at, Number(value));
      return 1;
    case 'i8':
      view.setInt8(at, Number(value));
      return 1;
    case 'u16':
      view.setUint16(at, Number(value), true);
      return 2;
    case 'i16':
      view.setInt16(at, Number(value), true);
      return 2;
    case 'u32':
      view.setUint32(at, Number(value), true);
      return 4;
    case 'i32':
      view.setInt32(at, Number(value), true);
      return 4;
    case 'f32':
      view.setFloat32(at, Number(value), true);
      return 4;
    case 'f64':
      view.setFloat64(at, Number(value), true);
      return 8;
    case 'u64':
      view.setBigUint64(at, BigInt(value), true);
      return 8;
    case 'i64':
      view.setBigInt64(at, BigInt(value), true);
      return 8;
    default:
      return type satisfies never;
  }
}
