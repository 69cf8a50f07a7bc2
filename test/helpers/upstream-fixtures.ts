// What the tests of this layer share: a small tokenizer, requests, and a started backend.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { tinyTokenizerJson } from './tiny-tokenizer.js';
import type { FakeUpstream } from './fake-upstream.js';
import type { GenerateEvent, GenerateRequest } from '../../src/backend/types.js';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import type { EndpointOptions } from '../../src/upstream/endpoint.js';
import type { UpstreamCounter, UpstreamNotice } from '../../src/upstream/notices.js';
import { UpstreamBackend, type UpstreamOptions } from '../../src/upstream/upstream-backend.js';

export const tokenizer = Tokenizer.fromJson(tinyTokenizerJson());
export const never = new AbortController().signal;

export function tokensOf(text: string): number[] {
  return [...tokenizer.encode(text)];
}

let numRequests = 0;

export function makeRequest(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    id: `request-${numRequests++}`,
    promptTokens: tokenizer.encode('<｜begin▁of▁sentence｜><｜User｜>hello'),
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [tokenizer.eosId],
    stopStrings: [],
    maxTokens: 100,
    ...changes,
  };
}

export interface Started {
  backend: UpstreamBackend;
  notices: UpstreamNotice[];
  counts: Partial<Record<UpstreamCounter, number>>;
}

export async function startBackend(
  t: TestContext,
  engines: readonly FakeUpstream[],
  {
    endpoints = {},
    ...options
  }: Partial<Omit<UpstreamOptions, 'endpoints'>> & { endpoints?: Partial<EndpointOptions> } = {},
): Promise<Started> {
  const notices: UpstreamNotice[] = [];
  const counts: Started['counts'] = {};
  const backend = await UpstreamBackend.start({
    endpoints: engines.map(({ url }) => ({ url, ...endpoints })),
    tokenizer,
    backoffMs: 1,
    random: () => 0.5,
    onNotice: (notice) => notices.push(notice),
    onCount: (counter) => (counts[counter] = (counts[counter] ?? 0) + 1),
    ...options,
  });
  t.after(() => backend.dispose());
  return { backend, notices, counts };
}

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The visible bytes of the tokens, as text. */
export function textOf(events: readonly GenerateEvent[]): string {
  const bytes = events.flatMap((event) =>
    event.type === 'token'
      ? [tokenizer.tokenBytes(event.token).subarray(0, event.visibleBytes)]
      : [],
  );
  return Buffer.concat(bytes).toString();
}

export function idsOf(events: readonly GenerateEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'token' ? [event.token] : []));
}

/** The one finish event, which is the last. */
export function finishOf(
  events: readonly GenerateEvent[],
): Extract<GenerateEvent, { type: 'finish' }> {
  const last = events.at(-1);
  assert.ok(last?.type === 'finish', 'a finish event ends the stream');
  assert.equal(events.filter(({ type }) => type === 'finish').length, 1);
  return last;
}
