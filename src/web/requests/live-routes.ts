// GET /web/v1/live: what runs now, once a second, as server-sent events, for operators. Costs nothing
// while nobody looks. A reader who does not take an event misses it, so that none pile up.

import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { requireOperator } from '../web-api.js';
import type { WebEnv, WebHost } from '../web-host.js';
import { liveReport } from './live-json.js';
import { keyNames } from './logged-keys.js';
import type { RequestsHost } from './requests-host.js';

export function liveRoutes(host: WebHost, requests: RequestsHost): Hono<WebEnv> {
  return new Hono<WebEnv>().get('/', async (c) => {
    requireOperator(c.get('caller'));
    const { outgoing } = c.env;
    outgoing.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    follow(outgoing, host, requests);
    return RESPONSE_ALREADY_SENT;
  });
}

function follow(
  response: Pick<ServerResponse, 'write' | 'on' | 'destroyed' | 'writableNeedDrain'>,
  host: WebHost,
  requests: RequestsHost,
): void {
  /** First second that has not been told. */
  let since: number | undefined;
  let isBusy = false;
  const tell = async () => {
    if (isBusy || response.destroyed || response.writableNeedDrain) return;
    isBusy = true;
    try {
      const report = await liveReport(requests, { nameKey: await keyNames(host), since });
      since = (report.series.at(-1)?.at ?? (since ?? 1) - 1) + 1;
      if (!response.destroyed) response.write(`event: live\ndata: ${JSON.stringify(report)}\n\n`);
    } catch (error) {
      // The engine or the store is away for a moment; the next second may know more.
      host.log('warn', 'the live view has nothing to tell', { error: String(error) });
    } finally {
      isBusy = false;
    }
  };
  const cancel = requests.everySecond(() => void tell());
  response.on('close', cancel);
  void tell();
}
