// Usage records that the database refuses for what they are, while it takes others: set aside for a
// person, so that one of them does not hold up all that come after. A file of JSON lines beside the
// journal's segments, shared by the processes of a folder; nothing is ever removed from it here.

import { open, readFile } from 'node:fs/promises';
import { encodeUsage } from './usage-record.js';
import type { UsageRecord } from './types.js';

export class Quarantine {
  private constructor(
    readonly path: string,
    /** Of earlier processes too, until somebody moves the file away before a start. */
    public numRecords: number,
  ) {}

  static async open(path: string): Promise<Quarantine> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return new Quarantine(path, text.split('\n').length - 1);
  }

  /**
   * Durable when it resolves. After a crash in the next moment the record is there twice, with one
   * request id.
   */
  async add(usage: UsageRecord, reason: string, at: Date): Promise<void> {
    const record: unknown = JSON.parse(encodeUsage(usage));
    const line = `${JSON.stringify({ at: at.toISOString(), reason, usage: record })}\n`;
    const file = await open(this.path, 'a', 0o600);
    try {
      await file.appendFile(line); // one write: lines of several processes do not mix
      await file.datasync();
    } finally {
      await file.close();
    }
    this.numRecords += 1;
  }
}
