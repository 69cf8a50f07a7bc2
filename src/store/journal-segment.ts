// One file of the journal as it is read: whole lines up to where it is durable. A torn tail, as
// kill -9 leaves it, was never acknowledged and is passed over; damage before good lines is counted.

import { open, rename, rm } from 'node:fs/promises';
import { splitLines, unframe } from './journal-frame.js';
import { decodeUsage } from './usage-record.js';
import type { UsageRecord } from './types.js';

const CHUNK_BYTES = 128 * 1024;

export class JournalSegment {
  /** Bytes that are in the ledger. */
  position = 0;
  /** Damaged lines after the last good one: a torn tail, if no good line follows. */
  #suspicious = 0;
  numDamaged = 0;

  constructor(
    readonly path: string,
    /** Bytes that are durable; grows while it is written. */
    public size: number,
    readonly isOwn: boolean,
  ) {}

  get isRead(): boolean {
    return this.position >= this.size;
  }

  /** Records from `position` on, and how many bytes and lines they took. */
  async read(limit: number): Promise<{ records: UsageRecord[]; bytes: number; lines: number }> {
    const chunk = await this.#chunk();
    const { lines, bytes } = splitLines(chunk, limit);
    if (bytes === 0) {
      // A tail without a line feed, or a line longer than any record: nothing to be had from it.
      this.#suspicious += 1;
      return { records: [], bytes: chunk.length, lines: 0 };
    }
    const records: UsageRecord[] = [];
    for (const line of lines) {
      const json = unframe(line);
      const usage = json === undefined ? undefined : decodeUsage(json);
      if (usage === undefined) {
        this.#suspicious += 1;
      } else {
        this.numDamaged += this.#suspicious;
        this.#suspicious = 0;
        records.push(usage);
      }
    }
    return { records, bytes, lines: lines.length };
  }

  /** A damaged one is kept aside for a person to look at. */
  async discard(): Promise<void> {
    if (this.numDamaged === 0) await rm(this.path, { force: true });
    else await rename(this.path, this.path.replace(/\.journal$/, '.damaged'));
  }

  async #chunk(): Promise<Buffer> {
    const file = await open(this.path, 'r');
    try {
      const length = Math.min(CHUNK_BYTES, this.size - this.position);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, this.position);
      // Shorter than it was: somebody cut it. What is gone is gone.
      if (bytesRead < length) this.size = this.position + bytesRead;
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}
