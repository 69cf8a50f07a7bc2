// One line per record: `<crc32, 8 hex> <length, hex> <JSON>\n`. Length and checksum are of the JSON's
// bytes, which hold no line feed, so that after damage reading goes on at the next line.

import { crc32 } from 'node:zlib';

const LINE_FEED = 0x0a;

export function frame(json: string): Buffer {
  const payload = Buffer.from(json);
  const head = `${hex(crc32(payload))} ${payload.length.toString(16)} `;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from('\n')]);
}

/** The payload of a line (without its line feed); undefined when it is damaged. */
export function unframe(line: Buffer): string | undefined {
  const head = /^([0-9a-f]{8}) ([0-9a-f]{1,6}) /.exec(line.toString('latin1', 0, 20));
  if (head === null) return undefined;
  const payload = line.subarray(head[0].length);
  if (payload.length !== Number.parseInt(head[2]!, 16)) return undefined;
  return hex(crc32(payload)) === head[1] ? payload.toString() : undefined;
}

/** Whole lines of a chunk that begins at a line's start, and the bytes they take. */
export function splitLines(chunk: Buffer, limit: number): { lines: Buffer[]; bytes: number } {
  const lines: Buffer[] = [];
  let start = 0;
  while (lines.length < limit) {
    const end = chunk.indexOf(LINE_FEED, start);
    if (end < 0) break;
    lines.push(chunk.subarray(start, end));
    start = end + 1;
  }
  return { lines, bytes: start };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
