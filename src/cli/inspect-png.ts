// A PNG file from pixels: at most 256 colours, one image chunk (W3C PNG specification, third edition).
// Knows bytes, nothing of what they show.

import { crc32, deflateSync } from 'node:zlib';
import { indexedPixels } from './inspect-palette.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * @param pixels rows from the top, 3 bytes a pixel: red, green, blue
 * @throws RangeError when their number is not that of the size
 */
export function encodePng(width: number, height: number, pixels: Uint8Array): Buffer {
  if (width < 1 || height < 1 || pixels.length !== width * height * 3) {
    throw new RangeError(`${pixels.length} bytes for a picture of ${width} x ${height}`);
  }
  const { palette, indices } = indexedPixels(pixels);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits, palette, deflate, adaptive filters, not interlaced
  // A byte before each row names its filter: 0, none, which suits a palette.
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, type, data, and a checksum of the latter two. */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
