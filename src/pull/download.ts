// One file from a URL to the disk: goes on where an earlier try was cut, tries again when the line is
// cut, and gives the file its name only when size and checksum are what was announced.

import { mkdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock } from '../store/journal-lock.js';
import { HEAD_BYTES } from './gguf-head.js';
import { hubGet, reasonOf, type HubAnswer } from './hub-client.js';
import { PartFile } from './part-file.js';
import { PullError, shownSize } from './pull-error.js';

export interface Download {
  url: URL;
  /** Where it goes. */
  path: string;
  /** undefined = not announced. */
  size: number | undefined;
  sha256: string | undefined;
  token: string | undefined;
  /** Called once with the first bytes, before the rest is fetched. @throws PullError */
  checkHead?: (head: Buffer) => void;
  /** What a status other than 200 and 206 means. */
  refusal: (answer: HubAnswer) => Promise<PullError>;
}

export interface DownloadEnvironment {
  signal: AbortSignal;
  /** Bytes of the file that are here, and what it will have, as far as that is known. */
  onProgress: (received: number, total: number | undefined) => void;
  /** Default: the file system's. */
  freeBytes?: (folder: string) => Promise<number>;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Tries that bring not a single byte, one after the other. */
const MAX_FRUITLESS = 5;
const FIRST_PAUSE_MS = 1000;
/** Left on the disk beside the file. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** Resolves when the file is there; it may have been there before. @throws PullError; the signal's reason */
export async function download(file: Download, environment: DownloadEnvironment): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true });
  if (await isThere(file)) return environment.onProgress(file.size ?? 0, file.size);
  const lock = await acquireLock(`${file.path}.lock`);
  if (!lock) throw new PullError('busy', `${file.path} is being pulled already`);
  try {
    const part = await PartFile.open(file.path, {
      from: file.url.origin + file.url.pathname,
      size: file.size ?? null,
      sha256: file.sha256 ?? null,
    });
    try {
      await new Downloader(file, part, environment).run();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      throw new PullError('disk', `the disk of ${dirname(file.path)} is full; ${KEPT}`, {
        cause: error,
      });
    } finally {
      await part.close();
    }
  } finally {
    await lock.release();
  }
}

const KEPT = 'free some and pull again: it goes on where it was';

async function isThere({ path, size }: Download): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return false;
  if (found.size === size) return true;
  const wanted = size === undefined ? 'another' : `one of ${size} bytes`;
  throw new PullError(
    'disk',
    `${path} is there already, with ${found.size} bytes; move it away to pull ${wanted}`,
  );
}

class Downloader {
  constructor(
    private readonly file: Download,
    private readonly part: PartFile,
    private readonly environment: DownloadEnvironment,
  ) {}

  async run(): Promise<void> {
    const { part, environment } = this;
    const { sleep = (ms, signal) => delay(ms, undefined, { signal }) } = environment;
    await this.requireSpace(this.file.size);
    let furthest = part.length;
    for (let fruitless = 0; part.length !== this.file.size;) {
      try {
        await this.fetchRest();
        if (this.file.size === undefined) break; // nothing was announced: it is whole when it ends
      } catch (error) {
        environment.signal.throwIfAborted();
        if (!(error instanceof PullError) || error.problem !== 'network') throw error;
        fruitless = part.length > furthest ? 0 : fruitless + 1;
        furthest = Math.max(furthest, part.length);
        if (fruitless >= MAX_FRUITLESS) {
          throw new PullError('network', `${error.message}; pull again to go on`, { cause: error });
        }
        await sleep(FIRST_PAUSE_MS * 2 ** fruitless, environment.signal);
      }
    }
    await this.finish();
  }

  /** From where the part ends; returns when the body has ended as it should. */
  private async fetchRest(): Promise<void> {
    const { file, part, environment } = this;
    const { signal } = environment;
    const from = part.length;
    const headers = {
      ...(from > 0 && { range: `bytes=${from}-` }),
      ...(from > 0 && part.note.etag !== null && { 'if-range': part.note.etag }),
    };
    const answer = await hubGet(file.url, { headers, token: file.token, signal });
    const { status, body, url } = answer;
    if (status !== 200 && status !== 206 && status !== 416) throw await file.refusal(answer);
    if (status === 416 || (status === 206 && startOf(answer) !== from)) {
      body.on('error', () => {}).destroy();
      await part.empty();
      throw new PullError('network', `${url.origin} cannot go on from byte ${from}`);
    }
    if (status === 200) await part.empty();
    const told = totalOf(answer, part.length);
    if (told !== undefined && told !== (file.size ?? told)) {
      body.on('error', () => {}).destroy();
      await part.discard();
      const name = basename(file.path);
      throw new PullError('corrupt', `${name} has ${told} bytes, not ${file.size} as announced`);
    }
    const total = file.size ?? told;
    if (from === 0 && file.size === undefined) await this.requireSpace(total);
    await part.remember(strongEtag(answer));
    await this.take(answer, total);
  }

  private async take({ body, url }: HubAnswer, total: number | undefined): Promise<void> {
    const { file, part, environment } = this;
    let head: Buffer | undefined = part.length === 0 ? Buffer.alloc(0) : undefined;
    const write = async (chunk: Buffer): Promise<void> => {
      const { length } = part;
      if (total !== undefined && length + chunk.length > total) {
        await part.discard();
        throw new PullError(
          'corrupt',
          `${url.origin} sends more than the ${total} bytes that ${basename(file.path)} should have`,
        );
      }
      await part.append(chunk);
      environment.onProgress(part.length, total);
    };
    const checked = async (bytes: Buffer): Promise<void> => {
      try {
        file.checkHead?.(bytes);
      } catch (error) {
        await part.discard();
        throw error;
      }
      head = undefined;
      await write(bytes);
    };
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        if (head === undefined) await write(chunk);
        else {
          head = Buffer.concat([head, chunk]);
          if (head.length >= HEAD_BYTES) await checked(head);
        }
      }
    } catch (error) {
      body.destroy();
      environment.signal.throwIfAborted();
      if (error instanceof PullError || isSystemError(error)) throw error;
      const message = `the line to ${url.origin} was cut: ${reasonOf(error)}`;
      throw new PullError('network', message, { cause: error });
    }
    if (head !== undefined) await checked(head);
    if (total !== undefined && part.length < total) {
      throw new PullError('network', `${url.origin} ended after ${part.length} of ${total} bytes`);
    }
  }

  private async finish(): Promise<void> {
    const { file, part } = this;
    const sum = part.sha256();
    if (file.sha256 !== undefined && sum !== file.sha256) {
      await part.discard();
      throw new PullError(
        'corrupt',
        `${basename(file.path)} has the SHA-256 ${sum}, not ${file.sha256} as announced; ` +
          'what was fetched is deleted, pull again',
      );
    }
    await part.finish();
  }

  private async requireSpace(total: number | undefined): Promise<void> {
    if (total === undefined) return;
    const folder = dirname(this.file.path);
    const { freeBytes = freeBytesOf } = this.environment;
    const wanted = total - this.part.length;
    const free = await freeBytes(folder);
    if (wanted + RESERVE_BYTES <= free) return;
    throw new PullError(
      'disk',
      `${basename(this.file.path)} needs ${shownSize(wanted)} more, but ${folder} has ` +
        `${shownSize(free)} free; ${KEPT}`,
    );
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Of the disk, not of the line. */
function isSystemError(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'write' || syscall === 'open' || syscall === 'ftruncate';
}

function startOf({ headers }: HubAnswer): number | undefined {
  const [, start] = /^bytes (\d+)-/.exec(String(headers['content-range'])) ?? [];
  return start === undefined ? undefined : Number(start);
}

/** Of the whole file, as this answer tells it. */
function totalOf({ status, headers }: HubAnswer, from: number): number | undefined {
  const [, total] = /\/(\d+)$/.exec(String(headers['content-range'])) ?? [];
  if (status === 206 && total !== undefined) return Number(total);
  const length = Number(headers['content-length']);
  return Number.isSafeInteger(length) ? from + length : undefined;
}

/** Weak ones say nothing about bytes. */
function strongEtag({ headers: { etag } }: HubAnswer): string | null {
  return typeof etag === 'string' && !etag.startsWith('W/') ? etag : null;
}
