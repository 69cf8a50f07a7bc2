// The journal on disk: segments of this process, being written, and of dead ones, taken over at
// start. Several processes may share the folder; each writes files named after its own lock.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { frame } from './journal-frame.js';
import { acquireLock, type JournalLock } from './journal-lock.js';
import { JournalSegment } from './journal-segment.js';
import { JournalWriter } from './journal-writer.js';
import { type Journal, type JournalBatch, JournalError } from './journal.js';
import { Quarantine } from './quarantine.js';
import type { StoreLog } from './store-log.js';
import { encodeUsage } from './usage-record.js';
import type { UsageRecord } from './types.js';

/** A segment that was read is given up from this size on; below, it goes on being written. */
const ROLL_BYTES = 4 * 1024 * 1024;

interface FileJournalOptions {
  folder: string;
  maxBytes: number;
  log: StoreLog;
}

interface Adopted {
  lock: JournalLock;
  segments: Set<JournalSegment>;
}

export class FileJournal implements Journal {
  readonly #owner = randomBytes(8).toString('hex');
  #sequence = 0;
  #writer: JournalWriter | undefined;
  #rolling: Promise<JournalWriter> | undefined;
  /** Oldest first; the last is being written when a writer is open. */
  #segments: JournalSegment[] = [];
  #adopted: Adopted[] = [];
  #bytes = 0;
  #depth = 0;
  #lock!: JournalLock;
  #quarantine!: Quarantine;

  private constructor(private readonly options: FileJournalOptions) {}

  static async open(options: FileJournalOptions): Promise<FileJournal> {
    const journal = new FileJournal(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const lock = await acquireLock(join(options.folder, `${journal.#owner}.lock`));
    if (lock === undefined)
      throw new JournalError('a fresh journal lock is held by another process');
    journal.#lock = lock;
    journal.#quarantine = await Quarantine.open(join(options.folder, 'quarantine.jsonl'));
    await journal.#adoptOrphans();
    return journal;
  }

  get depth(): number {
    return this.#depth;
  }

  get asideRecords(): { count: number; where: string } {
    const { numRecords, path } = this.#quarantine;
    return { count: numRecords, where: path };
  }

  setAside(usage: UsageRecord, reason: string): Promise<void> {
    return this.#quarantine.add(usage, reason, new Date());
  }

  async append(usage: UsageRecord): Promise<void> {
    const line = frame(encodeUsage(usage));
    const { maxBytes } = this.options;
    if (this.#bytes + line.length > maxBytes) {
      throw new JournalError(`the journal is full: ${this.#bytes} of ${maxBytes} bytes wait`);
    }
    this.#bytes += line.length;
    this.#depth += 1;
    try {
      // Without a pause between the check and the call: #retire may close the writer in one.
      const open = this.#writer?.failure === undefined ? this.#writer : undefined;
      await (open ?? (await this.#openWriter())).append(line);
    } catch (error) {
      this.#bytes -= line.length;
      this.#depth -= 1;
      const { message } = error as Error;
      throw new JournalError(`the journal cannot be written: ${message}`, { cause: error });
    }
  }

  async read(limit: number): Promise<JournalBatch | undefined> {
    for (;;) {
      this.#updateSize();
      const segment = this.#segments[0];
      if (segment === undefined) return undefined;
      if (!segment.isRead) {
        const batch = await this.#readFrom(segment, limit);
        if (batch !== undefined) return batch;
      } else if (!(await this.#retire(segment))) {
        return undefined;
      }
    }
  }

  async close(): Promise<void> {
    await this.#rolling?.catch(() => {}); // append has reported it
    await this.#writer?.close();
    this.#updateSize();
    this.#writer = undefined;
    for (let first; (first = this.#segments[0])?.isRead;) await this.#retire(first);
    // Segments that still wait stay, and the next process finds their owner gone.
    for (const { lock } of this.#adopted) await lock.release();
    await this.#lock.release();
  }

  async #openWriter(): Promise<JournalWriter> {
    this.#rolling ??= this.#roll().finally(() => (this.#rolling = undefined));
    return this.#rolling;
  }

  async #roll(): Promise<JournalWriter> {
    this.#updateSize();
    const old = this.#writer;
    this.#writer = undefined;
    await old?.close().catch(() => {}); // it failed before; its durable part is read from disk
    this.#sequence += 1;
    const number = String(this.#sequence).padStart(8, '0');
    const path = join(this.options.folder, `${this.#owner}-${number}.journal`);
    this.#writer = await JournalWriter.create(path);
    this.#segments.push(new JournalSegment(path, 0, true));
    return this.#writer;
  }

  #updateSize(): void {
    const last = this.#segments.at(-1);
    if (this.#writer !== undefined && last?.path === this.#writer.path)
      last.size = this.#writer.size;
  }

  async #readFrom(segment: JournalSegment, limit: number): Promise<JournalBatch | undefined> {
    const { records, bytes, lines } = await segment.read(limit);
    const done = async () => {
      segment.position += bytes;
      this.#bytes -= bytes;
      this.#depth = Math.max(0, this.#depth - lines);
    };
    if (records.length > 0) return { records, isOwn: segment.isOwn, done };
    await done();
    return undefined;
  }

  /** Whether the segment was given up: the one being written is kept while it is small. */
  async #retire(segment: JournalSegment): Promise<boolean> {
    if (segment.path === this.#writer?.path) {
      if (segment.size < ROLL_BYTES) return false;
      const writer = this.#writer;
      this.#writer = undefined; // the next append opens another
      await writer.close();
      segment.size = writer.size;
      if (!segment.isRead) return true; // what was under way came in; read on
    }
    this.#segments.shift();
    if (segment.numDamaged > 0) {
      const { path, numDamaged } = segment;
      this.options.log('error', 'journal lines were damaged and skipped', { path, numDamaged });
    }
    await segment.discard();
    await this.#releaseAdopted(segment);
    return true;
  }

  async #releaseAdopted(segment: JournalSegment): Promise<void> {
    for (const adopted of this.#adopted) {
      if (!adopted.segments.delete(segment) || adopted.segments.size > 0) continue;
      this.#adopted = this.#adopted.filter((other) => other !== adopted);
      await adopted.lock.release();
    }
  }

  async #adoptOrphans(): Promise<void> {
    const { folder, log } = this.options;
    const names = await readdir(folder);
    const owners = names.map((name) => /^([0-9a-f]{16})(-\d{8}\.journal|\.lock)$/.exec(name)?.[1]);
    for (const owner of new Set(owners)) {
      if (owner === undefined || owner === this.#owner) continue;
      const lock = await acquireLock(join(folder, `${owner}.lock`));
      if (lock === undefined) continue;
      const segments = await this.#segmentsOf(owner);
      if (segments.length === 0) {
        await lock.release();
        continue;
      }
      this.#segments.push(...segments);
      this.#adopted.push({ lock, segments: new Set(segments) });
      log('info', 'taking over the journal of a process that ended', { owner });
    }
  }

  async #segmentsOf(owner: string): Promise<JournalSegment[]> {
    const { folder } = this.options;
    // Listed after the lock was taken: a process that closed in between has removed its own.
    const names = await readdir(folder);
    const segments: JournalSegment[] = [];
    for (const name of names.toSorted()) {
      if (!name.startsWith(`${owner}-`) || !name.endsWith('.journal')) continue;
      const path = join(folder, name);
      const segment = new JournalSegment(path, (await stat(path)).size, false);
      this.#bytes += segment.size;
      this.#depth += await countLines(segment);
      segments.push(segment);
    }
    return segments;
  }
}

async function countLines({ path, size }: JournalSegment): Promise<number> {
  const probe = new JournalSegment(path, size, false);
  let count = 0;
  while (!probe.isRead) {
    const { bytes, lines } = await probe.read(Infinity);
    probe.position += bytes;
    count += lines;
  }
  return count;
}
