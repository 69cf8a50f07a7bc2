// Headers of every API response (api reference §1.6): the trace id, and cross-origin access. Any
// origin may call where a call carries a key, which a browser does not add by itself; what is public
// is not for other origins to read.

import type { Exchange } from './exchange.js';

const EXPOSED = 'x-ds-trace-id, x-hadal-leniency, x-hadal-queue-position, retry-after';

export function setCommonHeaders(exchange: Exchange): void {
  const { request, response, traceId } = exchange;
  response.setHeader('x-ds-trace-id', traceId);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader(
    'vary',
    'origin, access-control-request-method, access-control-request-headers',
  );
  response.setHeader('access-control-allow-credentials', 'true');
  const { origin } = request.headers;
  if (origin === undefined || (exchange.hasMatch && exchange.match.route.isPublic)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED);
}

export function answerPreflight(exchange: Exchange, methods: readonly string[]): void {
  const { request, response } = exchange;
  response.setHeader('access-control-allow-methods', methods.join(', '));
  const wanted = request.headers['access-control-request-headers'];
  if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted);
  response.setHeader('access-control-max-age', '600');
  response.writeHead(204);
  response.end();
}
