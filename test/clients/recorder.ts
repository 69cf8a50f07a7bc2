// A forwarding proxy before the server under test: what a real client sent, byte for byte, with
// nothing changed on the way. Closed after the test.

import {
  createServer,
  request as openRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface RecordedRequest {
  method: string;
  /** With the query string. */
  path: string;
  headers: IncomingHttpHeaders;
  /** '' for none. */
  body: string;
}

export interface Recorder {
  /** Base URL without a trailing slash. */
  url: string;
  /** In order of arrival. */
  requests: RecordedRequest[];
}

export async function startRecorder(t: TestContext, target: string): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    void record(request).then((recorded) => {
      requests.push(recorded);
      forward(target, recorded, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const { method = 'GET', url = '/', headers } = request;
  return { method, path: url, headers, body: await text(request) };
}

function forward(
  target: string,
  { method, path, headers, body }: RecordedRequest,
  response: ServerResponse,
): void {
  const onward = openRequest(target + path, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  onward.end(body);
}
