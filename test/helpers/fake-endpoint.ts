// A chat endpoint that answers with prepared bytes and remembers what it was asked: for tests of
// clients, where the server's own behaviour must not help.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { ChatEndpoint } from '../../src/agent/chat-client.js';

export type Answer = (response: ServerResponse) => void;

export interface Asked {
  messages: Record<string, unknown>[];
  tools?: unknown[];
  model: string;
  thinking: { type: string };
}

/** Answers the n-th request with the n-th answer; closed after the test. */
export async function fakeEndpoint(
  t: TestContext,
  answers: Answer[],
): Promise<{ endpoint: ChatEndpoint; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString()) as Asked);
      answers.shift()!(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: { baseUrl: `http://127.0.0.1:${port}`, apiKey: 'sk-test' }, asked };
}

/** A complete stream of these deltas. */
export function streamOf(deltas: object[], finish = 'stop'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const delta of deltas) response.write(chunkOf(delta, null));
    response.end(`${chunkOf({ content: '' }, finish)}data: [DONE]\n\n`);
  };
}

export function chunkOf(delta: object, finish: string | null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** The delta of a whole call. */
export function callDelta(index: number, name: string, args: string): object {
  return { tool_calls: [{ index, id: `call_${index}`, function: { name, arguments: args } }] };
}
