// One request through a door: body, checks, healing, prompt; then the reply, streamed or whole. Up
// to the first byte a failure is an HTTP error, thrown from here (api reference §2.3, §8).

import { randomUUID } from 'node:crypto';
import type { Door, RequestContext } from '../../protocol/door.js';
import { LeniencyLog, PROFILES, type Leniency, type ProfileName } from '../../protocol/leniency.js';
import { insufficientBalanceError, overloadedError } from '../../protocol/openai/errors.js';
import type { Principal } from '../../store/types.js';
import type { App, Serving } from '../app.js';
import type { Exchange } from '../exchange.js';
import { withJsonBody } from '../request-body.js';
import { healReasoning } from './healing.js';
import { reportLeniencies } from './leniency-header.js';
import type { Reply } from './reply.js';
import { sendBody } from './send-body.js';
import { sendStream } from './send-stream.js';
import { untilGone } from './until-gone.js';

export function answerThrough(door: Door): (exchange: Exchange, app: App) => Promise<void> {
  return async (exchange, app) => {
    const startedAt = app.now();
    const serving = servingOf(exchange, app);
    const leniency = leniencyOf(exchange.principal, app);
    const parsed = await readRequest(exchange, app, (body) => {
      exchange.observation.mark('received');
      exchange.logged?.keepBody(body);
      return door.parse(body, contextOf(exchange, app, { serving, leniency }));
    });
    const { request, mode, stream } = parsed;
    exchange.observation.mark('parsed');
    if (request.kind === 'chat') {
      await healReasoning(request, parsed.missingReasoning, app.platform);
    }
    const { signal, principal } = exchange;
    const prepared = await untilGone(
      exchange,
      serving.chat.prepare(request, { signal, account: principal.accountId }),
    );
    exchange.observation.mark('rendered');
    exchange.observation.set({
      door: door.name,
      model: mode.alias,
      servedBy: serving.model,
      stream,
      leniencies: leniency.applied,
    });
    reportLeniencies(exchange, leniency);
    const reply: Reply = {
      exchange,
      app,
      serving,
      door,
      parsed,
      prepared,
      leniency,
      startedAt,
      keepsReasoning:
        request.kind === 'chat' && request.thinking && leniency.allows('heal_reasoning'),
      header: {
        id: randomUUID(),
        created: Math.floor(startedAt / 1000),
        mode,
        systemFingerprint: serving.systemFingerprint,
      },
    };
    await (stream ? sendStream : sendBody)(reply);
  };
}

export function readRequest<T>(
  exchange: Exchange,
  { limits, bodies }: App,
  use: (body: Buffer) => T,
): Promise<T> {
  const bodyLimits = { maxBytes: limits.maxBodyBytes, budget: bodies };
  return withJsonBody(exchange.request, bodyLimits, use);
}

/** @throws ApiError 503 while the model is being exchanged, or there is none. */
export function servingOf({ match }: Exchange, { main, lab }: App): Serving {
  if (match.scenario === undefined) {
    const { closed } = main.admission;
    if (closed) throw overloadedError(closed, closed.retryAfterSeconds);
    return main;
  }
  const serving = lab?.serving(match.scenario);
  if (!serving) throw new Error(`no lab scenario ${match.scenario}`); // refused before
  return serving;
}

export function contextOf(
  exchange: Exchange,
  { usageChunk }: App,
  { serving, leniency }: { serving: Serving; leniency: LeniencyLog },
): RequestContext {
  const { principal, match, traceId } = exchange;
  return {
    traceId,
    tenant: principal.tenant,
    model: serving.model,
    base: match.base,
    mapTemperature: serving.mapTemperature,
    usageChunk,
    leniency,
    requireBalance: () => {
      if (serving.isBilled && !principal.canSpend) throw insufficientBalanceError();
    },
  };
}

/** The key's profile, or the server's, and what the key was granted beside it. */
export function leniencyOf(
  { profile, leniencies }: Principal,
  { defaultLeniencies }: App,
): LeniencyLog {
  const ofProfile = profile === undefined ? defaultLeniencies : PROFILES[profile as ProfileName];
  return new LeniencyLog([...(ofProfile ?? []), ...(leniencies as readonly Leniency[])]);
}
