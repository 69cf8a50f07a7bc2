// All tools that a key's conversations can be offered: the built-in ones, the MCP servers of the server's
// own configuration, and those the key's owner added. Owns their connections. Which of them a
// conversation uses is in its settings.

import type { McpServerSpec } from '../../agent/mcp/mcp-config.js';
import { McpUnavailableError } from '../../agent/mcp/mcp-server.js';
import { modelToolNames } from '../../agent/mcp/tool-names.js';
import type { ToolServerRecord, ToolServers } from '../../store/tool-servers.js';
import { WebError } from '../web-error.js';
import type { ToolServer } from '../wire.js';
import { BuiltinSource, PROGRAMS_ID } from './builtin-source.js';
import { McpSource } from './mcp-source.js';
import type { OfferedTool } from './offered-tool.js';

export interface ToolRegistryOptions {
  store: ToolServers;
  configured: ReadonlyMap<string, McpServerSpec>;
  version: string;
  now: () => number;
}

/** Who asks; operators are told more, and may do more. */
export interface ToolsCaller {
  keyId: string;
  isOperator: boolean;
}

/** How long a list waits for servers that are being connected. */
const LIST_MS = 2_000;
/** Connections that nobody used for so long are let go. */
const IDLE_MS = 30 * 60_000;

export class ToolRegistry {
  readonly #builtin = new BuiltinSource();
  readonly #configured: readonly McpSource[];
  /** By key, then by id. */
  readonly #added = new Map<string, Map<string, McpSource>>();
  #isClosed = false;

  constructor(private readonly options: ToolRegistryOptions) {
    this.#configured = [...options.configured].map(([name, spec]) =>
      this.#source({ id: `config-${name}`, name, spec, isRemovable: false }),
    );
  }

  /** Servers that do not connect soon are told as `connecting`. @throws PlatformUnavailableError */
  async list({ keyId, isOperator }: ToolsCaller): Promise<ToolServer[]> {
    const records = await this.options.store.list(keyId);
    const sources = this.#sourcesOf(keyId, records);
    // Why one failed is in its description.
    const connecting = Promise.allSettled(sources.map(({ server }) => server.ready()));
    const [builtin] = await Promise.all([
      this.#builtin.tools({ withPrograms: true }),
      Promise.race([connecting, pause(LIST_MS)]),
    ]);
    const own: ToolServer = {
      id: 'builtin',
      name: 'Hadal',
      kind: 'builtin',
      removable: false,
      status: 'ready',
      detail: null,
      url: null,
      tools: builtin.map(({ info }) => info),
    };
    const locked = records.filter(({ headers }) => headers === undefined).map(describeLocked);
    return [own, ...sources.map((source) => source.describe({ isOperator })), ...locked];
  }

  /**
   * The tools of these ids, in the order of the list, under the names that the model is told. An id that
   * is no longer offered is left out, as the page leaves it out.
   * @throws McpUnavailableError for a server whose tools were never seen and that cannot be reached now.
   */
  async resolve(keyId: string, ids: readonly string[]): Promise<OfferedTool[]> {
    const wanted = new Set(ids);
    const sources = (await this.#sources(keyId)).filter((source) =>
      ids.some((id) => id.startsWith(`mcp:${source.id}:`)),
    );
    const [all] = await Promise.all([
      this.#builtin.tools({ withPrograms: wanted.has(PROGRAMS_ID) }),
      ...sources.map(reach),
    ]);
    for (const source of sources) all.push(...source.tools());
    const chosen = all.filter(({ info }) => wanted.has(info.id));
    const names = modelToolNames(chosen.map(({ info }) => info));
    return chosen.map(({ info, tool }, index) => ({
      info,
      tool: { ...tool, definition: { ...tool.definition, name: names[index]! } },
    }));
  }

  /** @throws StoreError conflict; WebError 409; PlatformUnavailableError */
  async add(
    { keyId, isOperator }: ToolsCaller,
    server: { name: string; url: string; headers: Record<string, string> },
  ): Promise<ToolServer> {
    if (this.#configured.some(({ name }) => name === server.name)) {
      throw new WebError(409, `there is a tool server ${JSON.stringify(server.name)} already`);
    }
    const id = await this.options.store.add(keyId, server);
    const source = (await this.#sources(keyId)).find((each) => each.id === id)!;
    await source.server.ready().catch(() => {}); // why it failed is in its description
    return source.describe({ isOperator });
  }

  /** @throws StoreError not-found; WebError 403; PlatformUnavailableError */
  async remove(keyId: string, id: string): Promise<void> {
    if (this.#configured.some((source) => source.id === id)) {
      throw new WebError(
        403,
        'this tool server is in the configuration of the server; remove it there',
      );
    }
    await this.options.store.remove(keyId, id);
    await this.#forget(keyId, id);
  }

  /**
   * A server of the configuration that works is left alone, since others are using it; operators may
   * connect it anew all the same. @throws WebError 404; PlatformUnavailableError
   */
  async reconnect({ keyId, isOperator }: ToolsCaller, id: string): Promise<ToolServer> {
    const source = (await this.#sources(keyId)).find((each) => each.id === id);
    if (!source) throw new WebError(404, `there is no tool server ${JSON.stringify(id)}`);
    const { server } = source;
    const isShared = this.#configured.includes(source);
    const isAllowed = isOperator || !isShared || server.status === 'failed';
    await (isAllowed ? server.reconnect() : server.ready()).catch(() => {}); // it tells why itself
    return source.describe({ isOperator });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const added = [...this.#added.values()].flatMap((sources) => [...sources.values()]);
    this.#added.clear();
    await Promise.all([
      this.#builtin.close(),
      ...[...this.#configured, ...added].map(({ server }) => server.close()),
    ]);
  }

  async #sources(keyId: string): Promise<McpSource[]> {
    return this.#sourcesOf(keyId, await this.options.store.list(keyId));
  }

  /** @throws WebError 503: a connection made after the end would be nobody's to close */
  #sourcesOf(keyId: string, records: readonly ToolServerRecord[]): McpSource[] {
    if (this.#isClosed)
      throw new WebError(503, 'the server is stopping; ask again when it is back');
    const known = this.#added.get(keyId) ?? new Map<string, McpSource>();
    this.#added.set(keyId, known);
    for (const { id, name, url, headers } of records) {
      if (known.has(id) || headers === undefined) continue;
      const spec = { kind: 'http' as const, url, headers };
      known.set(id, this.#source({ id, name, spec, isRemovable: true }));
    }
    this.#letRest();
    // Removed through another process of this platform.
    const ids = new Set(records.map(({ id }) => id));
    for (const id of known.keys()) if (!ids.has(id)) void this.#forget(keyId, id);
    return [...this.#configured, ...known.values()];
  }

  #letRest(): void {
    for (const sources of this.#added.values()) {
      for (const { server } of sources.values()) void server.rest(IDLE_MS);
    }
  }

  async #forget(keyId: string, id: string): Promise<void> {
    const known = this.#added.get(keyId);
    const source = known?.get(id);
    known?.delete(id);
    await source?.server.close();
  }

  #source(
    options: Pick<
      ConstructorParameters<typeof McpSource>[0],
      'id' | 'name' | 'spec' | 'isRemovable'
    >,
  ): McpSource {
    const { version, now } = this.options;
    return new McpSource({ ...options, client: { name: 'hadal', version }, now });
  }
}

/** Tools that were seen once stay on offer while their server is away: its calls say what is wrong. */
async function reach({ name, server }: McpSource): Promise<void> {
  try {
    await server.ready();
  } catch (error) {
    if (!(error instanceof McpUnavailableError) || server.tools !== undefined) return;
    throw new McpUnavailableError(
      `the tool server ${JSON.stringify(name)} cannot be reached: ${error.message}. ` +
        'Connect it again, or switch its tools off for this conversation',
      { cause: error },
    );
  }
}

function describeLocked({ id, name, url }: ToolServerRecord): ToolServer {
  return {
    id,
    name,
    kind: 'http',
    removable: true,
    status: 'failed',
    detail:
      'its headers were sealed under another secret of this server: remove it and add it again',
    url,
    tools: [],
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
