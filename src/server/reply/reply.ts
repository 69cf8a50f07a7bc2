// The run of one reply: admission, the two time limits of api reference §8, the events, the bill.
// Knows no bytes: what is written where is the caller's.

import type { PreparedReply } from '../../chat/chat-service.js';
import type { ReplyEvent } from '../../chat/types.js';
import type { Door, ParsedRequest } from '../../protocol/door.js';
import type { LeniencyLog } from '../../protocol/leniency.js';
import { overloadedError, rateLimitError } from '../../protocol/openai/errors.js';
import type { ReplyHeader } from '../../protocol/openai/reply-header.js';
import { AdmissionError, type Place, type Waiting } from '../admission.js';
import type { App, Serving } from '../app.js';
import type { Exchange } from '../exchange.js';
import { ClientGoneError } from '../request-body.js';
import { settle, type FinishEvent } from './accounting.js';
import { ReasoningKeeper } from './healing.js';
import { reportLeniencies } from './leniency-header.js';
import { ReplyKeeper } from './reply-keeper.js';

export interface Reply {
  exchange: Exchange;
  app: App;
  serving: Serving;
  door: Door;
  parsed: ParsedRequest;
  prepared: PreparedReply;
  header: ReplyHeader;
  /** What was forgiven; a reply may add to it until it is finished. */
  leniency: LeniencyLog;
  keepsReasoning: boolean;
  /** Whether a reply that ends so becomes an HTTP error: nothing was delivered, nothing is charged. */
  isRefused?: (finish: FinishEvent) => boolean;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/** Takes an event; a promise means: no more before it resolves. */
export type EventSink = (event: ReplyEvent) => Promise<void> | undefined;

/**
 * Contract of the events as in PreparedReply. @throws ApiError 429 or 503 before the first event,
 * when there is no place for the request or no engine for it.
 */
export async function runReply(reply: Reply, sink: EventSink): Promise<void> {
  const { exchange, app, prepared } = reply;
  const { logged } = exchange;
  const { limits, timers } = app;
  const cancelQueueLimit = timers.after(limits.queueTimeoutMs, () =>
    exchange.abort('inference had not started in time'),
  );
  const cancelTotalLimit = timers.after(limits.totalTimeoutMs, () =>
    exchange.abort('the reply was not complete in time'),
  );
  const kept = logged && app.kept.log.keepsContent ? new ReplyKeeper(logged) : undefined;
  let place: Place | undefined;
  try {
    const admitted = enter(reply);
    place = 'leave' in admitted ? admitted : await waitForPlace(reply, admitted);
    exchange.observation.mark('admitted');
    const keeper = keeperOf(reply);
    let isFirst = true;
    for await (const event of prepared.events(exchange.signal)) {
      keeper?.accept(event);
      kept?.accept(event);
      let wait: Promise<void> | undefined;
      if (event.type === 'finish') {
        exchange.observation.mark('finished');
        keepReply(reply, kept);
        noteReservedAnswer(reply, event);
        const settled = await settle(reply, event);
        exchange.observation.mark('recorded');
        await keeper?.keep(app.platform);
        wait = sink(settled);
      } else {
        if (event.type === 'start') {
          cancelQueueLimit();
          exchange.observation.mark('started');
          if (logged) logged.reply = prepared.progress;
        } else if (isFirst) {
          isFirst = false;
          exchange.observation.mark('first-token');
        }
        wait = sink(event);
      }
      if (wait) await wait;
    }
  } finally {
    cancelQueueLimit();
    cancelTotalLimit();
    place?.leave();
    kept?.end();
  }
}

/** Before the client hears of the end, for it may ask at once. */
function keepReply({ exchange, app, serving, parsed, prepared }: Reply, kept?: ReplyKeeper): void {
  kept?.end();
  const { request } = parsed;
  if (!exchange.logged || request.kind !== 'chat') return;
  const { tenant } = request;
  app.kept.rememberPrompt(exchange.logged, prepared.progress, { tenant, model: serving.model });
}

/** Known at the end only: in the head of a plain answer, in metrics and traces of any. */
function noteReservedAnswer({ exchange, leniency }: Reply, { reservedAnswer }: FinishEvent): void {
  if (!reservedAnswer || !leniency.apply('reserve_answer')) return;
  exchange.observation.set({ leniencies: leniency.applied });
  if (!exchange.isHeadSent) reportLeniencies(exchange, leniency);
}

function keeperOf({ keepsReasoning, parsed }: Reply): ReasoningKeeper | undefined {
  const { request } = parsed;
  return keepsReasoning && request.kind === 'chat' ? new ReasoningKeeper(request) : undefined;
}

function enter({ exchange, app, serving }: Reply): Place | Waiting {
  const { tenant, keyId, maxConcurrency = app.limits.maxPerKey } = exchange.principal;
  try {
    const applicant = { tenant, keyId, maxConcurrency, signal: exchange.signal };
    return serving.admission.enter(applicant);
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw error;
    const { reason, retryAfterSeconds } = error;
    throw reason === 'key'
      ? rateLimitError(`${maxConcurrency} concurrent requests`, retryAfterSeconds)
      : overloadedError(error, retryAfterSeconds);
  }
}

async function waitForPlace({ exchange }: Reply, waiting: Waiting): Promise<Place> {
  exchange.observation.mark('queued');
  exchange.queuePosition = () => waiting.position;
  try {
    return await waiting.admitted;
  } catch (error) {
    if (exchange.isClientGone) throw new ClientGoneError('the client left while it waited');
    throw overloadedError(error);
  }
}

/** The end of a reply whose generation failed after bytes had been sent. */
export function failedFinish({ prepared: { promptTokens } }: Reply): ReplyEvent {
  return {
    type: 'finish',
    reason: 'insufficient_system_resource',
    usage: {
      promptTokens,
      cacheHitTokens: 0,
      cacheMissTokens: promptTokens,
      completionTokens: 0,
      reasoningTokens: 0,
    },
  };
}
