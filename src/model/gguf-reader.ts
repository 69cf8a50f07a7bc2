// Reads a GGUF header (version 2 or 3) and hands out tensor bytes. The file is untrusted: every
// count, string, offset and size is checked against the file before it is believed, so that what
// this module returns can be mapped or copied without further checks. It does not know which keys
// or tensors an architecture needs (config-gguf.ts, weights.ts).
// Source: the GGUF specification; limits are ours.

import { closeSync, fstatSync, openSync } from 'node:fs';

import type { Device, MappedFile } from '../tensor/types.js';
import { BinaryReader, readFully } from './binary-reader.js';
import {
  GGUF_DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  GGUF_MAX_DIMS,
  GGUF_MAX_TENSOR_NAME,
  GGUF_SCALAR_SIZE,
  GGUF_TENSOR_TYPES,
  rowBytes,
  tensorTypeById,
  valueTypeById,
  type GgufArray,
  type GgufScalarType,
  type GgufTensorType,
  type GgufValue,
} from './gguf-types.js';
import { ModelError, showValue } from './model-error.js';

const MAX_HEADER_BYTES = 256 << 20;
const MAX_METADATA = 65_536;
const MAX_TENSORS = 1 << 20;
const MAX_KEY_BYTES = 65_535;
const MAX_STRING_BYTES = 16 << 20;
const MAX_ARRAY_ITEMS = 1 << 24;
const MAX_ALIGNMENT = 1 << 20;

/** One tensor of a file. All sizes are checked: [offset, offset + byteLength) lies in the file. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgufTensorType;
  /** Fastest dimension first, as ggml counts (`ne`). */
  readonly shape: readonly number[];
  readonly numElements: number;
  /** Absolute offset in the file, in bytes. */
  readonly offset: number;
  readonly byteLength: number;
}

export class GgufFile {
  constructor(
    readonly path: string,
    private fd: number,
    readonly version: number,
    readonly fileSize: number,
    readonly alignment: number,
    readonly metadata: ReadonlyMap<string, GgufValue>,
    readonly tensors: ReadonlyMap<string, GgufTensor>,
  ) {}

  /**
   * Copies bytes of a tensor: `length` bytes from `start` within it.
   * @throws {ModelError} when the file has shrunk since it was opened.
   */
  readTensor(tensor: GgufTensor, start = 0, length = tensor.byteLength - start): Uint8Array {
    if (start < 0 || length < 0 || start + length > tensor.byteLength) {
      throw new RangeError(`${tensor.name}: bytes ${start}+${length} of ${tensor.byteLength}`);
    }
    const out = new Uint8Array(length);
    readFully(this.fd, out, tensor.offset + start, this.path, `tensor ${tensor.name}`);
    return out;
  }

  /** The whole file as memory, where the device can map it; it may be closed afterwards. */
  map(device: Device): MappedFile | null {
    return device.mapFile(this.fd, this.fileSize);
  }

  /** Closes the file; the header stays readable. May be called twice. */
  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
  }
}

/**
 * Opens and checks a GGUF file.
 * @throws {ModelError} naming file, field and value for anything malformed or unsupported;
 *   the system's error (ENOENT, EACCES, ...) when the file cannot be opened.
 */
export function openGguf(path: string): GgufFile {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new ModelError(`${path}: not a regular file`);
    return readHeader(fd, path, stat.size);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readHeader(fd: number, path: string, fileSize: number): GgufFile {
  const reader = new BinaryReader(fd, path, fileSize, MAX_HEADER_BYTES);
  const magic = reader.u32('magic');
  if (magic !== GGUF_MAGIC) {
    reader.fail('magic', `is 0x${magic.toString(16)}, not "GGUF": this is not a GGUF file`);
  }
  const version = reader.u32('version');
  if (version !== 2 && version !== 3) {
    const swapped = version > 0xffffff ? ' (a big-endian file?)' : '';
    reader.fail('version', `is ${version}${swapped}; versions 2 and 3 are supported`);
  }
  // The smallest tensor entry takes 32 bytes, the smallest metadata entry 13.
  const numTensors = reader.count(
    'tensor count',
    Math.min(MAX_TENSORS, Math.floor(reader.remaining / 32)),
  );
  const numMetadata = reader.count(
    'metadata count',
    Math.min(MAX_METADATA, Math.floor(reader.remaining / 13)),
  );
  const metadata = readMetadata(reader, numMetadata);
  const alignment = readAlignment(path, metadata);
  const entries = readTensorEntries(reader, numTensors, alignment);
  const dataStart = Math.ceil(reader.offset / alignment) * alignment;
  const tensors = placeTensors(path, entries, dataStart, fileSize);
  return new GgufFile(path, fd, version, fileSize, alignment, metadata, tensors);
}

function readMetadata(reader: BinaryReader, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = reader.string(`metadata key ${i}`, MAX_KEY_BYTES);
    if (key === '') reader.fail(`metadata key ${i}`, 'is empty');
    if (metadata.has(key)) reader.fail(`metadata key ${showValue(key)}`, 'appears twice');
    metadata.set(key, readValue(reader, `metadata ${showValue(key)}`));
  }
  return metadata;
}

function readValue(reader: BinaryReader, field: string): GgufValue {
  const typeId = reader.u32(`${field} (type)`);
  const type = valueTypeById(typeId);
  if (type === undefined) return reader.fail(field, `has unknown value type ${typeId}`);
  if (type !== 'array') return readScalar(reader, type, field);
  const itemId = reader.u32(`${field} (item type)`);
  const itemType = valueTypeById(itemId);
  if (itemType === undefined) return reader.fail(field, `has unknown array item type ${itemId}`);
  if (itemType === 'array')
    return reader.fail(field, 'is an array of arrays, which is not accepted');
  return { type: 'array', itemType, value: readArray(reader, itemType, field) };
}

function readScalar(reader: BinaryReader, type: GgufScalarType, field: string): GgufValue {
  if (type === 'string') return { type, value: reader.string(field, MAX_STRING_BYTES) };
  const bytes = reader.bytes(GGUF_SCALAR_SIZE[type], field);
  const view = new DataView(bytes.buffer);
  switch (type) {
    case 'bool': {
      const value = view.getUint8(0);
      if (value > 1) reader.fail(field, `is a boolean with value ${value}`);
      return { type, value: value === 1 };
    }
    case 'u8':
      return { type, value: view.getUint8(0) };
    case 'i8':
      return { type, value: view.getInt8(0) };
    case 'u16':
      return { type, value: view.getUint16(0, true) };
    case 'i16':
      return { type, value: view.getInt16(0, true) };
    case 'u32':
      return { type, value: view.getUint32(0, true) };
    case 'i32':
      return { type, value: view.getInt32(0, true) };
    case 'f32':
      return { type, value: view.getFloat32(0, true) };
    case 'f64':
      return { type, value: view.getFloat64(0, true) };
    case 'u64':
      return { type, value: view.getBigUint64(0, true) };
    case 'i64':
      return { type, value: view.getBigInt64(0, true) };
    default:
      return type satisfies never;
  }
}

function readArray(reader: BinaryReader, itemType: GgufScalarType, field: string): GgufArray {
  const minItemBytes = itemType === 'string' ? 8 : GGUF_SCALAR_SIZE[itemType];
  const fits = Math.floor(Math.max(0, reader.remaining - 8) / minItemBytes);
  const count = reader.count(`${field} (array length)`, Math.min(MAX_ARRAY_ITEMS, fits));
  if (itemType === 'string') {
    const strings: string[] = [];
    for (let i = 0; i < count; i++) strings.push(reader.string(`${field}[${i}]`, MAX_STRING_BYTES));
    return strings;
  }
  const { buffer } = reader.bytes(count * minItemBytes, field);
  switch (itemType) {
    case 'u8':
    case 'bool':
      return new Uint8Array(buffer);
    case 'i8':
      return new Int8Array(buffer);
    case 'u16':
      return new Uint16Array(buffer);
    case 'i16':
      return new Int16Array(buffer);
    case 'u32':
      return new Uint32Array(buffer);
    case 'i32':
      return new Int32Array(buffer);
    case 'f32':
      return new Float32Array(buffer);
    case 'f64':
      return new Float64Array(buffer);
    case 'u64':
      return new BigUint64Array(buffer);
    case 'i64':
      return new BigInt64Array(buffer);
    default:
      return itemType satisfies never;
  }
}

function readAlignment(path: string, metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get('general.alignment');
  if (entry === undefined) return GGUF_DEFAULT_ALIGNMENT;
  const { value } = entry;
  const isPowerOfTwo = typeof value === 'number' && Number.isInteger(Math.log2(value));
  if (entry.type !== 'u32' || !isPowerOfTwo || entry.value < 8 || entry.value > MAX_ALIGNMENT) {
    throw new ModelError(
      `${path}: general.alignment is ${showValue(value)} (${entry.type}); expected a u32 power of two from 8 to ${MAX_ALIGNMENT}`,
    );
  }
  return entry.value;
}

/** A tensor entry whose offset still counts from the start of the data section. */
type TensorEntry = GgufTensor;

function readTensorEntries(reader: BinaryReader, count: number, alignment: number): TensorEntry[] {
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = reader.string(`name of tensor ${i}`, GGUF_MAX_TENSOR_NAME);
    const field = `tensor ${showValue(name)}`;
    if (name === '') reader.fail(`name of tensor ${i}`, 'is empty');
    if (names.has(name)) reader.fail(field, 'appears twice');
    names.add(name);
    const numDims = reader.u32(`${field} (dimensions)`);
    if (numDims < 1 || numDims > GGUF_MAX_DIMS) {
      reader.fail(field, `has ${numDims} dimensions; 1 to ${GGUF_MAX_DIMS} are possible`);
    }
    const shape: number[] = [];
    let numElements = 1;
    for (let d = 0; d < numDims; d++) {
      const size = reader.count(`${field} dimension ${d}`, Number.MAX_SAFE_INTEGER);
      numElements *= size;
      if (size === 0 || numElements > Number.MAX_SAFE_INTEGER) {
        reader.fail(field, `has dimension ${d} of ${size}, giving ${numElements} elements`);
      }
      shape.push(size);
    }
    const typeId = reader.u32(`${field} (type)`);
    const type = tensorTypeById(typeId);
    if (type === undefined) return reader.fail(field, `has unsupported tensor type ${typeId}`);
    const { blockSize } = GGUF_TENSOR_TYPES[type];
    if (shape[0]! % blockSize !== 0) {
      reader.fail(field, `has rows of ${shape[0]}, not a multiple of the ${blockSize} of ${type}`);
    }
    const offset = reader.count(`${field} offset`, Number.MAX_SAFE_INTEGER);
    if (offset % alignment !== 0) {
      reader.fail(field, `has offset ${offset}, not a multiple of the alignment ${alignment}`);
    }
    const byteLength = rowBytes(type, numElements);
    entries.push({ name, type, shape, numElements, offset, byteLength });
  }
  return entries;
}

/** Turns relative offsets into absolute ones and refuses anything outside the file or overlapping. */
function placeTensors(
  path: string,
  entries: readonly TensorEntry[],
  dataStart: number,
  fileSize: number,
): Map<string, GgufTensor> {
  let previous: TensorEntry | undefined;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const end = dataStart + entry.offset + entry.byteLength;
    if (end > fileSize) {
      throw new ModelError(
        `${path}: tensor ${showValue(entry.name)} ends at byte ${end} but the file has ${fileSize}: it is truncated or corrupt`,
      );
    }
    if (previous !== undefined && entry.offset < previous.offset + previous.byteLength) {
      throw new ModelError(
        `${path}: tensors ${showValue(previous.name)} and ${showValue(entry.name)} overlap`,
      );
    }
    previous = entry;
  }
  return new Map(entries.map((e) => [e.name, { ...e, offset: dataStart + e.offset }]));
}
