// The bytes of one block on disk: a header of 64 bytes, then the rows. Everything that can be wrong
// with a file (another version, another block, cut short, flipped bits) is found here, before a byte
// of it reaches a cache. Knows no paths and reads nothing.
//
//   0  8 bytes  magic            48  u32  tokens in the block
//   8  u32      format version   52  u32  bytes of rows
//  12  u32      header bytes     56  u32  CRC-32 of the rows
//  16  32 bytes key              60  u32  CRC-32 of the 60 bytes before
//
// All numbers little-endian. The key covers model, tenant and tokens (block-chain.ts).

import { crc32 } from 'node:zlib';
import { BLOCK_TOKENS } from './block-chain.js';

const MAGIC = Buffer.from('HADALKV\n', 'latin1');
const VERSION = 1;
export const HEADER_BYTES = 64;

/** A file that is no valid block; `message` says what is wrong with it. */
export class BlockFileError extends Error {
  override name = 'BlockFileError';
}

/** @param key 64 hexadecimal digits */
export function blockHeader(key: string, rows: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.write(key, 16, 'hex');
  header.writeUInt32LE(BLOCK_TOKENS, 48);
  header.writeUInt32LE(rows.byteLength, 52);
  header.writeUInt32LE(crc32(rows), 56);
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60);
  return header;
}

/** The rows of a file's bytes. @throws BlockFileError */
export function rowsOfFile(file: Buffer, key: string, rowsBytes: number): Uint8Array {
  requireThat(file.length >= HEADER_BYTES, `it has ${file.length} bytes, less than a header`);
  requireThat(MAGIC.equals(file.subarray(0, 8)), 'it does not begin as one');
  const version = file.readUInt32LE(8);
  requireThat(version === VERSION, `its version is ${version}; this program reads ${VERSION}`);
  const header = file.subarray(0, 60);
  requireThat(file.readUInt32LE(60) === crc32(header), 'the checksum of its header is wrong');
  requireThat(file.readUInt32LE(12) === HEADER_BYTES, 'its header has another size');
  requireThat(file.toString('hex', 16, 48) === key, 'it holds another block than its name says');
  requireThat(file.readUInt32LE(48) === BLOCK_TOKENS, 'it holds another number of tokens');
  const found = file.readUInt32LE(52);
  requireThat(found === rowsBytes, `its rows have ${found} bytes; the model's have ${rowsBytes}`);
  const rows = file.subarray(HEADER_BYTES);
  requireThat(rows.length === rowsBytes, `${rows.length} of ${rowsBytes} bytes are there`);
  requireThat(file.readUInt32LE(56) === crc32(rows), 'the checksum of its rows is wrong');
  return rows;
}

function requireThat(condition: boolean, problem: string): void {
  if (!condition) throw new BlockFileError(problem);
}
