// An OpenTelemetry collector on this machine: keeps what is posted to it and answers as told.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtlpSpan } from '../../src/observe/otlp-span.js';

export interface Posted {
  path: string;
  headers: IncomingHttpHeaders;
  body: {
    resourceSpans: {
      resource: { attributes: OtlpSpan['attributes'] };
      scopeSpans: { scope: { name: string; version: string }; spans: OtlpSpan[] }[];
    }[];
  };
}

export interface LocalCollector {
  endpoint: string;
  posted: Posted[];
  /** Every span of every post. */
  spans(): OtlpSpan[];
  close(): Promise<void>;
}

/** @param answer called per post, from 0; default 200 */
export async function localCollector(
  answer: (response: ServerResponse, index: number) => void = (response) => response.end('{}'),
): Promise<LocalCollector> {
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Posted['body'];
    posted.push({ path: request.url ?? '', headers: request.headers, body });
    answer(response, posted.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    posted,
    spans: () =>
      posted.flatMap(({ body }) =>
        body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
