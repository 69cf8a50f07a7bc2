// Whole tasks through the client of @modelcontextprotocol/sdk, over HTTP and over stdio: the reference
// solution carried out call by call as an agent would, then the verdict. And what the protocol
// promises about sessions: pages of tools, reconnection by id, end, idle expiry, isolation.

import assert from 'node:assert/strict';
import test from 'node:test';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { fixtureTask, fixtureEnvironment } from '../../../test/helpers/synth-corpus.js';
import { startStudio, type Studio } from '../../../test/helpers/synth-studio.js';
import { loadEnvironment } from '../load-environment.js';
import type { PlanStep, PlanValue } from '../task-types.js';
import type { Json } from '../world-types.js';
import type { Judgement } from './judge.js';
import { serveStdio } from './mcp-stdio.js';

async function connect(studio: Studio, task?: number, sessionId?: string) {
  const key = task === undefined ? undefined : studio.pairs[task]!.task.key;
  const envId = studio.pairs[task ?? 0]!.task.envId;
  const transport = new StreamableHTTPClientTransport(new URL(`${studio.url}/${envId}/mcp`), {
    ...(key !== undefined && { requestInit: { headers: { 'x-task-key': key } } }),
    ...(sessionId !== undefined && { sessionId }),
  });
  const client = new Client({ name: 'test', version: '1' });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Transport);
  return { client, transport };
}

function valueOf(value: PlanValue, results: ReadonlyMap<string, Json>): Json {
  if ('literal' in value) return value.literal;
  if ('derived' in value) return value.derived;
  let at = results.get(value.from)!;
  for (const step of value.path) at = (at as Record<string | number, Json>)[step]!;
  return at;
}

/** Through the client; calls of the user's tools go through `asUser`. */
async function carryOut(
  client: Client,
  steps: readonly PlanStep[],
  asUser?: (tool: string, args: object) => Promise<void>,
): Promise<void> {
  const results = new Map<string, Json>();
  for (const { tool, arguments: args, bind } of steps) {
    const values = Object.fromEntries(
      Object.entries(args).map(([name, value]) => [name, valueOf(value, results)]),
    );
    if (tool === 'switch_router') {
      await asUser!(tool, values);
      continue;
    }
    const result = await client.callTool({ name: tool, arguments: values });
    assert.notEqual(result.isError, true, JSON.stringify(result));
    const [content] = result.content as { type: string; text: string }[];
    assert.deepEqual(JSON.parse(content!.text), result.structuredContent);
    if (bind !== undefined) results.set(bind, result.structuredContent as Json);
  }
}

test('a real client works through a task of each kind and is rewarded; one that does nothing is not', async (t) => {
  const studio = await startStudio(t);
  for (const [i, { private: secret }] of studio.pairs.entries()) {
    const { client, transport } = await connect(studio, i);
    const path = `/v1/sessions/${transport.sessionId}`;
    const messages = [{ role: 'assistant', content: secret.solution.message ?? '' }];
    const early = await studio.send('POST', `${path}/verify`, { messages: [] });
    assert.equal((early.body as Judgement).reward, 0);
    await carryOut(client, secret.solution.steps, async (tool, args) => {
      const { text } = await studio.send('POST', `${path}/user`, {
        message: `Please use ${tool} ${JSON.stringify(args)} for me`,
      });
      assert.match(text, /switch_router/);
    });
    const { body } = await studio.send('POST', `${path}/verify`, { messages });
    assert.equal((body as Judgement).reward, 1, `task ${i}: ${JSON.stringify(body)}`);
    await transport.terminateSession();
    await client.close();
  }
  assert.equal(studio.rollouts.size, 0);
  assert.deepEqual(studio.errors, []);
});

test('tools come in pages, with the schema calls are checked against; user tools are not among them', async (t) => {
  const studio = await startStudio(t);
  const { client } = await connect(studio);
  const first = await client.listTools();
  assert.equal(first.tools.length, 20);
  const second = await client.listTools({ cursor: first.nextCursor! });
  assert.equal(second.nextCursor, undefined);
  const tools = [...first.tools, ...second.tools];
  const expected = fixtureEnvironment().tools.filter(({ side }) => side === 'agent');
  assert.deepEqual(
    tools.map(({ name, inputSchema }) => [name, inputSchema]),
    expected.map(({ name, parameters }) => [name, parameters]),
  );
  assert.equal(tools.find(({ name }) => name === 'get_product')!.annotations!.readOnlyHint, true);
  await assert.rejects(client.listTools({ cursor: '7' }), /cursor/);
  await client.ping();
  assert.match(client.getInstructions()!, /Cancel open purchases only/);
  await client.close();
});

test('a refusal is a result that the model can read', async (t) => {
  const studio = await startStudio(t);
  const { client } = await connect(studio, 1);
  for (const [name, args, expected] of [
    ['get_product', { product_id: 'nothing' }, /not_found/],
    ['get_product', {}, /bad_arguments: the argument product_id is missing/],
    ['no_such_tool', {}, /unknown_tool/],
    ['switch_router', { router_id: 'x' }, /unknown_tool/],
    ['constructor', {}, /unknown_tool/],
  ] as const) {
    const result = await client.callTool({ name, arguments: args });
    assert.equal(result.isError, true);
    assert.match((result.content as { text: string }[])[0]!.text, expected);
  }
  await client.close();
});

test('a session outlives its connection and ends when told to', async (t) => {
  const studio = await startStudio(t);
  const one = await connect(studio, 1);
  const { sessionId } = one.transport;
  await one.client.callTool({ name: 'note', arguments: { text: 'first' } });
  await one.client.close();
  const two = await connect(studio, 1, sessionId);
  const { structuredContent } = await two.client.callTool({
    name: 'note',
    arguments: { text: 'second' },
  });
  assert.deepEqual(structuredContent, { notes: 2 });
  await two.transport.terminateSession();
  await two.client.close();
  const three = await connect(studio, 1, sessionId);
  await assert.rejects(three.client.callTool({ name: 'note' }), /no session/);
  await three.client.close();
});

test('an idle session expires, a used one does not', async (t) => {
  let now = 0;
  const studio = await startStudio(t, { now: () => now, limits: { idleMs: 1000 } });
  const [used, idle] = [await connect(studio, 1), await connect(studio, 1)];
  for (let i = 0; i < 3; i++) {
    now += 600;
    await used.client.ping();
  }
  await assert.rejects(idle.client.ping(), /may have expired/);
  now += 1000;
  assert.equal(studio.rollouts.sweep(), 1);
  assert.equal(studio.rollouts.size, 0);
  for (const { client } of [used, idle]) await client.close();
});

test('a hundred sessions at once see their own changes only', async (t) => {
  const studio = await startStudio(t);
  const { key } = studio.pairs[1]!.task;
  const base = studio.rollouts.openTask(key).session;
  const open = base.db.rows('purchase').filter((row) => row['status'] === 'open');
  const clients = await Promise.all(Array.from({ length: 100 }, () => connect(studio, 1)));
  await Promise.all(
    clients.map(async ({ client }, i) => {
      // Session i cancels i + 1 purchases, in turns with all others.
      for (let k = 0; k <= i % 10; k++) {
        const id = open[(i + k) % open.length]!['id']!;
        await client.callTool({ name: 'cancel_purchase', arguments: { purchase_id: id } });
      }
    }),
  );
  await Promise.all(
    clients.map(async ({ client }, i) => {
      const { structuredContent } = await client.callTool({
        name: 'count_purchases',
        arguments: { status: 'cancelled' },
      });
      assert.deepEqual(structuredContent, { count: (i % 10) + 1 });
    }),
  );
  assert.equal(base.db.diff().length, 0);
  for (const { client } of clients) await client.close();
});

/** The client's end of a pair of streams. */
class StreamTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #buffer = new ReadBuffer();

  constructor(
    readonly input: PassThrough,
    readonly output: PassThrough,
  ) {}

  async start(): Promise<void> {
    this.output.on('data', (piece: Buffer) => {
      this.#buffer.append(piece);
      for (let isMore = true; isMore;) {
        try {
          const message = this.#buffer.readMessage();
          if (message) this.onmessage?.(message);
          isMore = message !== null;
        } catch (error) {
          this.onerror?.(error as Error);
        }
      }
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.input.write(serializeMessage(message));
  }

  async close(): Promise<void> {
    this.input.end();
    this.onclose?.();
  }
}

test('over stdio: a whole task, and lines that are no messages', async (t) => {
  const studio = await startStudio(t);
  const { rollouts } = studio;
  const { task, private: secret } = fixtureTask(0, loadEnvironment(fixtureEnvironment()));
  const rollout = rollouts.openTask(task.key);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const ended = serveStdio({ rollouts, rollout, input, output });
  const client = new Client({ name: 'test', version: '1' });
  const errors: string[] = [];
  // The SDK's client has no other way to be listened to.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  client.onerror = (error) => errors.push(error.message);
  await client.connect(new StreamTransport(input, output));
  await carryOut(client, secret.solution.steps);
  assert.equal((await rollouts.verify(rollout, [], undefined)).reward, 1);
  input.write(`no json\n\n${'x'.repeat(2 << 20)}\n{"jsonrpc":"2.0","id":7,"method":"ping"}\n`);
  await client.ping();
  await client.close();
  await ended;
  // Two error answers and one to a request that the client never made.
  assert.equal(errors.length, 3);
});
