// A file mapped into memory, so that weights are used where the page cache has them: loading copies
// nothing, processes share the pages, and the system may take them back at any time. POSIX only.
// Contract: the mapping outlives its own handle while allocations count themselves as users. A file
// that is shortened meanwhile ends this process with SIGBUS; the engine's supervisor starts another.

import { fstatSync } from 'node:fs';

import type { MappedFile } from '../types.js';
import type { Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import { libcFunction } from './native-symbols.js';

/** sys/mman.h; these are the same on Linux and macOS. */
const PROT_READ = 1;
const MAP_SHARED = 1;
const MADV_WILLNEED = 3;
const MADV_DONTNEED = 4;
/** Linux only. */
const MADV_HUGEPAGE = 14;
const HUGE_PAGE_BYTES = 2 ** 21;
const MAP_FAILED = 2n ** 64n - 1n;

/** Smallest and largest page of the systems at hand: touching too often is harmless, and advice must
 *  start on a page boundary. */
const MIN_PAGE_BYTES = 4096;
const MAX_PAGE_BYTES = 65_536;

interface MemoryFunctions {
  mmap: (
    at: null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => Pointer | null;
  munmap: (at: Pointer, length: number) => number;
  madvise: (at: Pointer, length: number, advice: number) => number;
}

let functions: MemoryFunctions | undefined;

function memory(): MemoryFunctions {
  functions ??= {
    mmap: libcFunction(
      'void *mmap(void *at, size_t length, int prot, int flags, int fd, int64_t offset)',
    ),
    munmap: libcFunction('int munmap(void *at, size_t length)'),
    madvise: libcFunction('int madvise(void *at, size_t length, int advice)'),
  };
  return functions;
}

/** off_t has 64 bits there, and Windows has other functions for the same. */
const IS_SUPPORTED =
  process.platform !== 'win32' && !['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch);

/** null where that is not possible, or when the file is not `byteLength` long any more. */
export function mapFile(fd: number, byteLength: number): GgmlMappedFile | null {
  if (!IS_SUPPORTED || byteLength === 0) return null;
  const address = memory().mmap(null, byteLength, PROT_READ, MAP_SHARED, fd, 0);
  if (address === null || BigInt.asUintN(64, address) === MAP_FAILED) return null;
  const file = new GgmlMappedFile(address, byteLength);
  // Pages beyond the end of a file cannot be read: whoever shortened it since did so before this.
  if (fstatSync(fd).size === byteLength) return file;
  file.dispose();
  return null;
}

/** Asks for large pages under memory that nobody has touched yet: products read weights in one go, and
 *  small pages cost a look-up for each 4 KiB of them. A wish; where it is refused nothing changes. */
export function preferHugePages(address: Pointer, byteLength: number): void {
  if (process.platform !== 'linux') return;
  const size = BigInt(HUGE_PAGE_BYTES);
  const start = ((address + size - 1n) / size) * size;
  const end = ((address + BigInt(byteLength)) / size) * size;
  if (end > start) memory().madvise(start, Number(end - start), MADV_HUGEPAGE);
}

export class GgmlMappedFile implements MappedFile {
  readonly byteLength: number;
  /** Start of the file in memory, on a page boundary. */
  readonly address: Pointer;
  #numUsers = 1;
  #disposed = false;

  constructor(address: Pointer, byteLength: number) {
    this.address = address;
    this.byteLength = byteLength;
  }

  bytes(byteOffset: number, byteLength: number): Uint8Array {
    this.#assertRange(byteOffset, byteLength);
    return new Uint8Array(ffi().view(this.address + BigInt(byteOffset), byteLength));
  }

  prefetch(byteOffset: number, byteLength: number): void {
    this.#assertRange(byteOffset, byteLength);
    this.#advise(byteOffset, byteLength, MADV_WILLNEED);
    // The advice only begins to read; touching waits for it and enters the pages into our tables.
    const bytes = this.bytes(byteOffset, byteLength);
    let sum = 0;
    for (let at = 0; at < byteLength; at += MIN_PAGE_BYTES) sum += bytes[at]!;
    // Never so; keeps the reads from being optimised away.
    if (sum < 0) throw new Error('a sum of bytes is negative');
  }

  release(byteOffset: number, byteLength: number): void {
    this.#assertRange(byteOffset, byteLength);
    this.#advise(byteOffset, byteLength, MADV_DONTNEED);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.removeUser();
  }

  /** An allocation has tensors in it until it calls removeUser. */
  addUser(): void {
    this.#numUsers++;
  }

  removeUser(): void {
    if (--this.#numUsers > 0) return;
    memory().munmap(this.address, this.byteLength);
  }

  /** For the pages that lie wholly within the range; advice that the system refuses changes nothing. */
  #advise(byteOffset: number, byteLength: number, advice: number): void {
    const start = Math.ceil(byteOffset / MAX_PAGE_BYTES) * MAX_PAGE_BYTES;
    const end = Math.floor((byteOffset + byteLength) / MAX_PAGE_BYTES) * MAX_PAGE_BYTES;
    if (end > start) memory().madvise(this.address + BigInt(start), end - start, advice);
  }

  #assertRange(byteOffset: number, byteLength: number): void {
    if (this.#numUsers === 0) throw new Error('the mapped file has been disposed');
    const isValid = byteOffset >= 0 && byteLength >= 0 && Number.isInteger(byteOffset);
    if (isValid && byteOffset + byteLength <= this.byteLength) return;
    const range = `bytes ${byteOffset}..${byteOffset + byteLength}`;
    throw new RangeError(`${range} of a mapped file of ${this.byteLength}`);
  }
}
