// A file that is being downloaded: `<name>.part` and a note of what it is a part of, so that another
// process goes on where this one was cut. Takes its name only when it is whole.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';

/** What a part is a part of; another one makes it worthless. */
export interface PartNote {
  /** Without what changes from day to day, such as signatures. */
  from: string;
  size: number | null;
  sha256: string | null;
  /** Of the server's last answer; null = none, or a weak one. */
  etag: string | null;
}

export class PartFile {
  #file: FileHandle | undefined;
  #hash: Hash = createHash('sha256');
  #length = 0;

  private constructor(
    readonly path: string,
    readonly note: PartNote,
  ) {}

  /** With what is there of the same thing; anything else is thrown away. */
  static async open(path: string, note: Omit<PartNote, 'etag'>): Promise<PartFile> {
    const part = new PartFile(path, { ...note, etag: null });
    const known = await readNote(part.#notePath);
    const isSame =
      known?.from === note.from && known.size === note.size && known.sha256 === note.sha256;
    if (isSame) {
      part.note.etag = known.etag;
      await part.#readWhatIsThere();
    }
    // To append: what is written after the file was emptied goes to its beginning.
    part.#file = await open(part.#partPath, 'a');
    if (part.#length === 0) await part.empty();
    return part;
  }

  get length(): number {
    return this.#length;
  }

  get #partPath(): string {
    return `${this.path}.part`;
  }

  get #notePath(): string {
    return `${this.path}.part.json`;
  }

  async #readWhatIsThere(): Promise<void> {
    const { size } = (await stat(this.#partPath).catch(() => undefined)) ?? { size: 0 };
    if (size === 0 || (this.note.size !== null && size > this.note.size)) return;
    for await (const chunk of createReadStream(this.#partPath) as AsyncIterable<Buffer>) {
      this.#hash.update(chunk);
      this.#length += chunk.length;
    }
  }

  /** Written before the bytes that it tells of. */
  async remember(etag: string | null): Promise<void> {
    this.note.etag = etag;
    await writeFile(this.#notePath, JSON.stringify(this.note));
  }

  async append(chunk: Buffer): Promise<void> {
    await this.#file!.appendFile(chunk);
    this.#hash.update(chunk);
    this.#length += chunk.length;
  }

  /** Begins again from nothing. */
  async empty(): Promise<void> {
    await this.#file!.truncate(0);
    this.#hash = createHash('sha256');
    this.#length = 0;
  }

  /** Hex, of all that is there. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Whole: takes its name. */
  async finish(): Promise<void> {
    await this.#file!.sync();
    await this.close();
    await rename(this.#partPath, this.path);
    await rm(this.#notePath, { force: true });
  }

  /** Of no use. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.#partPath, { force: true });
    await rm(this.#notePath, { force: true });
  }

  /** Leaves what is there for the next try. May be called twice. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

async function readNote(path: string): Promise<PartNote | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PartNote;
  } catch (error) {
    // None, or cut in the middle: the part is begun again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}
