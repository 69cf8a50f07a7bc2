// Arbitrary replies for property tests: any text in any pieces, in the order that the contract of
// ReplyEvent promises.

import fc from 'fast-check';
import type {
  ReplyEvent,
  ReplyFinishReason,
  ReplyLogprob,
  ReplyUsage,
} from '../../src/chat/types.js';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const pieces = fc.array(text, { maxLength: 4 });

const usage: fc.Arbitrary<ReplyUsage> = fc
  .record({ hit: fc.nat(), miss: fc.nat(), reasoning: fc.nat(), answer: fc.nat() })
  .map(({ hit, miss, reasoning, answer }) => ({
    promptTokens: hit + miss,
    cacheHitTokens: hit,
    cacheMissTokens: miss,
    completionTokens: reasoning + answer,
    reasoningTokens: reasoning,
  }));

const reason = fc.constantFrom<ReplyFinishReason>(
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'insufficient_system_resource',
  'aborted',
);

function logprobsOf(piece: string): ReplyLogprob[] {
  const bytes = Buffer.from(piece);
  return [
    {
      token: 1,
      logprob: -0.25,
      bytes,
      rank: 1,
      topLogprobs: [{ token: 1, logprob: -0.25, bytes }],
    },
  ];
}

function block(kind: 'reasoning' | 'content', texts: readonly string[]): ReplyEvent[] {
  if (texts.length === 0) return [];
  return [
    { type: `${kind}-start` },
    ...texts.map((text): ReplyEvent => ({ type: `${kind}-delta`, text })),
    { type: `${kind}-end` },
  ];
}

function call(name: string, fragments: readonly string[], index: number): ReplyEvent[] {
  return [
    { type: 'tool-call-start', index, id: `call_0${index}_${name}`, name },
    ...fragments.map((argumentsDelta): ReplyEvent => ({
      type: 'tool-call-delta',
      index,
      argumentsDelta,
    })),
    { type: 'tool-call-end', index },
  ];
}

export interface ReplyShape {
  thinking: boolean;
  tools: boolean;
  /** Whether content comes with log-probabilities, one token a piece. */
  logprobs: boolean;
}

export function replyEvents({ thinking, tools, logprobs }: ReplyShape): fc.Arbitrary<ReplyEvent[]> {
  const calls = fc.array(fc.tuple(text, pieces), { maxLength: tools ? 3 : 0 });
  return fc
    .record({ reasoning: pieces, content: pieces, calls, usage, reason })
    .map(({ reasoning, content, calls, usage, reason }): ReplyEvent[] => [
      {
        type: 'start',
        promptTokens: usage.promptTokens,
        cacheHitTokens: usage.cacheHitTokens,
      },
      ...(thinking ? block('reasoning', reasoning) : []),
      ...block('content', content).map((event) =>
        logprobs && event.type === 'content-delta'
          ? { ...event, logprobs: logprobsOf(event.text) }
          : event,
      ),
      ...calls.flatMap(([name, fragments], index) => call(name, fragments, index)),
      { type: 'finish', reason, usage },
    ]);
}
