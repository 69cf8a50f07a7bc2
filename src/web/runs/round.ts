// One round of a run: a request to the model and its reply, which "answer now" may divide into two
// requests. Emits what happens and returns what is kept. Knows no tools being run and no rows.

import {
  type ChatDelta,
  ChatClientError,
  type ReplyHead,
  streamChat,
} from '../../agent/chat-client.js';
import type { RunEvent, RunUsage } from '../run-events.js';
import { sumOf } from '../usage-sum.js';
import {
  answerRequest,
  modelRequest,
  type ModelRequest,
  type ModelRequestOptions,
} from './model-request.js';
import type { ReplyWriter } from './reply-writer.js';
import { runUsage } from './run-usage.js';

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
}

export interface RoundEnd {
  finishReason: string;
  usage: RunUsage | null;
}

type Finish = Extract<ChatDelta, { type: 'finish' }>;

/** @throws ChatClientError; the reason of `stop` */
export async function playRound(options: RoundOptions): Promise<RoundEnd> {
  const { request, reply, stop, answerNow } = options;
  const first = await ask(modelRequest(request), options, AbortSignal.any([stop, answerNow]));
  if (!answerNow.aborted || !reply.isThinking) return roundEnd(first);
  reply.forceAnswer();
  const rest = await ask(answerRequest(request, reply.reasoning), options, stop);
  return { ...roundEnd(rest), usage: sumOf([first.usage, rest.usage]) };
}

interface Asked {
  finish: Finish | undefined;
  usage: RunUsage | null;
}

/** One request. When only the thinking is to end it comes back without a finish. */
async function ask(
  { endpoint, call }: ModelRequest,
  { request, reply, emit, now, stop, answerNow, onTrace }: RoundOptions,
  signal: AbortSignal,
): Promise<Asked> {
  const asked = now();
  let firstToken: number | undefined;
  let lastToken: number | undefined;
  let finish: Finish | undefined;
  const onHead = ({ traceId, queuePosition }: ReplyHead) => {
    if (traceId !== undefined) onTrace(traceId);
    if (queuePosition !== undefined) emit({ type: 'queued', position: queuePosition });
  };
  const isEnded = () => signal.aborted && !stop.aborted && answerNow.aborted && reply.isThinking;
  try {
    for await (const delta of streamChat(endpoint, call, signal, onHead)) {
      if (isEnded()) break;
      lastToken = now();
      firstToken ??= lastToken;
      if (delta.type === 'finish') finish = delta;
      else reply.take(delta);
    }
  } catch (error) {
    if (!isEnded()) throw error;
  }
  const times = { asked, firstToken, lastToken, ended: now() };
  const isBilled = request.settings.lab === null;
  return { finish, usage: finish?.usage ? runUsage(finish.usage, { times, isBilled }) : null };
}

function roundEnd({ finish, usage }: Asked): RoundEnd {
  if (!finish) throw new ChatClientError('the stream ended without a finish reason');
  return { finishReason: finish.reason, usage };
}
