// Holds a reply against an expectation. Pure: everything wrong with the reply is returned as texts,
// nothing is thrown for a bad reply.

import { readEventStream } from './event-stream.js';
import { isMap, type Json, type JsonMap, member, show } from './json-value.js';
import { joinChunks, joinMessageEvents } from './joined.js';
import { type Captures, match, type Mismatch, parseJson } from './matcher.js';
import type { Expectation, StreamExpectation } from './requirement.js';
import { matchSequence } from './sequence.js';

export interface Reply {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
  /** The connection failed; what had come until then is above. Status 0: before any answer. */
  failure?: string;
}

/** What is wrong; empty = the expectation is met. Captured values go into `captures`. */
export function checkReply(expected: Expectation, reply: Reply, captures: Captures): string[] {
  const problems: string[] = [];
  const note = (what: string, mismatches: readonly Mismatch[]) =>
    problems.push(...mismatches.map((mismatch) => described(what, mismatch)));

  if (expected.cut === true) {
    if (reply.failure === undefined) problems.push('connection: was not cut');
  } else if (reply.failure !== undefined) {
    return [`connection: ${reply.failure}`];
  }
  const { status } = expected;
  if (status !== undefined && ![status].flat().includes(reply.status)) {
    problems.push(
      `status: expected ${[status].flat().join(' or ')}, got ${reply.status}: ${clip(reply)}`,
    );
  }
  for (const [name, matcher] of Object.entries(expected.headers ?? {})) {
    note('header', match(matcher, member(reply.headers, name), captures, name));
  }
  if (expected.text !== undefined) note('body', match(expected.text, reply.body, captures));
  if (expected.json !== undefined) note('body', matchBody(expected.json, reply, captures));
  if (expected.error !== undefined) {
    note('error', match(expected.error, messageOf(reply.body), captures, 'message'));
  }
  if (expected.chunks) problems.push(...checkChunks(expected.chunks, reply, captures));
  if (expected.events) problems.push(...checkEvents(expected.events, reply, captures));
  if (expected.keepAlive === true) problems.push(...checkKeepAlive(reply));
  return problems;
}

function matchBody(matcher: Json, { body }: Reply, captures: Captures): Mismatch[] {
  const parsed = parseJson(body);
  if (parsed === undefined) return [{ path: '', problem: `is no JSON: ${show(body)}` }];
  return match(matcher, parsed, captures);
}

/** Both families have `error.message`; the platform also sends bare texts (api reference §11.2). */
function messageOf(body: string): string {
  const parsed = parseJson(body);
  const error = isMap(parsed) ? member(parsed, 'error') : undefined;
  const message = isMap(error) ? member(error, 'message') : undefined;
  return typeof message === 'string' ? message : body;
}

/** Api reference §4.1: data lines only, `[DONE]` last and once. */
function checkChunks(expected: StreamExpectation, reply: Reply, captures: Captures): string[] {
  const { events, strayLines } = readEventStream(reply.body);
  const problems = framingProblems(reply);
  if (strayLines.length > 0) problems.push(`stream: unknown line ${show(strayLines[0]!)}`);
  if (events.some(({ event }) => event !== null)) problems.push('stream: has event: lines');
  if (events.at(-1)?.['data'] !== '[DONE]') problems.push('stream: does not end with [DONE]');
  const chunks = events.map(({ data }) => data!).filter((data) => data !== '[DONE]');
  if (events.length - chunks.length > 1) problems.push('stream: has more than one [DONE]');
  if (!chunks.every(isMap)) problems.push('stream: a chunk is no JSON object');
  return [
    ...problems,
    ...checkItems(expected, { items: chunks, join: joinChunks(chunks), captures }),
  ];
}

/** Api reference §9.7: every frame has a name, equal to the data's type; no `[DONE]`. */
function checkEvents(expected: StreamExpectation, reply: Reply, captures: Captures): string[] {
  const { events, strayLines } = readEventStream(reply.body);
  const problems = framingProblems(reply);
  if (strayLines.length > 0) problems.push(`stream: unknown line ${show(strayLines[0]!)}`);
  for (const { event, data } of events) {
    const type = isMap(data) ? member(data, 'type') : undefined;
    if (event === null || type !== event) {
      problems.push(`stream: event ${show(event)} has data of type ${show(type)}`);
    }
  }
  const items = events.filter(({ event }) => event !== 'ping');
  return [
    ...problems,
    ...checkItems(expected, { items, join: joinMessageEvents(items), captures }),
  ];
}

function framingProblems({ headers, body }: Reply): string[] {
  const type = headers['content-type'] ?? 'none';
  if (!/^text\/event-stream(; *charset=utf-8)?$/i.test(type)) {
    return [`stream: content type is ${type}`];
  }
  return readEventStream(body).isComplete ? [] : ['stream: the last frame is not complete'];
}

function checkItems(
  expected: StreamExpectation,
  { items, join, captures }: { items: Json[]; join: JsonMap; captures: Captures },
): string[] {
  const { sequence, first, last, each, some, joined, same = [] } = expected;
  const mismatches = [
    ...(sequence ? matchSequence(sequence, items) : []),
    ...(first === undefined ? [] : match(first, items[0], captures, 'first')),
    ...(last === undefined ? [] : match(last, items.at(-1), captures, 'last')),
    ...(each === undefined
      ? []
      : match({ $each: each, $length: [1, Number.MAX_SAFE_INTEGER] }, items, captures)),
    ...(some === undefined ? [] : match({ $some: some }, items, captures)),
    ...(joined === undefined ? [] : match(joined, join, captures, 'joined')),
    ...same.flatMap((field) => differing(field, items)),
  ];
  return mismatches.map((mismatch) => described('stream', mismatch));
}

function differing(field: string, items: readonly Json[]): Mismatch[] {
  const values = new Set(items.map((item) => show(isMap(item) ? member(item, field) : undefined)));
  if (values.size === 1 && !values.has('nothing')) return [];
  return [{ path: field, problem: `differs: ${[...values].join(', ')}` }];
}

/** Comments in a stream, empty lines before a JSON body (api reference §8). */
function checkKeepAlive({ headers, body }: Reply): string[] {
  if (headers['content-type']?.startsWith('application/json')) {
    return /^(\r?\n)+\{/.test(body) ? [] : ['keep-alive: no empty line before the body'];
  }
  const { comments, events } = readEventStream(body);
  const isPing = events.some(({ event }) => event === 'ping');
  const isComment = comments.some(({ text }) => text === 'keep-alive');
  return isPing || isComment ? [] : ['keep-alive: neither a comment nor a ping'];
}

function described(what: string, { path, problem }: Mismatch): string {
  return `${path === '' ? what : `${what} ${path}`}: ${problem}`;
}

function clip({ body }: Reply): string {
  return body.length <= 200 ? body : `${body.slice(0, 197)}...`;
}
