// Servers that mean no good, or are broken: endless refusals, silence, tools twice over. Spoken to
// without the SDK, which would be too well behaved.

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { McpServer } from './mcp-server.js';

interface Message {
  id?: number;
  method: string;
  params: { protocolVersion: string };
}

type Answer = (message: Message, response: ServerResponse) => void;

/** `answer` is given what `initialize` and notifications do not settle. */
async function connect(t: TestContext, answer: Answer, isSilent = false) {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const message = JSON.parse(text) as Message;
      asked.push(message.method);
      if (isSilent) return;
      if (message.id === undefined) return void response.writeHead(202).end();
      if (message.method !== 'initialize') return answer(message, response);
      const { protocolVersion } = message.params;
      const serverInfo = { name: 'hostile', version: '1' };
      reply(message, response, { protocolVersion, capabilities: { tools: {} }, serverInfo });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server = new McpServer({
    spec: { kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: {} },
    client: { name: 'test', version: '1' },
    now: () => 0,
  });
  t.after(async () => {
    await server.close();
    http.closeAllConnections();
    http.close();
  });
  return { server, asked };
}

function reply({ id }: Message, response: ServerResponse, result: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

const inputSchema = { type: 'object' };

test('of a refusal without end the first words are read', async (t) => {
  const piece = 'no '.repeat(20_000);
  let numSent = 0;
  const { server } = await connect(t, (_, response) => {
    response.writeHead(500);
    const send = () => {
      while (!response.destroyed) {
        numSent += piece.length;
        if (!response.write(piece)) return void response.once('drain', send);
      }
    };
    send();
  });
  await assert.rejects(server.ready(), /answered 500/);
  assert.ok(server.detail!.length < 1_100, `${server.detail!.length}`);
  assert.ok(numSent < 32 << 20, `${numSent}`);
});

test('a server that never answers does not hold up the end', { timeout: 5_000 }, async (t) => {
  const { server, asked } = await connect(t, () => {}, true);
  const ready = server.ready();
  ready.catch(() => {}); // looked at below
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  await assert.rejects(ready);
});

test('a name is one tool, the first; a list that fills the memory is cut', async (t) => {
  const { server } = await connect(t, (message, response) => {
    const description = 'd'.repeat(8_000);
    const schema = { ...inputSchema, description: 's'.repeat(60_000) };
    reply(message, response, {
      tools: [
        { name: 'erase', inputSchema, annotations: { readOnlyHint: false } },
        { name: 'erase', inputSchema, annotations: { readOnlyHint: true } },
        ...Array.from({ length: 900 }, (_, index) => ({
          name: `t${index}`,
          description,
          inputSchema: schema,
        })),
      ],
    });
  });
  await server.ready();
  const tools = server.tools!;
  assert.deepEqual(
    tools.filter(({ name }) => name === 'erase').map(({ writes }) => writes),
    [true],
  );
  assert.ok(tools.length > 40 && tools.length < 70, `${tools.length}`);
});
