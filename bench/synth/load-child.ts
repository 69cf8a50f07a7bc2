// The load of the studio's bench: MCP clients that call tools one after the other, each in its session and
// on its connection. In a process of its own, so that it takes nothing of the server's event loop.

import { answerParent } from './children.js';
import { Connection, type HttpAnswer } from './connection.js';
import type { Call, SessionLoad } from './tasks.js';

export interface LoadTask {
  readonly url: string;
  readonly seconds: number;
  readonly sessions: readonly SessionLoad[];
  /** What every answer has in it; those that do not are failures. */
  readonly expect: string;
}

export interface LoadReport {
  readonly calls: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/** Calls of one session, then a new one: a rollout. */
const CALLS_EACH = 40;

const ACCEPT = 'accept: application/json, text/event-stream\r\n';

class Client {
  readonly #connection: Connection;
  readonly #path: string;
  readonly #calls: readonly string[];

  constructor(
    url: string,
    readonly load: SessionLoad,
  ) {
    this.#connection = new Connection(url);
    this.#path = `/${load.envId}/mcp`;
    this.#calls = load.calls.map(callBody);
  }

  /** A new session; its headers. */
  async initialize(): Promise<string> {
    const clientInfo = { name: 'bench', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    const task = `${ACCEPT}x-task-key: ${this.load.key}\r\n`;
    const { head } = await this.#connection.post(this.#path, body, task);
    const [, id = 'none'] = /mcp-session-id: (\S+)/i.exec(head) ?? [];
    return `${ACCEPT}mcp-session-id: ${id}\r\n`;
  }

  call(session: string, number: number): Promise<HttpAnswer> {
    const body = this.#calls[number % this.#calls.length]!;
    return this.#connection.post(this.#path, body, session);
  }

  close(): void {
    this.#connection.close();
  }
}

function callBody({ name, arguments: args }: Call): string {
  const params = { name, arguments: args };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
}

answerParent(run);

async function run({ url, seconds, sessions, expect }: LoadTask): Promise<LoadReport> {
  const clients = sessions.map((session) => new Client(url, session));
  const times: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const rollout = async (client: Client): Promise<void> => {
    const session = await client.initialize();
    for (let i = 0; i < CALLS_EACH && performance.now() < endsAt; i++) {
      const at = performance.now();
      const { body } = await client.call(session, i);
      times.push(performance.now() - at);
      if (!body.includes(expect)) failures++;
    }
  };
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < endsAt) await rollout(client);
    }),
  );
  const elapsed = (performance.now() - startedAt) / 1000;
  for (const client of clients) client.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { calls: times.length, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99), failures };
}
