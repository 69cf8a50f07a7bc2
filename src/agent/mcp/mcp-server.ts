// One MCP server as a client sees it: connected when it is first needed and again after it went away,
// with growing pauses after failures; its list of tools, kept up to date; calls with progress, time
// limits and cancellation. Knows no model and no page; the name for the model is the caller's.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ErrorCode,
  ListToolsResultSchema,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { failure, type ToolContext, type ToolOutcome } from '../tool.js';
import type { McpServerSpec } from './mcp-config.js';
import { outcomeOf } from './mcp-result.js';
import { openTransport, type OpenTransport } from './mcp-transport.js';

export interface McpTool {
  name: string;
  title: string;
  description: string;
  parameters: unknown;
  /** True unless the server promises `readOnlyHint`. */
  writes: boolean;
}

export interface McpServerOptions {
  spec: McpServerSpec;
  client: { name: string; version: string };
  now: () => number;
  limits?: Partial<McpLimits>;
}

export interface McpLimits {
  connectMs: number;
  /** Without a sign of progress. */
  callMs: number;
  /** With any. */
  callTotalMs: number;
  /** Pause after the first failure; doubles with each, up to a minute. */
  retryMs: number;
  outputCharacters: number;
}

export const MCP_LIMITS: McpLimits = {
  connectMs: 20_000,
  callMs: 60_000,
  callTotalMs: 10 * 60_000,
  retryMs: 1_000,
  outputCharacters: 100_000,
};

const MAX_RETRY_MS = 60_000;
const MAX_TOOLS = 1_000;
const MAX_PAGES = 50;
const MAX_DESCRIPTION = 8_000;
/** As the protocol has it. A tool beyond it, or with a schema as long as a book, is not offered. */
const MAX_NAME = 128;
const MAX_SCHEMA_CHARACTERS = 64 * 1024;
/** Of all descriptions and schemas of a server: far more than a prompt has room for. */
const MAX_LIST_CHARACTERS = 4 << 20;
/** Of what a server or its process says of itself. */
const MAX_WORDS = 1_000;

/** The server cannot be used now; the message says why. */
export class McpUnavailableError extends Error {
  override name = 'McpUnavailableError';
}

interface Connection {
  client: Client;
  hasTools: boolean;
}

export class McpServer {
  readonly #limits: McpLimits;
  #connecting: Promise<Connection> | undefined;
  /** Of the connection that is being made. */
  #opening: Client | undefined;
  #connection: Connection | undefined;
  /** Of the last connection that had one; stays while the server is away. */
  #tools: readonly McpTool[] | undefined;
  #failure: Error | undefined;
  #output = '';
  #numFailures = 0;
  #retryAt = 0;
  #numCalls = 0;
  #usedAt = 0;
  #isClosed = false;

  constructor(private readonly options: McpServerOptions) {
    this.#limits = { ...MCP_LIMITS, ...options.limits };
  }

  get status(): 'ready' | 'connecting' | 'failed' {
    if (this.#connection) return 'ready';
    return this.#failure && !this.#connecting ? 'failed' : 'connecting';
  }

  /** Why it failed. */
  get detail(): string | null {
    return this.status === 'failed' ? this.#failure!.message : null;
  }

  /** What its process wrote before it failed. It may hold anything, so it is for operators. */
  get output(): string | null {
    return this.status === 'failed' && this.#output !== '' ? this.#output : null;
  }

  /** As of the last connection; undefined = there was none yet. */
  get tools(): readonly McpTool[] | undefined {
    return this.#tools;
  }

  /** Connects when that is needed and due. @throws McpUnavailableError */
  async ready(): Promise<void> {
    await this.#connected();
  }

  /** Connects anew, at once. @throws McpUnavailableError */
  async reconnect(): Promise<void> {
    await this.#connecting?.catch(() => {}); // its caller is told
    await this.#drop();
    this.#retryAt = 0;
    await this.#connected();
  }

  /** Contract: never rejects; every failure is an outcome that the model can read. */
  async call(
    name: string,
    args: Record<string, unknown>,
    context: Omit<ToolContext, 'now'>,
  ): Promise<ToolOutcome> {
    try {
      return await this.#call(name, args, context);
    } catch (error) {
      await this.#considerDead(error, context.signal);
      if (!isLostSession(error)) return failure(this.#words(error));
    }
    // The server restarted and refused a session that it does not know: the call was not run.
    try {
      return await this.#call(name, args, context);
    } catch (error) {
      return failure(this.#words(error));
    }
  }

  /** Lets the connection go when nothing has used it for so long; the next use makes another. */
  async rest(idleMs: number): Promise<void> {
    const isIdle = this.#numCalls === 0 && this.options.now() - this.#usedAt >= idleMs;
    if (this.#connection && isIdle) await this.#drop();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // A server that does not answer must not hold up the end of this one.
    await this.#opening?.close().catch(() => {});
    await this.#connecting?.catch(() => {}); // nobody waits for it any more
    await this.#drop();
  }

  async #call(
    name: string,
    args: Record<string, unknown>,
    { signal, onProgress }: Omit<ToolContext, 'now'>,
  ): Promise<ToolOutcome> {
    const { client } = await this.#connected();
    const { callMs, callTotalMs, outputCharacters } = this.#limits;
    this.#numCalls++;
    // Not client.callTool, which compiles the server's output schemas.
    const request = client.request(
      { method: 'tools/call', params: { name, arguments: args } },
      CallToolResultSchema,
      {
        signal,
        timeout: callMs,
        maxTotalTimeout: callTotalMs,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress, total = null, message = null }) =>
          onProgress({ progress, total, message }),
      },
    );
    try {
      return outcomeOf(await request, outputCharacters);
    } finally {
      this.#numCalls--;
    }
  }

  async #connected(): Promise<Connection> {
    if (this.#isClosed) throw new McpUnavailableError('the connection was closed');
    this.#usedAt = this.options.now();
    if (this.#connection) return this.#connection;
    if (this.#connecting) return this.#connecting;
    const waitMs = this.#retryAt - this.options.now();
    if (this.#failure && waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new McpUnavailableError(`${this.#failure.message} (next try in ${seconds} s)`);
    }
    this.#connecting = this.#connect().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #connect(): Promise<Connection> {
    const { spec, client: info, now } = this.options;
    const client = new Client(info, { capabilities: {} });
    let open: OpenTransport | undefined;
    let isGone = false;
    const connection = { client, hasTools: false };
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK has no such method
    client.onclose = () => {
      isGone = true;
      if (this.#connection === connection) this.#connection = undefined;
    };
    this.#opening = client;
    try {
      open = openTransport(spec);
      await client.connect(open.transport, { timeout: this.#limits.connectMs });
      connection.hasTools = client.getServerCapabilities()?.tools !== undefined;
      await this.#list(connection);
      client.setNotificationHandler(ToolListChangedNotificationSchema, () =>
        // A list that cannot be read leaves the old one; its calls tell what is wrong.
        this.#list(connection).catch(() => {}),
      );
      if (isGone) throw new Error('the connection ended as soon as it was there');
      this.#connection = connection;
      this.#failure = undefined;
      this.#numFailures = 0;
      return connection;
    } catch (error) {
      this.#output = open?.stderrTail() ?? '';
      this.#failure = new McpUnavailableError(this.#words(error), { cause: error });
      const pause = Math.min(this.#limits.retryMs * 2 ** this.#numFailures++, MAX_RETRY_MS);
      this.#retryAt = now() + pause;
      await client.close().catch(() => {}); // it was not open, or is broken: nothing to add
      throw this.#failure;
    } finally {
      this.#opening = undefined;
    }
  }

  async #list({ client, hasTools }: Connection): Promise<void> {
    const tools = new Map<string, McpTool>();
    let numCharacters = 0;
    let cursor: string | undefined;
    for (let page = 0; hasTools && page < MAX_PAGES && tools.size < MAX_TOOLS; page++) {
      const params = cursor === undefined ? {} : { cursor };
      const listed = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, {
        timeout: this.#limits.connectMs,
      });
      for (const { name, title, description = '', inputSchema, annotations } of listed.tools) {
        const schemaLength = JSON.stringify(inputSchema).length;
        if (name.length > MAX_NAME || schemaLength > MAX_SCHEMA_CHARACTERS) continue;
        // Calls name the tool: two of a name are one, and it is the first.
        if (tools.has(name) || tools.size >= MAX_TOOLS) continue;
        numCharacters += schemaLength + Math.min(description.length, MAX_DESCRIPTION);
        if (numCharacters > MAX_LIST_CHARACTERS) break;
        tools.set(name, {
          name,
          title: (title ?? annotations?.title ?? name).slice(0, MAX_NAME),
          description: description.slice(0, MAX_DESCRIPTION),
          parameters: inputSchema,
          writes: annotations?.readOnlyHint !== true,
        });
      }
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    this.#tools = [...tools.values()];
  }

  /** What is no answer of the server came of the connection: the next use makes another. */
  async #considerDead(error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof McpError || error instanceof McpUnavailableError || signal.aborted) return;
    this.#failure = new McpUnavailableError(this.#words(error), { cause: error });
    this.#output = '';
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const { client } = this.#connection ?? {};
    this.#connection = undefined;
    await client?.close().catch(() => {}); // broken already, which is why it is dropped
  }

  #words(error: unknown): string {
    const words = this.#longWords(error);
    return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
  }

  #longWords(error: unknown): string {
    const { spec } = this.options;
    const where = spec.kind === 'http' ? new URL(spec.url).origin : spec.command;
    if (error instanceof McpError && error.code === Number(ErrorCode.RequestTimeout)) {
      return `${where} did not answer in time: ${error.message}`;
    }
    if (error instanceof StreamableHTTPError) {
      const hint =
        error.code === 401 || error.code === 403
          ? '; give an Authorization header that it takes'
          : '';
      return `${where} answered ${error.code ?? 'with an error'}${hint}: ${error.message}`;
    }
    if (error instanceof McpUnavailableError) return error.message;
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    return `${where}: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`;
  }
}

/** 404 says the protocol; many servers say 400. */
function isLostSession(error: unknown): boolean {
  return error instanceof StreamableHTTPError && (error.code === 404 || error.code === 400);
}
