// One round of a run: a request to the model and its reply, which "answer now" may divide into two
// requests. Emits what happens and returns what is kept. Knows no tools being run and no rows.

import {
  type ChatDelta,
  ChatClientError,
  type ReplyHead,
  streamChat,
} from '../../agent/chat-client.js';
import type { RunEvent, RunUsage } from '../run-events.js';
import type { WebHost } from '../web-host.js';
import {
  answerRequest,
  modelRequest,
  type ModelRequest,
  type ModelRequestOptions,
} from './model-request.js';
import type { ReplyWriter } from './reply-writer.js';
import { requestUsage, type RequestTimes, runUsage } from './run-usage.js';

export interface RoundOptions {
  request: ModelRequestOptions;
  reply: ReplyWriter;
  emit: (event: RunEvent) => void;
  now: () => number;
  /** Ends the round. */
  stop: AbortSignal;
  /** Ends the thinking. */
  answerNow: AbortSignal;
  onTrace: (traceId: string) => void;
  /** Of each request, also of one that was cut off or failed, as far as it is known. */
  onUsage: (usage: RunUsage) => void;
  usageOf: WebHost['usageOf'];
}

type Finish = Extract<ChatDelta, { type: 'finish' }>;

/** How long a request that was cut off may take to be billed. */
const CUT_USAGE_MS = 2_000;

/** @returns the finish reason. @throws ChatClientError; the reason of `stop` */
export async function playRound(options: RoundOptions): Promise<string> {
  const { request, reply, stop, answerNow } = options;
  const usages: Promise<RunUsage | undefined>[] = [];
  const all = { ...options, usages };
  try {
    const signal = AbortSignal.any([stop, answerNow]);
    const finish = await ask(modelRequest(request), all, signal);
    if (!answerNow.aborted || !reply.isThinking) return reasonOf(finish);
    reply.forceAnswer();
    return reasonOf(await ask(answerRequest(request, reply.reasoning), all, stop));
  } finally {
    for (const usage of await Promise.all(usages)) if (usage) options.onUsage(usage);
  }
}

/** One request. When only the thinking was to end it comes back without a finish. */
async function ask(
  { endpoint, call }: ModelRequest,
  options: RoundOptions & { usages: Promise<RunUsage | undefined>[] },
  signal: AbortSignal,
): Promise<Finish | undefined> {
  const { reply, emit, now, stop, answerNow, onTrace } = options;
  const times: RequestTimes = {
    asked: now(),
    firstToken: undefined,
    lastToken: undefined,
    ended: 0,
  };
  let finish: Finish | undefined;
  let trace: string | undefined;
  const onHead = ({ traceId, queuePosition }: ReplyHead) => {
    trace = traceId;
    if (traceId !== undefined) onTrace(traceId);
    if (queuePosition !== undefined) emit({ type: 'queued', position: queuePosition });
  };
  const isThoughtEnded = () => !stop.aborted && answerNow.aborted && reply.isThinking;
  try {
    for await (const delta of streamChat(endpoint, call, signal, onHead)) {
      if (signal.aborted && isThoughtEnded()) break;
      times.lastToken = now();
      times.firstToken ??= times.lastToken;
      if (delta.type === 'finish') finish = delta;
      else reply.take(delta);
    }
  } catch (error) {
    if (!signal.aborted || !isThoughtEnded()) throw error;
  } finally {
    times.ended = now();
    options.usages.push(usageOf({ finish, trace, times }, options));
  }
  return finish;
}

/** The stream's own; of a request that was cut off, what the server billed. */
async function usageOf(
  {
    finish,
    trace,
    times,
  }: { finish: Finish | undefined; trace: string | undefined; times: RequestTimes },
  { request, usageOf: billed }: Pick<RoundOptions, 'request' | 'usageOf'>,
): Promise<RunUsage | undefined> {
  const usage = finish?.usage
    ? requestUsage(finish.usage)
    : trace !== undefined && (await inTime(billed(trace)));
  if (!usage) return undefined;
  return runUsage(usage, { times, isBilled: request.settings.lab === null });
}

function reasonOf(finish: Finish | undefined): string {
  if (!finish) throw new ChatClientError('the stream ended without a finish reason');
  return finish.reason;
}

function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), CUT_USAGE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
