// The baseline of the studio's bench: a bare node:http server that parses a JSON body and sends it back.
// What it takes is what no server on node:http can save.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from './children.js';
import type { ServerQuestion } from './studio-child.js';

const server = createServer({ noDelay: true }, (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const text = JSON.stringify(JSON.parse(Buffer.concat(pieces).toString()));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});

answerParent(async ({ ask }: ServerQuestion) => {
  if (ask === 'cpu') return process.cpuUsage();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
