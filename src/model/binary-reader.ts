// A forward-only, bounds-checked reader over an untrusted file header. It owns a window of the
// file, so a header of any honest size costs little memory and a lying length fails before
// anything is allocated. It knows byte order and limits, not formats.

import { readSync } from 'node:fs';

import { ModelError } from './model-error.js';

const WINDOW_BYTES = 1 << 20;
/** Node reads no more than 2 GiB at a time. */
const MAX_READ_BYTES = 1 << 30;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export class BinaryReader {
  /** Absolute offset of the next byte. */
  offset = 0;
  private window = new Uint8Array(0);
  private view = new DataView(this.window.buffer);
  private windowStart = 0;

  constructor(
    private readonly fd: number,
    private readonly path: string,
    private readonly fileSize: number,
    /** The header may not reach past this offset. */
    private readonly maxHeaderBytes: number,
  ) {}

  /** Bytes left before the end of the file or of the allowed header, whichever is nearer. */
  get remaining(): number {
    return Math.min(this.fileSize, this.maxHeaderBytes) - this.offset;
  }

  u8(field: string): number {
    const at = this.take(1, field);
    return this.view.getUint8(at);
  }

  u32(field: string): number {
    const at = this.take(4, field);
    return this.view.getUint32(at, true);
  }

  u64(field: string): bigint {
    const at = this.take(8, field);
    return this.view.getBigUint64(at, true);
  }

  /** A u64 that must be a count or size: at most `max`. */
  count(field: string, max: number): number {
    const value = this.u64(field);
    if (value > BigInt(max)) {
      this.fail(field, `is ${value}, more than the ${max} that this file can hold or we accept`);
    }
    return Number(value);
  }

  /** A length-prefixed UTF-8 string. */
  string(field: string, maxBytes: number): string {
    const length = this.count(
      `${field} (length)`,
      Math.min(maxBytes, Math.max(0, this.remaining - 8)),
    );
    const bytes = this.bytes(length, field);
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw new ModelError(`${this.path}: ${field} is not valid UTF-8`, { cause: error });
    }
  }

  /** A fresh copy of the next `length` bytes. */
  bytes(length: number, field: string): Uint8Array {
    this.need(length, field);
    if (length <= WINDOW_BYTES) {
      const at = this.take(length, field);
      return this.window.slice(at, at + length);
    }
    const out = new Uint8Array(length);
    readFully(this.fd, out, this.offset, this.path, field);
    this.offset += length;
    return out;
  }

  fail(field: string, problem: string): never {
    throw new ModelError(`${this.path}: ${field} ${problem} (at byte ${this.offset})`);
  }

  /** Makes `length` bytes available and returns their position in the window, which it may replace. */
  private take(length: number, field: string): number {
    this.need(length, field);
    let at = this.offset - this.windowStart;
    if (at < 0 || at + length > this.window.length) {
      const size = Math.min(WINDOW_BYTES, this.fileSize - this.offset);
      if (this.window.length !== size) {
        this.window = new Uint8Array(size);
        this.view = new DataView(this.window.buffer);
      }
      readFully(this.fd, this.window, this.offset, this.path, field);
      this.windowStart = this.offset;
      at = 0;
    }
    this.offset += length;
    return at;
  }

  private need(length: number, field: string): void {
    if (length <= this.remaining) return;
    if (this.offset + length > this.fileSize) {
      this.fail(
        field,
        `needs ${length} bytes but the file ends after ${this.fileSize}: it is truncated or corrupt`,
      );
    }
    this.fail(field, `lies beyond the accepted header size of ${this.maxHeaderBytes} bytes`);
  }
}

/** Fills `target` from `position` or throws: a short read means the file is truncated. */
export function readFully(
  fd: number,
  target: Uint8Array,
  position: number,
  path: string,
  field: string,
): void {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, MAX_READ_BYTES);
    const got = readSync(fd, target, done, length, position + done);
    if (got === 0) {
      throw new ModelError(
        `${path}: ${field} ends early: ${done} of ${target.length} bytes at offset ${position}; the file is truncated`,
      );
    }
    done += got;
  }
}
