// How an MCP server is reached: a child process that talks over its pipes, or Streamable HTTP. What it
// sends is bounded; redirects are followed within its own origin only (the SDK's default).

import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpServerSpec } from './mcp-config.js';

/** Of one response; an event stream that reaches it is opened again. */
const MAX_RESPONSE_BYTES = 64 << 20;
/** Of a refusal, which is read for the words in it. */
const MAX_REFUSAL_BYTES = 4 << 10;
const STDERR_TAIL = 2_000;

export interface OpenTransport {
  transport: Transport;
  /** The last of what the process wrote to its error output. */
  stderrTail: () => string;
}

export function openTransport(spec: McpServerSpec): OpenTransport {
  if (spec.kind === 'http') {
    const transport = new StreamableHTTPClientTransport(new URL(spec.url), {
      requestInit: { headers: spec.headers },
      fetch: boundedFetch,
    });
    // The SDK's class says `sessionId: string | undefined`, its interface `sessionId?: string`.
    return { transport: transport as Transport, stderrTail: () => '' };
  }
  const { command, args, env, cwd } = spec;
  const transport = new StdioClientTransport({
    command,
    args,
    env,
    stderr: 'pipe',
    ...(cwd !== undefined && { cwd }),
  });
  let tail = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-STDERR_TAIL);
  });
  return { transport, stderrTail: () => tail.trim() };
}

async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const { body, ok, status, statusText, headers } = response;
  if (!body) return response;
  const bound = ok ? failingAfter(MAX_RESPONSE_BYTES) : endingAfter(MAX_REFUSAL_BYTES);
  return new Response(body.pipeThrough(bound), { status, statusText, headers });
}

function failingAfter(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let numBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      numBytes += chunk.byteLength;
      if (numBytes > maxBytes) {
        controller.error(new Error(`the server sent more than ${maxBytes >> 20} MiB`));
      } else controller.enqueue(chunk);
    },
  });
}

function endingAfter(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let numLeft = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, numLeft));
      numLeft -= chunk.byteLength;
      if (numLeft <= 0) controller.terminate();
    },
  });
}
