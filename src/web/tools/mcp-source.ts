// One MCP server as a source of tools for conversations.

import type { McpServerSpec } from '../../agent/mcp/mcp-config.js';
import { McpServer, type McpServerOptions } from '../../agent/mcp/mcp-server.js';
import type { ToolInfo, ToolServer } from '../wire.js';
import type { OfferedTool } from './offered-tool.js';

export interface McpSourceOptions extends Pick<McpServerOptions, 'client' | 'now'> {
  id: string;
  name: string;
  spec: McpServerSpec;
  /** Added in the page, so it may be removed there. */
  isRemovable: boolean;
}

export class McpSource {
  readonly id: string;
  readonly name: string;
  readonly server: McpServer;

  constructor(private readonly options: McpSourceOptions) {
    this.id = options.id;
    this.name = options.name;
    this.server = new McpServer(options);
  }

  /** As far as they are known. */
  tools(): OfferedTool[] {
    return (this.server.tools ?? []).map(({ name, title, description, parameters, writes }) => ({
      info: {
        id: `mcp:${this.id}:${name}`,
        title,
        server: this.name,
        writes,
        name,
        description,
        parameters,
      } satisfies ToolInfo,
      tool: {
        definition: { name, description, parameters },
        writes,
        run: (args, context) => this.server.call(name, args, context),
      },
    }));
  }

  /** Of a server of the configuration others than operators learn no more than they need. */
  describe({ isOperator }: { isOperator: boolean }): ToolServer {
    const { spec, isRemovable } = this.options;
    const { output } = this.server;
    const wrote = isOperator && output !== null ? `; it wrote: ${output}` : '';
    return {
      id: this.id,
      name: this.name,
      kind: spec.kind,
      removable: isRemovable,
      status: this.server.status,
      detail: this.server.detail === null ? null : this.server.detail + wrote,
      url: spec.kind === 'http' ? this.#shownUrl(spec.url) : null,
      tools: this.tools().map(({ info }) => info),
    };
  }

  /** Paths and queries of the configuration may hold secrets of other services. */
  #shownUrl(url: string): string {
    return this.options.isRemovable ? url : new URL(url).origin;
  }
}
