// Reads one safetensors file: an untrusted JSON header and raw tensor bytes. Every offset is checked
// against the file and the shape before use. It knows dtypes and bytes, not what tensors mean;
// sharded folders are checkpoint.ts. Source: the safetensors format description.

import { closeSync, fstatSync, openSync } from 'node:fs';

import { readFully } from './binary-reader.js';
import { ModelError, showValue } from './model-error.js';

/** The reference reader's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_DIMS = 8;

const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  /** Slowest dimension first, as PyTorch prints it. */
  readonly shape: readonly number[];
  readonly numElements: number;
  /** Absolute offset in the file, in bytes. */
  readonly offset: number;
  readonly byteLength: number;
}

export class SafetensorsFile {
  constructor(
    readonly path: string,
    private fd: number,
    readonly tensors: ReadonlyMap<string, SafetensorsTensor>,
  ) {}

  /** Copies `count` elements from element `start` on, as raw bytes. */
  read(tensor: SafetensorsTensor, start = 0, count = tensor.numElements - start): Uint8Array {
    if (start < 0 || count < 0 || start + count > tensor.numElements) {
      throw new RangeError(`${tensor.name}: elements ${start}+${count} of ${tensor.numElements}`);
    }
    const size = DTYPE_BYTES[tensor.dtype];
    const out = new Uint8Array(count * size);
    readFully(this.fd, out, tensor.offset + start * size, this.path, `tensor ${tensor.name}`);
    return out;
  }

  /** May be called twice. */
  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
  }
}

/**
 * Opens and checks a safetensors file.
 * @throws {ModelError} naming file, tensor and value for anything malformed; the system's error when
 *   the file cannot be opened.
 */
export function openSafetensors(path: string): SafetensorsFile {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new ModelError(`${path}: not a regular file`);
    return new SafetensorsFile(path, fd, readHeader(fd, path, stat.size));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readHeader(fd: number, path: string, fileSize: number): Map<string, SafetensorsTensor> {
  if (fileSize < 10)
    throw new ModelError(`${path}: has ${fileSize} bytes, too short for safetensors`);
  const prefix = new Uint8Array(8);
  readFully(fd, prefix, 0, path, 'header length');
  const headerBytes = new DataView(prefix.buffer).getBigUint64(0, true);
  if (headerBytes > BigInt(Math.min(MAX_HEADER_BYTES, fileSize - 8))) {
    throw new ModelError(
      `${path}: header length is ${headerBytes} in a file of ${fileSize} bytes: truncated, or not safetensors`,
    );
  }
  const header = new Uint8Array(Number(headerBytes));
  readFully(fd, header, 8, path, 'header');
  const entries = parseHeader(path, header);
  const dataStart = 8 + header.length;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, entry] of entries) {
    if (name === '__metadata__') continue;
    tensors.set(name, checkEntry(path, name, entry, dataStart, fileSize));
  }
  checkCoverage(path, [...tensors.values()], dataStart, fileSize);
  return tensors;
}

function parseHeader(path: string, bytes: Uint8Array): [string, unknown][] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ModelError(`${path}: header is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ModelError(`${path}: header is not a JSON object`);
  }
  return Object.entries(json);
}

function checkEntry(
  path: string,
  name: string,
  entry: unknown,
  dataStart: number,
  fileSize: number,
): SafetensorsTensor {
  const fail = (problem: string): never => {
    throw new ModelError(`${path}: tensor ${showValue(name)} ${problem}`);
  };
  if (typeof entry !== 'object' || entry === null) return fail('has no description');
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    return fail(`has unsupported dtype ${showValue(dtype)}`);
  }
  if (!Array.isArray(shape) || shape.length > MAX_DIMS || !shape.every(isCount)) {
    return fail(`has the impossible shape ${showValue(JSON.stringify(shape))}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(`has the impossible data_offsets ${showValue(JSON.stringify(offsets))}`);
  }
  const [begin, end] = offsets as [number, number];
  const numElements = shape.reduce((a, b) => a * b, 1);
  const byteLength = numElements * DTYPE_BYTES[dtype as SafetensorsDtype];
  if (end - begin !== byteLength) {
    return fail(
      `of shape [${shape.join(', ')}] ${dtype} needs ${byteLength} bytes; data_offsets give ${end - begin}`,
    );
  }
  if (dataStart + end > fileSize) {
    return fail(`ends at byte ${dataStart + end} but the file has ${fileSize}: it is truncated`);
  }
  const offset = dataStart + begin;
  return { name, dtype: dtype as SafetensorsDtype, shape, numElements, offset, byteLength };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The format allows neither overlaps nor holes; a hole also betrays a name that was given twice. */
function checkCoverage(
  path: string,
  tensors: SafetensorsTensor[],
  dataStart: number,
  fileSize: number,
): void {
  let position = dataStart;
  for (const tensor of tensors.toSorted(
    (a, b) => a.offset - b.offset || a.byteLength - b.byteLength,
  )) {
    if (tensor.offset !== position) {
      const what =
        tensor.offset < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw new ModelError(`${path}: tensor ${showValue(tensor.name)} ${what}`);
    }
    position += tensor.byteLength;
  }
  if (position !== fileSize) {
    throw new ModelError(
      `${path}: ${fileSize - position} bytes after the last tensor belong to none`,
    );
  }
}
