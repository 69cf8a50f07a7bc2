// The chat's parts of the web API put together: conversations, runs that answer in them, and the tools
// that runs may use. Owns what has to end with the server: runs, and connections to tool servers.

import { ConversationStore } from '../web/conversations/conversation-store.js';
import { conversationRoutes } from '../web/conversations/conversation-routes.js';
import { countRoutes } from '../web/conversations/count-routes.js';
import { conversationRunRoutes, runRoutes } from '../web/runs/run-routes.js';
import { Runs } from '../web/runs/runs.js';
import { allowedOrigins } from '../web/tools/server-address.js';
import { ToolRegistry, type ToolRegistryOptions } from '../web/tools/tool-registry.js';
import { toolRoutes } from '../web/tools/tool-routes.js';
import { toolsFor } from '../web/tools/tools-for.js';
import type { WebApiOptions } from '../web/web-api.js';
import type { WebHost } from '../web/web-host.js';

export interface ChatPartsOptions {
  host: WebHost;
  version: string;
  /** MCP servers of the configuration, by name. */
  mcpServers?: ToolRegistryOptions['configured'] | undefined;
  /** Origins that any key may add MCP servers of. @throws McpConfigError for what is none */
  mcpAllow?: readonly string[] | undefined;
}

export interface ChatParts {
  parts: WebApiOptions['parts'];
  /** Stops what runs, keeps what has come, ends the tool servers' connections. */
  close: () => Promise<void>;
}

export function createChatParts(options: ChatPartsOptions): ChatParts {
  const { host, version, mcpServers = new Map(), mcpAllow = [] } = options;
  const store = new ConversationStore(host);
  const registry = new ToolRegistry({
    store: host.platform.toolServers,
    configured: mcpServers,
    version,
    now: host.now,
  });
  const runs = new Runs({
    host,
    store,
    resolveTools: (keyId, ids) => registry.resolve(keyId, ids),
  });
  const chat = {
    host,
    store,
    runs,
    toolsFor: (keyId: string, settings: Parameters<typeof toolsFor>[2]) =>
      toolsFor(registry, keyId, settings),
  };
  return {
    parts: {
      conversations: conversationRoutes(chat).route('/', conversationRunRoutes(runs)),
      count: countRoutes(chat),
      runs: runRoutes(runs),
      tools: toolRoutes({ registry, allowed: allowedOrigins(mcpAllow) }),
    },
    close: async () => {
      await runs.close();
      await registry.close();
    },
  };
}
