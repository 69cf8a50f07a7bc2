// The journal beside a database in memory: nothing is written to disk, and nothing has to outlive
// the process.

import { type Journal, type JournalBatch, JournalError } from './journal.js';
import { encodeUsage } from './usage-record.js';
import type { UsageRecord } from './types.js';

export class MemoryJournal implements Journal {
  #records: UsageRecord[] = [];
  #bytes = 0;
  readonly asideRecords = { count: 0, where: 'the log' };

  constructor(private readonly maxBytes: number) {}

  get depth(): number {
    return this.#records.length;
  }

  async append(usage: UsageRecord): Promise<void> {
    const bytes = encodeUsage(usage).length;
    if (this.#bytes + bytes > this.maxBytes) {
      throw new JournalError(`the journal is full: ${this.#bytes} of ${this.maxBytes} bytes`);
    }
    this.#bytes += bytes;
    this.#records.push(structuredClone(usage));
  }

  async read(limit: number): Promise<JournalBatch | undefined> {
    const records = this.#records.slice(0, limit);
    if (records.length === 0) return undefined;
    return {
      records,
      isOwn: true,
      done: async () => {
        this.#records = this.#records.slice(records.length);
        for (const record of records) this.#bytes -= encodeUsage(record).length;
      },
    };
  }

  /** Whoever calls has logged it, and more does not outlive the process. */
  async setAside(): Promise<void> {
    this.asideRecords.count += 1;
  }

  async close(): Promise<void> {}
}
