// An MCP server over stdio, in a process of its own; writes one line to its error output.

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { mcpTestServer } from './mcp-tools.js';

process.stderr.write('test server says hello\n');
if (process.env['MCP_TEST_DIES'] === '1') process.exit(3);
const { server } = mcpTestServer({ onCrash: () => process.exit(4) });
await server.connect(new StdioServerTransport());
