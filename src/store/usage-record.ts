// A usage record as a line of JSON, and back. What is read from disk is checked as strictly as what
// the server hands in, so that a record that was accepted can always be posted.

import type { UsageRecord } from './types.js';

const MAX_TEXT = 256;

const TEXTS = ['requestId', 'accountId', 'keyId', 'door', 'model', 'finishReason'] as const;
const COUNTS = ['promptTokens', 'cacheHitTokens', 'completionTokens', 'reasoningTokens'] as const;
/** Keeps a request's price far inside 64 bits. */
const MAX_COUNT = 1e9;

/** @throws RangeError naming the field: a fault of the caller. */
export function encodeUsage(usage: UsageRecord): string {
  const problem = problemOf(usage);
  if (problem !== undefined) throw new RangeError(`usage record: ${problem}`);
  const { requestId, accountId, keyId, door, model, finishReason, stream } = usage;
  const { promptTokens, cacheHitTokens, completionTokens, reasoningTokens } = usage;
  return JSON.stringify({
    requestId,
    accountId,
    keyId,
    door,
    model,
    finishReason,
    stream,
    promptTokens,
    cacheHitTokens,
    completionTokens,
    reasoningTokens,
    startedAt: usage.startedAt.getTime(),
    finishedAt: usage.finishedAt.getTime(),
  });
}

/** undefined when it is not a record. */
export function decodeUsage(text: string): UsageRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const usage = {
    ...(record as unknown as UsageRecord),
    startedAt: new Date(Number(record['startedAt'])),
    finishedAt: new Date(Number(record['finishedAt'])),
  };
  return problemOf(usage) === undefined ? usage : undefined;
}

function problemOf(usage: UsageRecord): string | undefined {
  for (const name of TEXTS) {
    const text: unknown = usage[name];
    // PostgreSQL takes no NUL and no lone surrogates.
    const isText =
      typeof text === 'string' &&
      text.length > 0 &&
      text.length <= MAX_TEXT &&
      !/\0|\p{Cs}/u.test(text);
    if (!isText) return `${name} must be 1 to ${MAX_TEXT} characters of text, got ${show(text)}`;
  }
  for (const name of COUNTS) {
    const count: unknown = usage[name];
    if (!Number.isInteger(count) || (count as number) < 0 || (count as number) > MAX_COUNT) {
      return `${name} must be a whole number from 0 to ${MAX_COUNT}, got ${show(count)}`;
    }
  }
  if (usage.cacheHitTokens > usage.promptTokens) {
    return `cacheHitTokens ${usage.cacheHitTokens} exceed promptTokens ${usage.promptTokens}`;
  }
  for (const name of ['startedAt', 'finishedAt'] as const) {
    if (!Number.isFinite(usage[name].getTime())) return `${name} is no date`;
  }
  return typeof usage.stream === 'boolean' ? undefined : `stream must be true or false`;
}

function show(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80);
}
