// One request of the playground and what came back: bytes as they came, frames of a stream with their
// times. Sent with the session of the page, to this server only. Kept in memory until the page is left.

import { batch, signal, type Signal } from '@preact/signals';
import { messageOf, send } from '../api/http.js';
import { StreamFrames, type StreamFrame } from '../lib/stream-frames.js';

export interface PlaygroundRequest {
  endpoint: string;
  method: 'GET' | 'POST';
  path: string;
  /** As it is sent, whether it is JSON or not. */
  body: string | undefined;
}

export interface TimedFrame extends StreamFrame {
  /** After the request was sent. */
  atMs: number;
}

export interface Exchange {
  id: number;
  request: PlaygroundRequest;
  sentAt: number;
  state: 'waiting' | 'reading' | 'done' | 'aborted' | 'failed';
  status: number | undefined;
  headers: readonly (readonly [name: string, value: string])[];
  /** Until the head of the response, and until its first byte; all from the sending. */
  headMs: number | undefined;
  firstByteMs: number | undefined;
  totalMs: number | undefined;
  raw: string;
  /** Bytes that came, also those beyond what is kept of `raw`. */
  bytes: number;
  frames: TimedFrame[];
  /** A stream's text that belongs to no whole frame: it was cut. */
  rest: string;
  /** Why nothing, or not all, came. */
  problem: string | undefined;
  abort: () => void;
  /** Read it to be drawn again when something of the above has changed. */
  version: Signal<number>;
}

const MAX_KEPT = 30;
const MAX_RAW = 4 * 1024 * 1024;
const MAX_FRAMES = 100_000;

/** Newest first. */
export const exchanges = signal<readonly Exchange[]>([]);
/** Which one is looked at. */
export const shownExchange = signal<Exchange | undefined>(undefined);

let nextId = 1;

export function startExchange(request: PlaygroundRequest): Exchange {
  const controller = new AbortController();
  const exchange: Exchange = {
    id: nextId++,
    request,
    sentAt: Date.now(),
    state: 'waiting',
    status: undefined,
    headers: [],
    headMs: undefined,
    firstByteMs: undefined,
    totalMs: undefined,
    raw: '',
    bytes: 0,
    frames: [],
    rest: '',
    problem: undefined,
    abort: () => controller.abort(),
    version: signal(0),
  };
  batch(() => {
    exchanges.value = [exchange, ...exchanges.value].slice(0, MAX_KEPT);
    shownExchange.value = exchange;
  });
  void run(exchange, controller.signal);
  return exchange;
}

async function run(exchange: Exchange, aborted: AbortSignal): Promise<void> {
  const { method, path, body } = exchange.request;
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  try {
    const response = await sendRaw(path, { method, body, signal: aborted });
    exchange.headMs = elapsed();
    exchange.status = response.status;
    exchange.headers = [...response.headers];
    exchange.state = 'reading';
    changed(exchange);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    await read(exchange, response, { elapsed, frames: isStream ? new StreamFrames() : undefined });
    exchange.state = 'done';
  } catch (error) {
    exchange.state = aborted.aborted ? 'aborted' : 'failed';
    if (!aborted.aborted) exchange.problem = messageOf(error);
  }
  exchange.totalMs = elapsed();
  changed(exchange);
}

/** `send` makes JSON of its body; here the text itself is sent, right or wrong. */
function sendRaw(
  path: string,
  {
    method,
    body,
    signal: aborted,
  }: { method: 'GET' | 'POST'; body: string | undefined; signal: AbortSignal },
): Promise<Response> {
  if (body === undefined) return send(path, { method, signal: aborted });
  return fetch(path, {
    method,
    headers: { 'x-hadal-web': '1', 'content-type': 'application/json' },
    body,
    signal: aborted,
  });
}

async function read(
  exchange: Exchange,
  response: Response,
  { elapsed, frames }: { elapsed: () => number; frames: StreamFrames | undefined },
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  for (;;) {
    const { value, done } = await reader.read();
    const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
    const atMs = elapsed();
    if (value) exchange.firstByteMs ??= atMs;
    exchange.bytes += value?.length ?? 0;
    if (exchange.raw.length < MAX_RAW) exchange.raw += text;
    for (const frame of frames?.push(text) ?? []) {
      if (exchange.frames.length < MAX_FRAMES) exchange.frames.push({ ...frame, atMs });
    }
    if (done) break;
    changedSoon(exchange);
  }
  exchange.rest = frames?.rest ?? '';
}

function changed(exchange: Exchange): void {
  exchange.version.value += 1;
}

const waiting = new Set<Exchange>();

/** Once per drawn picture, however many pieces come. */
function changedSoon(exchange: Exchange): void {
  if (waiting.has(exchange)) return;
  waiting.add(exchange);
  requestAnimationFrame(() => {
    waiting.delete(exchange);
    changed(exchange);
  });
}
