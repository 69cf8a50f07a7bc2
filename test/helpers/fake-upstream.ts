// Engines that other people run, as far as our upstream backend sees them: a real HTTP server in the
// dialect of vLLM, SGLang or llama.cpp server, which "generates" prepared tokens and fails on demand.
// Shapes: docs/sources.md, "Upstream engines".

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Tokenizer } from '../../src/encoding/tokenizer.js';

export type Dialect = 'vllm' | 'sglang' | 'llama.cpp';

/** What the next completion request meets instead of a reply, or on the way. */
export type Fault =
  | {
      type: 'status';
      status: number;
      body?: unknown;
      headers?: Record<string, string>;
      /** The body never ends. */
      hangs?: boolean;
    }
  /** The connection dies before anything is sent. */
  | { type: 'die' }
  /** Headers, then the connection ends. */
  | { type: 'empty' }
  /** Dies after so many tokens. */
  | { type: 'cut'; after: number }
  /** The stream ends politely, but half-way. */
  | { type: 'end'; after: number }
  /** Nothing more comes after so many tokens; 0 with `headers: false`: not even headers. */
  | { type: 'silence'; after: number; headers?: boolean }
  /** These bytes instead of the rest, after so many tokens. */
  | { type: 'raw'; after: number; bytes: string; contentType?: string };

export interface FakeUpstreamOptions {
  dialect: Dialect;
  tokenizer: Tokenizer;
  /** Tokens it "samples"; the model's EOS comes after them. */
  reply: readonly number[];
  contextLength?: number;
  model?: string;
  /** Refuses requests that carry any of these, as a strict server would. */
  refusedFields?: readonly string[];
  refusesTokenPrompts?: boolean;
  /** Bytes per write: 1 = every byte on its own. */
  writeSize?: number;
  /** The usage chunk comes this many times. */
  usageChunks?: number;
  cachedTokens?: number;
  /** An older version: no `return_token_ids`. */
  noTokenIds?: boolean;
  apiKey?: string;
  /** Of `/tokenize`; default: its tokenizer. */
  tokenize?: (text: string) => number[];
}

export interface FakeUpstream {
  url: string;
  options: FakeUpstreamOptions;
  /** Bodies of completion requests, in order. */
  asked: Record<string, unknown>[];
  /** One for each completion request to come. */
  faults: Fault[];
  isHealthy: boolean;
  /** Resolves when a client has left a running completion. */
  cancelled: Promise<void>;
  stop(): Promise<void>;
}

/** Listens on a free port until the test ends. */
export async function fakeUpstream(
  t: TestContext,
  options: FakeUpstreamOptions,
): Promise<FakeUpstream> {
  let onCancel: () => void = () => {};
  const cancelled = new Promise<void>((resolve) => (onCancel = resolve));
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (options.apiKey && request.headers.authorization !== `Bearer ${options.apiKey}`) {
        const message = `invalid key ${request.headers.authorization}`;
        return request.url === '/health'
          ? sendJson(response, 200, {})
          : sendJson(response, 401, { error: { message } });
      }
      route(fake, request.url ?? '', body, response, onCancel);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  t.after(stop);
  const fake: FakeUpstream = {
    url: `http://127.0.0.1:${port}`,
    options,
    asked: [],
    faults: [],
    isHealthy: true,
    cancelled,
    stop,
  };
  return fake;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const OWNERS = { vllm: 'vllm', sglang: 'sglang', 'llama.cpp': 'llamacpp' };

function route(
  fake: FakeUpstream,
  url: string,
  body: Record<string, unknown>,
  response: ServerResponse,
  onCancel: () => void,
): void {
  const { dialect, tokenizer, model = 'deepseek-v3.2', contextLength = 4096 } = fake.options;
  switch (url) {
    case '/health':
      if (fake.isHealthy) return sendJson(response, 200, { status: 'ok' });
      return sendJson(response, 503, { error: { message: 'Loading model' } });
    case '/v1/models': {
      const limit = dialect === 'llama.cpp' ? {} : { max_model_len: contextLength };
      return sendJson(response, 200, {
        data: [{ id: model, owned_by: OWNERS[dialect], ...limit }],
      });
    }
    case '/props':
      if (dialect !== 'llama.cpp') break;
      return sendJson(response, 200, { default_generation_settings: { n_ctx: contextLength } });
    case '/tokenize': {
      const text = String(body.content ?? body.prompt);
      const tokens = fake.options.tokenize?.(text) ?? [
        ...tokenizer.encode(text, { special: false }),
      ];
      return sendJson(response, 200, { tokens });
    }
    case '/v1/completions':
      return complete(fake, body, response, onCancel);
  }
  return sendJson(response, 404, { detail: 'Not Found' });
}

function complete(
  fake: FakeUpstream,
  body: Record<string, unknown>,
  response: ServerResponse,
  onCancel: () => void,
): void {
  fake.asked.push(body);
  const { refusedFields = [], refusesTokenPrompts = false } = fake.options;
  const refused = refusedFields.find((field) => field in body);
  if (refused) return sendJson(response, 400, { error: { message: `Unknown field ${refused}` } });
  if (refusesTokenPrompts && Array.isArray(body.prompt)) {
    return sendJson(response, 422, { detail: 'prompt must be a string' });
  }
  response.on('close', () => {
    if (!response.writableFinished) onCancel();
  });
  const fault = fake.faults.shift();
  if (fault?.type === 'die') return void response.destroy();
  if (fault?.type === 'status') {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    response.write(JSON.stringify(fault.body ?? { error: { message: 'try later' } }));
    return fault.hangs ? undefined : void response.end();
  }
  if (fault?.type === 'silence' && fault.headers === false) return;
  response.writeHead(200, {
    'content-type': (fault?.type === 'raw' && fault.contentType) || 'text/event-stream',
  });
  response.flushHeaders();
  if (fault?.type === 'empty') return void response.end();
  const events = eventsOf(fake.options, body);
  if (!fault) return void write(response, events.join(''), fake.options.writeSize);
  const sent = events.slice(0, fault.after).join('');
  if (fault.type === 'raw') return void write(response, sent + fault.bytes, undefined);
  response.write(sent === '' ? ': waiting\n\n' : sent, () => {
    if (fault.type === 'cut') response.destroy();
    if (fault.type === 'end') response.end();
  });
}

/** In pieces, so that events, lines and characters are cut wherever that falls. */
function write(response: ServerResponse, text: string, size = Infinity): void {
  const bytes = Buffer.from(text);
  let at = 0;
  const next = (): void => {
    const piece = bytes.subarray(at, Math.min(at + size, bytes.length));
    at += piece.length;
    if (at < bytes.length) response.write(piece, () => setImmediate(next));
    else response.end(piece);
  };
  next();
}

/** One event per token, then how it ended, then the counts. */
function eventsOf(options: FakeUpstreamOptions, body: Record<string, unknown>): string[] {
  const { tokenizer, dialect, usageChunks = 1, cachedTokens = 0 } = options;
  const isLlama = dialect === 'llama.cpp';
  const stopTokens = (body.stop_token_ids as number[] | undefined) ?? [];
  const stops = (body.stop as string[] | undefined) ?? [];
  const text = visibleText(options, body);
  const withIds = !isLlama && !options.noTokenIds && body.return_token_ids === true;
  const events: object[] = [];
  let finish = 'stop';
  let stopReason: number | string | null = null;
  let count = 0;
  for (const token of [...options.reply, tokenizer.eosId]) {
    const isEos = token === tokenizer.eosId;
    const stopped = stops.find((stop) => text.wouldContain(token, stop));
    const isLast = isEos || stopTokens.includes(token) || stopped !== undefined;
    count++;
    const isFull = count >= (body.max_tokens as number);
    if (isLast) stopReason = stopped ?? (isEos ? null : token);
    else if (isFull) finish = 'length';
    const delta = isLast && stopped === undefined ? '' : text.add(token);
    events.push({
      index: 0,
      text: delta,
      logprobs: body.logprobs === undefined ? null : logprobsOf(options, token),
      finish_reason: (isLast || isFull) && !isLlama ? finish : null,
      ...(withIds && { token_ids: [token] }),
      ...((isLast || isFull) && dialect === 'vllm' && { stop_reason: stopReason }),
      ...((isLast || isFull) && dialect === 'sglang' && { matched_stop: stopReason }),
    });
    if (isLast || isFull) break;
  }
  const promptTokens = Array.isArray(body.prompt) ? body.prompt.length : 0;
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: count,
    ...(!isLlama && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  };
  const data = events.map((choice) => ({ choices: [choice] }) as Record<string, unknown>);
  if (isLlama) {
    const progress = { total: promptTokens, cache: cachedTokens, processed: promptTokens };
    if (body.return_progress) data.unshift({ choices: [], prompt_progress: progress });
    const last = { index: 0, text: '', logprobs: null, finish_reason: finish };
    data.push({ choices: [last], usage, timings: { cache_n: cachedTokens } });
  } else {
    for (let i = 0; i < usageChunks; i++) data.push({ choices: [], usage });
  }
  return [...data.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'];
}

/** Text of the tokens so far: whole characters only, control tokens where they are asked for. */
function visibleText({ tokenizer, dialect }: FakeUpstreamOptions, body: Record<string, unknown>) {
  const preserved = (body.preserved_tokens as string[] | undefined) ?? [];
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  let all = '';
  const isShown = (token: number) =>
    !tokenizer.isControl(token) ||
    (dialect === 'llama.cpp'
      ? preserved.includes(tokenizer.decode([token]))
      : body.skip_special_tokens === false);
  return {
    add(token: number): string {
      const delta = isShown(token)
        ? utf8.decode(tokenizer.tokenBytes(token), { stream: true })
        : '';
      all += delta;
      return delta;
    },
    wouldContain(token: number, stop: string): boolean {
      return isShown(token) && (all + tokenizer.decode([token])).includes(stop);
    },
  };
}

function logprobsOf({ tokenizer, dialect }: FakeUpstreamOptions, token: number): object {
  const other = (token + 1) % tokenizer.vocabSize;
  if (dialect === 'llama.cpp') {
    const top = [token, other].map((id, i) => ({ id, token: '', logprob: -0.25 - i, bytes: [] }));
    return { content: [{ ...top[0], top_logprobs: top }] };
  }
  const name = (id: number) => (dialect === 'vllm' ? `token_id:${id}` : tokenizer.decode([id]));
  return {
    tokens: [name(token)],
    token_logprobs: [-0.25],
    top_logprobs: [{ [name(token)]: -0.25, [name(other)]: -1.25 }],
    text_offset: [0],
  };
}
