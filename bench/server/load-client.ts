// A load generator on raw sockets: keep-alive connections that each send the next request when the
// reply to the last is complete. Knows just enough HTTP to see where a reply ends and how many
// server-sent events it had, so that the generator takes little of the two cores it shares.

import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface Target {
  port: number;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface LoadResult {
  seconds: number;
  replies: number;
  /** Replies whose status was not 200, and connections that broke. */
  errors: number;
  /** Server-sent events, `data:` lines. */
  events: number;
  /** Milliseconds, sorted. */
  latencies: number[];
  /** From the last byte of the request to the first of the body, milliseconds, sorted. */
  firstBytes: number[];
}

export interface LoadOptions {
  connections: number;
  /** Stops after this time, or after this many replies. */
  seconds?: number;
  replies?: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKED_END = Buffer.from('\r\n0\r\n\r\n');
const DATA_LINE = Buffer.from('data: ');

export async function load(target: Target, options: LoadOptions): Promise<LoadResult> {
  const result: LoadResult = {
    seconds: 0,
    replies: 0,
    errors: 0,
    events: 0,
    latencies: [],
    firstBytes: [],
  };
  const startedAt = performance.now();
  const deadline = startedAt + (options.seconds ?? Infinity) * 1000;
  let numLeft = options.replies ?? Infinity;
  const mayStart = () => numLeft-- > 0 && performance.now() < deadline;
  const request = requestBytes(target);
  await Promise.all(
    Array.from({ length: options.connections }, () =>
      runConnection({ port: target.port, request, mayStart, result }),
    ),
  );
  result.seconds = (performance.now() - startedAt) / 1000;
  result.latencies.sort((a, b) => a - b);
  result.firstBytes.sort((a, b) => a - b);
  return result;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function requestBytes({ port, path, headers, body }: Target): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

interface Connection {
  port: number;
  request: Buffer;
  mayStart: () => boolean;
  result: LoadResult;
}

function runConnection({ port, request, mayStart, result }: Connection): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let reply = new ReplyReader();
    let sentAt = 0;
    const next = () => {
      if (!mayStart()) return void socket.end();
      reply = new ReplyReader();
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('connect', next);
    socket.on('data', (data: Buffer) => {
      if (reply.accept(data)) result.firstBytes.push(performance.now() - sentAt);
      if (!reply.isComplete) return;
      result.latencies.push(performance.now() - sentAt);
      result.replies++;
      result.events += reply.events;
      if (reply.status !== 200) result.errors++;
      next();
    });
    socket.on('error', () => {
      result.errors++;
      socket.destroy();
    });
    socket.on('close', () => resolve());
    endEarly(socket, resolve);
  });
}

/** A server may close an idle connection first. */
function endEarly(socket: Socket, resolve: () => void): void {
  socket.on('end', () => resolve());
}

class ReplyReader {
  status = 0;
  events = 0;
  isComplete = false;
  #head = Buffer.alloc(0);
  #hasHead = false;
  #remaining: number | undefined;
  #hasBody = false;
  #tail = Buffer.alloc(0);

  /** True when this brought the first byte of the body. */
  accept(data: Buffer): boolean {
    let body = data;
    if (!this.#hasHead) {
      this.#head = Buffer.concat([this.#head, data]);
      const end = this.#head.indexOf(HEAD_END);
      if (end < 0) return false;
      this.#readHead(this.#head.subarray(0, end).toString('latin1'));
      body = this.#head.subarray(end + HEAD_END.length);
    }
    const isFirst = !this.#hasBody && body.length > 0;
    if (isFirst) this.#hasBody = true;
    if (this.#remaining !== undefined) {
      this.#remaining -= body.length;
      this.isComplete = this.#remaining <= 0;
    } else {
      this.#readChunked(body);
    }
    return isFirst;
  }

  #readHead(head: string): void {
    this.#hasHead = true;
    this.status = Number(head.slice(9, 12));
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    this.#remaining = length === undefined ? undefined : Number(length);
  }

  #readChunked(body: Buffer): void {
    // Marks may lie across two reads; the tail of the last one is seen again, but counted once.
    const window = Buffer.concat([this.#tail, body]);
    const seen = this.#tail.length - DATA_LINE.length + 1;
    for (let at = window.indexOf(DATA_LINE); at >= 0; at = window.indexOf(DATA_LINE, at + 1)) {
      if (at >= Math.max(0, seen)) this.events++;
    }
    this.isComplete = window.subarray(-CHUNKED_END.length).equals(CHUNKED_END);
    this.#tail = Buffer.from(window.subarray(-CHUNKED_END.length));
  }
}
