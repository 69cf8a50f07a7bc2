// The tools of a real MCP server for tests, made with the SDK's server side: one that reads, one that
// writes, one that fails, one that tells its progress and waits for a sign, one that talks too much.

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

const inputSchema = { type: 'object' as const, properties: { text: { type: 'string' } } };

export const MCP_TOOLS: readonly Tool[] = [
  { name: 'read note', title: 'Read a note', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'write_note', description: 'Writes a note.', inputSchema },
  { name: 'fail', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'slow', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'long', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'crash', inputSchema, annotations: { readOnlyHint: true } },
];

export interface McpTestServer {
  server: Server;
  /** Calls in the order of their arrival: name and text. */
  calls: string[];
  /** Told when a call of `slow` was cancelled. */
  cancelled: Promise<void>;
}

export function mcpTestServer({ onCrash = () => {} } = {}): McpTestServer {
  const server = new Server(
    { name: 'test', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  const calls: string[] = [];
  let hasExtra = false;
  let noteCancelled: () => void;
  const cancelled = new Promise<void>((resolve) => (noteCancelled = resolve));
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const tools = [...MCP_TOOLS, ...(hasExtra ? [{ name: 'extra', inputSchema }] : [])];
    // In two pages, as long lists come.
    return params?.cursor === '2'
      ? { tools: tools.slice(2) }
      : { tools: tools.slice(0, 2), nextCursor: '2' };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const text = String(params.arguments?.['text'] ?? '');
    calls.push(`${params.name} ${text}`.trim());
    switch (params.name) {
      case 'fail':
        return { content: [{ type: 'text', text: 'it is broken' }], isError: true };
      case 'long':
        return { content: [{ type: 'text', text: 'x'.repeat(Number(text)) }] };
      case 'crash':
        onCrash();
        return { content: [] };
      case 'slow': {
        const progressToken = params._meta?.progressToken;
        if (progressToken !== undefined) {
          await extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress: 1, total: 2, message: 'half' },
          });
        }
        await new Promise((resolve) => extra.signal.addEventListener('abort', resolve));
        noteCancelled();
        return { content: [] };
      }
      case 'write_note':
        hasExtra = true;
        await server.sendToolListChanged();
        return { content: [{ type: 'text', text: `wrote ${text}` }] };
      default:
        return { content: [{ type: 'text', text: `note: ${text}` }] };
    }
  });
  return { server, calls, cancelled };
}
