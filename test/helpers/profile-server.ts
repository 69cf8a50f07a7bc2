// One server, two keys: one with the default profile, one with `agents`. Requests in each dialect, and
// what came back in one shape, so that a test can say what each profile does.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { PROFILES, type ProfileName } from '../../src/protocol/leniency.js';
import { newKey } from './api-key.js';
import { startScripted, type ScriptedServerOptions } from './scripted-server.js';

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

export const CHAT = '/chat/completions';
export const ANTHROPIC = '/anthropic/v1/messages';
export const RESPONSES = '/v1/responses';

export interface Answer {
  status: number;
  headers: Headers;
  /** What `x-hadal-leniency` names. */
  leniencies: string[];
  text: string;
  /** Parsed, when it is JSON. */
  body: unknown;
  /** Of an error. */
  message: string;
}

/** What a reply says, whatever the dialect and whether it was streamed. */
export interface Said {
  model: string;
  reasoning: string | undefined;
  content: string;
  calls: { name: string; arguments: string }[];
  reason: string | null;
}

export async function startProfiles(t: TestContext, options: ScriptedServerOptions = {}) {
  const { server, backend } = await startScripted(t, options);
  const keys = new Map<ProfileName, string>();
  for (const profile of PROFILE_NAMES) keys.set(profile, await newKey(server, { profile }));

  const post = async (profile: ProfileName, path: string, body: object | string) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${keys.get(profile)}`,
        'content-type': 'application/json',
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return readAnswer(response);
  };
  return { server, backend, post };
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const header = response.headers.get('x-hadal-leniency');
  const isJson = response.headers.get('content-type') === 'application/json';
  const body: unknown = isJson ? JSON.parse(text) : undefined;
  return {
    status: response.status,
    headers: response.headers,
    leniencies: header?.split(', ') ?? [],
    text,
    body,
    message: (body as { error?: { message: string } } | undefined)?.error?.message ?? '',
  };
}

interface ChatMessage {
  content?: string | null;
  reasoning_content?: string | null;
  tool_calls?: { index: number; function: { name?: string; arguments?: string } }[];
}

interface ChatBody {
  model: string;
  choices: { message?: ChatMessage; delta?: ChatMessage; finish_reason: string | null }[];
}

/** Of a reply of the chat API, whole or streamed. */
export function chatSaid({ status, text, body }: Answer): Said {
  assert.equal(status, 200, text);
  const parts = body === undefined ? streamData(text) : [body];
  const said: Said = { model: '', reasoning: undefined, content: '', calls: [], reason: null };
  for (const part of parts as ChatBody[]) {
    const { message, delta, finish_reason } = part.choices[0]!;
    const { content, reasoning_content: reasoning, tool_calls } = message ?? delta!;
    said.model = part.model;
    said.content += content ?? '';
    if (typeof reasoning === 'string') said.reasoning = (said.reasoning ?? '') + reasoning;
    for (const { index, function: called } of tool_calls ?? []) {
      const call = (said.calls[index] ??= { name: '', arguments: '' });
      call.name += called.name ?? '';
      call.arguments += called.arguments ?? '';
    }
    said.reason = finish_reason ?? said.reason;
  }
  return said;
}

interface Block {
  type: string;
  text?: string;
  thinking?: string;
  name?: string;
  input?: object;
  partial_json?: string;
}

interface MessageEvent {
  type: string;
  message?: { model: string };
  content_block?: Block;
  delta?: Block & { stop_reason?: string };
}

/** Of a reply of the Anthropic door, whole or streamed. */
export function anthropicSaid({ status, text, body }: Answer): Said {
  assert.equal(status, 200, text);
  const said: Said = { model: '', reasoning: undefined, content: '', calls: [], reason: null };
  if (body !== undefined) {
    const message = body as { model: string; content: Block[]; stop_reason: string };
    for (const block of message.content) {
      addBlock(said, block);
      if (block.input) said.calls.at(-1)!.arguments = JSON.stringify(block.input);
    }
    return { ...said, model: message.model, reason: message.stop_reason };
  }
  for (const { message, content_block, delta } of streamData(text) as MessageEvent[]) {
    if (message) said.model = message.model;
    if (content_block) addBlock(said, content_block);
    if (!delta) continue;
    said.content += delta.text ?? '';
    if (delta.thinking !== undefined) said.reasoning = (said.reasoning ?? '') + delta.thinking;
    if (delta.partial_json !== undefined) said.calls.at(-1)!.arguments += delta.partial_json;
    said.reason = delta.stop_reason ?? said.reason;
  }
  return said;
}

function addBlock(said: Said, { text, thinking, name }: Block): void {
  said.content += text ?? '';
  if (thinking !== undefined) said.reasoning = (said.reasoning ?? '') + thinking;
  if (name !== undefined) said.calls.push({ name, arguments: '' });
}

/** The JSON of every `data:` line. */
export function streamData(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as unknown);
}
