// An MCP server over Streamable HTTP on a free port, closed after the test. `forget` ends all its
// sessions as a restart would, `shut` closes it until `open`.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type McpTestServer, mcpTestServer } from './mcp-tools.js';

export async function startMcpHttp(t: TestContext) {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const servers: McpTestServer[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const http = createServer((request, response) => {
    headers.push(request.headers);
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known) return void known.handleRequest(request, response);
    if (id !== undefined) return void response.writeHead(404).end();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (sessionId) => void sessions.set(sessionId, transport),
    });
    const made = mcpTestServer();
    servers.push(made);
    void made.server
      .connect(transport as Transport)
      .then(() => transport.handleRequest(request, response));
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = http.address() as AddressInfo;
  const shut = async () => {
    sessions.clear();
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  };
  t.after(shut);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    headers,
    /** One per session, in order. */
    servers,
    forget: () => sessions.clear(),
    shut,
    open: () => listen(port),
  };
}
