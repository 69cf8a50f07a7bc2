// A connection between the browser and a server that a test cuts and mends: what a lost network or a
// sleeping laptop is to the page.

import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { RunningServer } from '../../src/server/start-server.js';

export interface CuttableServer {
  /** The server under the address of the connection. */
  running: RunningServer;
  /** Ends all connections and takes no new ones. */
  cut: () => void;
  mend: () => void;
}

export async function cuttable(t: TestContext, server: RunningServer): Promise<CuttableServer> {
  const target = Number(new URL(server.url).port);
  const sockets = new Set<Socket>();
  let isCut = false;
  const proxy = createServer((client) => {
    if (isCut) return client.destroy();
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  return {
    running: { ...server, url: `http://127.0.0.1:${port}` },
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
  };
}
