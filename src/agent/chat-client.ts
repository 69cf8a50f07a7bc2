// A client of the public chat API over fetch: one request, one stream of chunks. It knows the wire
// format and nothing of the server's insides, so it works against any DeepSeek-style endpoint.

export interface WireToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export type WireMessage =
  | { role: 'system' | 'user'; content: string }
  | {
      role: 'assistant';
      content: string;
      reasoning_content?: string;
      tool_calls?: WireToolCall[];
      /** The reply goes on where this one ends; last message only, on the beta base. */
      prefix?: true;
    }
  | { role: 'tool'; content: string; tool_call_id: string };

export interface ChatEndpoint {
  /** Without a trailing slash, e.g. http://127.0.0.1:8000 */
  baseUrl: string;
  apiKey: string;
}

export interface ChatCall {
  model: string;
  messages: readonly WireMessage[];
  tools?: readonly { type: 'function'; function: unknown }[];
  thinking: boolean;
  temperature?: number;
  maxTokens?: number;
}

/** What is known of a reply before its first byte. */
export interface ReplyHead {
  traceId: string | undefined;
  /** 1 = next; undefined where the request did not wait. */
  queuePosition: number | undefined;
}

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_cache_hit_tokens?: number;
  prompt_cache_miss_tokens?: number;
  completion_tokens_details?: { reasoning_tokens: number };
}

export type ChatDelta =
  | { type: 'reasoning'; text: string }
  | { type: 'content'; text: string }
  | { type: 'tool-call'; index: number; id?: string; name?: string; arguments: string }
  | { type: 'finish'; reason: string; usage?: WireUsage };

/** The server answered with an error, or the stream broke. */
export class ChatClientError extends Error {
  override name = 'ChatClientError';
  /** Of the refused request. */
  readonly traceId: string | undefined;
  constructor(
    message: string,
    /** HTTP status; undefined when the connection failed. */
    readonly status?: number,
    options: ErrorOptions & { traceId?: string | undefined } = {},
  ) {
    super(message, options);
    this.traceId = options.traceId;
  }
}

/** Splits a byte stream into the data of its server-sent events; comments are skipped. */
export async function* eventData(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
  }
  if (rest.startsWith('data:')) yield rest.slice(5).trim();
}

interface WireChunk {
  choices: {
    delta: {
      content?: string | null;
      reasoning_content?: string | null;
      tool_calls?: {
        index: number;
        id?: string;
        function?: { name?: string; arguments?: string };
      }[];
    };
    finish_reason: string | null;
  }[];
  usage?: WireUsage | null;
}

/**
 * Streams one answer. Throws ChatClientError for an error status, a broken stream or one that ends
 * without `[DONE]`; an abort of `signal` is thrown as fetch's AbortError.
 */
export async function* streamChat(
  endpoint: ChatEndpoint,
  call: ChatCall,
  signal: AbortSignal,
  onHead: (head: ReplyHead) => void = () => {},
): AsyncGenerator<ChatDelta> {
  const { body, headers } = await request(endpoint, call, signal);
  const position = headers.get('x-hadal-queue-position');
  onHead({
    traceId: headers.get('x-ds-trace-id') ?? undefined,
    queuePosition: position === null ? undefined : Number(position),
  });
  for await (const data of eventData(unbroken(body, signal))) {
    if (data === '[DONE]') return;
    yield* chunkDeltas(readChunk(data));
  }
  throw new ChatClientError('the stream ended before [DONE]');
}

/** The same bytes; a connection that breaks is a ChatClientError unless `signal` broke it. */
async function* unbroken(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ChatClientError(`the connection broke: ${describe(error)}`, undefined, {
      cause: error,
    });
  }
}

/** Some servers report a failure inside the stream as an error object. */
function readChunk(data: string): WireChunk {
  let chunk: Partial<WireChunk> & { error?: { message?: string } };
  try {
    chunk = JSON.parse(data) as typeof chunk;
  } catch (error) {
    throw new ChatClientError(
      `the stream holds a chunk that is not JSON: ${clip(data)}`,
      undefined,
      {
        cause: error,
      },
    );
  }
  if (chunk?.error?.message) throw new ChatClientError(chunk.error.message);
  if (!Array.isArray(chunk?.choices)) {
    throw new ChatClientError(`the stream holds a chunk without choices: ${clip(data)}`);
  }
  return chunk as WireChunk;
}

async function request(
  { baseUrl, apiKey }: ChatEndpoint,
  call: ChatCall,
  signal: AbortSignal,
): Promise<{ body: AsyncIterable<Uint8Array>; headers: Headers }> {
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({
        model: call.model,
        messages: call.messages,
        thinking: { type: call.thinking ? 'enabled' : 'disabled' },
        stream: true,
        ...(call.tools && call.tools.length > 0 ? { tools: call.tools } : {}),
        ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
        ...(call.maxTokens === undefined ? {} : { max_tokens: call.maxTokens }),
      }),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ChatClientError(`cannot reach ${baseUrl}: ${describe(error)}`, undefined, {
      cause: error,
    });
  }
  const { body, headers, status } = response;
  if (!response.ok || !body) {
    const traceId = headers.get('x-ds-trace-id') ?? undefined;
    throw new ChatClientError(errorMessage(await response.text(), status), status, { traceId });
  }
  return { body, headers };
}

const describe = (error: unknown) =>
  error instanceof Error
    ? error.cause instanceof Error
      ? error.cause.message
      : error.message
    : String(error);

function errorMessage(body: string, status: number): string {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: string } };
    if (parsed.error?.message) return parsed.error.message;
  } catch {
    // Not JSON: the body itself is the best message there is.
  }
  return `HTTP ${status}${body === '' ? '' : `: ${clip(body)}`}`;
}

function clip(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

function* chunkDeltas(chunk: WireChunk): Generator<ChatDelta> {
  const choice = chunk.choices[0];
  if (!choice) return; // a usage chunk
  const { delta } = choice;
  if (delta.reasoning_content) yield { type: 'reasoning', text: delta.reasoning_content };
  if (delta.content) yield { type: 'content', text: delta.content };
  for (const call of delta.tool_calls ?? []) {
    yield {
      type: 'tool-call',
      index: call.index,
      ...(call.id === undefined ? {} : { id: call.id }),
      ...(call.function?.name === undefined ? {} : { name: call.function.name }),
      arguments: call.function?.arguments ?? '',
    };
  }
  if (choice.finish_reason !== null) {
    yield {
      type: 'finish',
      reason: choice.finish_reason,
      ...(chunk.usage ? { usage: chunk.usage } : {}),
    };
  }
}
