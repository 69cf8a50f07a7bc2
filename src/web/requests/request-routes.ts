// GET /web/v1/requests and what is behind one of them: its trace, its content, its cache report, its
// replay. Answers only about requests that the caller may see; all others are not found.

import { Hono } from 'hono';
import { formatMoneyExactly } from '../../store/money.js';
import type { LoggedRequest } from '../../observe/logged-request.js';
import { ConversationStore } from '../conversations/conversation-store.js';
import type { LedgerCharge, RequestPage, RequestTrace } from '../requests-wire.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { Caller, WebEnv, WebHost } from '../web-host.js';
import { cacheReport } from './cache/cache-report.js';
import { keyNames } from './logged-keys.js';
import { replay } from './replay.js';
import { listQuery, pageOf } from './request-list.js';
import { maySee, requestContent, requestRow } from './request-json.js';
import type { RequestsHost } from './requests-host.js';
import { traceSpans } from './trace-spans.js';

export function requestRoutes(host: WebHost, requests: RequestsHost): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  const conversations = new ConversationStore(host);
  const find = (traceId: string, caller: Caller): LoggedRequest => {
    const logged = requests.log.find(traceId);
    if (logged && maySee(caller, logged.observation.facts.keyId)) return logged;
    throw new WebError(404, `no request ${traceId} is in the log, which keeps the newest only`);
  };

  routes.get('/', async (c) => {
    const query = listQuery.parse(c.req.query());
    const caller = c.get('caller');
    const visible = requests.log
      .newest()
      .filter(({ observation }) => maySee(caller, observation.facts.keyId));
    const page = pageOf(visible, query);
    const nameKey = await keyNames(host);
    return c.json({
      data: page.requests.map((request) => requestRow(request, nameKey(request))),
      cursor: page.cursor,
    } satisfies RequestPage);
  });

  routes.get('/:trace', async (c) => {
    const logged = find(c.req.param('trace'), c.get('caller'));
    const [nameKey, ledger] = await Promise.all([keyNames(host), chargeOf(host, logged)]);
    const { facts } = logged.observation;
    const hasBody = logged.body instanceof Uint8Array;
    return c.json({
      ...requestRow(logged, nameKey(logged)),
      method: logged.start.method,
      spans: traceSpans(logged),
      leniencies: [...(facts.leniencies ?? [])],
      served_by: facts.servedBy ?? null,
      ledger,
      has_body: hasBody,
      can_replay: hasBody && facts.door !== undefined && facts.door !== 'fim',
    } satisfies RequestTrace);
  });

  routes.get('/:trace/body', (c) =>
    c.json(requestContent(find(c.req.param('trace'), c.get('caller')))),
  );

  routes.get('/:trace/cache', (c) => {
    const caller = c.get('caller');
    return c.json(cacheReport(requests, find(c.req.param('trace'), caller), caller));
  });

  routes.post('/:trace/replay', async (c) => {
    const caller = c.get('caller');
    const keyId = requireKey(caller);
    const logged = find(c.req.param('trace'), caller);
    const now = new Date(host.now());
    const made = await replay(requests.parse(logged), { keyId, now, store: conversations });
    return c.json(made, 201);
  });
  return routes;
}

/** The amounts as they were charged, not computed again. */
async function chargeOf(
  { platform }: WebHost,
  { traceId, observation: { moments } }: LoggedRequest,
): Promise<LedgerCharge | null> {
  if (moments.recorded === undefined) return null;
  const charge = await platform.chargeOf(traceId);
  if (!charge) return null;
  const { transactionId, createdAt, amounts } = charge;
  return {
    transaction: transactionId,
    created_at: createdAt.toISOString(),
    amounts: amounts.map(({ currency, amount }) => ({
      currency,
      amount: formatMoneyExactly(amount),
    })),
  };
}
