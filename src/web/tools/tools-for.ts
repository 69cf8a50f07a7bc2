// The tool definitions that a request with given settings holds, for those who count or export it.

import { McpUnavailableError } from '../../agent/mcp/mcp-server.js';
import { WebError } from '../web-error.js';
import type { WireTool } from '../web-host.js';
import type { ConversationSettings } from '../wire.js';
import type { OfferedTool } from './offered-tool.js';
import type { ToolRegistry } from './tool-registry.js';

/** @throws WebError 502 when a server whose tools are not known cannot be reached */
export async function toolsFor(
  registry: Pick<ToolRegistry, 'resolve'>,
  keyId: string,
  settings: ConversationSettings,
): Promise<WireTool[]> {
  try {
    return (await registry.resolve(keyId, settings.tools)).map(definitionOf);
  } catch (error) {
    if (error instanceof McpUnavailableError) {
      throw new WebError(502, error.message, { cause: error });
    }
    throw error;
  }
}

export function definitionOf({ tool }: OfferedTool): WireTool {
  return { type: 'function', function: tool.definition };
}
