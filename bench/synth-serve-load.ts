// The load of synth-serve.ts, in a process of its own: MCP clients that call tools one after the other,
// each in its session and on its connection. Written on sockets, because a client library would cost
// more than the server; answers are found by their content-length.

import { connect, type Socket } from 'node:net';

export interface LoadTask {
  readonly url: string;
  readonly seconds: number;
  readonly sessions: readonly {
    readonly key: string;
    readonly envId: string;
    readonly calls: readonly { readonly name: string; readonly arguments: object }[];
  }[];
}

export interface LoadReport {
  readonly calls: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that are no result of a tool. */
  readonly failures: number;
}

interface HttpAnswer {
  readonly head: string;
  readonly body: string;
}

/** One connection; one request at a time. */
class Connection {
  #received: Buffer = Buffer.alloc(0);
  #waiting: ((answer: HttpAnswer) => void) | undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (piece: Buffer) => {
      this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
      this.#take();
    });
  }

  send(text: string): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.socket.write(text);
    });
  }

  #take(): void {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const body = this.#received.toString('utf8', end + 4, end + 4 + length);
    this.#received = this.#received.subarray(end + 4 + length);
    this.#waiting!({ head, body });
  }
}

process.once('message', (task: LoadTask) => {
  void run(task).then((report) => process.send!(report, () => process.disconnect()));
});

async function run({ url, seconds, sessions }: LoadTask): Promise<LoadReport> {
  const { port } = new URL(url);
  const times: number[] = [];
  let failures = 0;
  const clients = await Promise.all(
    sessions.map(async ({ key, envId, calls }) => {
      const connection = new Connection(connect(Number(port), '127.0.0.1'));
      const post = (body: object, header: string): string => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, ...body });
        return `POST /${envId}/mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n${header}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
      };
      const initialize = async (): Promise<string> => {
        const params = {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'b', version: '1' },
        };
        const { head } = await connection.send(
          post({ method: 'initialize', params }, `x-task-key: ${key}`),
        );
        return `mcp-session-id: ${/mcp-session-id: (\S+)/i.exec(head)![1]}`;
      };
      return { connection, post, initialize, calls };
    }),
  );
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    clients.map(async ({ connection, post, initialize, calls }) => {
      while (performance.now() < endsAt) {
        // A rollout: a new session, its calls, its end.
        const session = await initialize();
        for (let i = 0; i < 40 && performance.now() < endsAt; i++) {
          const params = calls[i % calls.length] ?? { name: 'note', arguments: { text: 'x' } };
          const at = performance.now();
          const { body } = await connection.send(post({ method: 'tools/call', params }, session));
          times.push(performance.now() - at);
          if (!body.includes('"isError":false')) failures++;
        }
      }
    }),
  );
  const elapsed = (performance.now() - startedAt) / 1000;
  for (const { connection } of clients) connection.socket.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    Number((times[Math.floor(times.length * share)] ?? 0).toFixed(3));
  return { calls: times.length, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99), failures };
}
