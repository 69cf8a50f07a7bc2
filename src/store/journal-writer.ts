// Appends lines to a file so that many callers share one fdatasync: while one is under way, the next
// group gathers. Knows bytes, not records.

import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

interface Waiting {
  line: Buffer;
  resolve: () => void;
  reject: (error: Error) => void;
}

export class JournalWriter {
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** Bytes that are durable. */
  size = 0;
  /** After an error nothing more is written: what the file holds past `size` is unknown. */
  failure: Error | undefined;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** The file must not exist yet. */
  static async create(path: string): Promise<JournalWriter> {
    const file = await open(path, 'wx', 0o600);
    await syncFolder(dirname(path));
    return new JournalWriter(path, file);
  }

  /** Resolves when the line is on disk, with everything before it. */
  append(line: Buffer): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.file.close();
  }

  async #flush(): Promise<void> {
    await new Promise(setImmediate); // who calls in the same turn comes along
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.concat(group.map(({ line }) => line)));
      } catch (error) {
        this.failure = error as Error;
        await this.file.truncate(this.size).catch(() => {}); // if not, the reader sees no more than size
        for (const { reject } of [...group, ...this.#waiting]) reject(this.failure);
        this.#waiting = [];
        break;
      }
      for (const { resolve } of group) resolve();
    }
    this.#flushing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const rest = bytes.length - written;
      const result = await this.file.write(bytes, written, rest, this.size + written);
      written += result.bytesWritten;
    }
    await this.file.datasync();
    this.size += bytes.length;
  }
}

/** So that the file's name survives a power cut, not only its contents. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
