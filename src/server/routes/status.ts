// GET /status for people and programs, GET /metrics for Prometheus. Both are public on this machine
// only: beyond loopback /metrics wants the administrator's key.

import { ApiError } from '../../protocol/api-error.js';
import { renderStatusPage, STATUS_PAGE_POLICY, statusJson } from '../../observe/status-page.js';
import { isLocalRequest } from '../../web/session/local-request.js';
import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export function getStatus(exchange: Exchange, { observer, version }: App): void {
  const report = observer.status();
  const { accept = '', 'accept-language': languages = '' } = exchange.request.headers;
  const query = new URLSearchParams((exchange.request.url ?? '').split('?')[1]);
  exchange.response.setHeader('cache-control', 'no-store');
  if (query.get('format') === 'json' || !accept.includes('text/html')) {
    return exchange.sendJson(200, statusJson(report));
  }
  const language = (query.get('lang') ?? languages).toLowerCase().startsWith('zh') ? 'zh' : 'en';
  const page = renderStatusPage(report, { version, language });
  exchange.response.setHeader('content-security-policy', STATUS_PAGE_POLICY);
  exchange.sendText(200, 'text/html; charset=utf-8', page);
}

export async function getMetrics(exchange: Exchange, app: App): Promise<void> {
  if (!isLocalRequest(exchange.request) && !app.admin.allows(exchange.request.headers)) {
    throw new ApiError('The metrics are for this machine or the administrator key', {
      status: 401,
      type: 'authentication_error',
    });
  }
  const { contentType, body } = await app.observer.metrics();
  exchange.sendText(200, contentType, body);
}
