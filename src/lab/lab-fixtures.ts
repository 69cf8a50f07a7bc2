// Prompts and replies for tests of the lab: renders a conversation as the road does, plays a
// scenario, and reads the completion with the server's parser.

import type { FinishReason, GenerateEvent, GenerateRequest } from '../backend/types.js';
import { assembleMessage, type CompletionEvent } from '../encoding/completion.js';
import { encodeMessages } from '../encoding/encode-messages.js';
import { fromPlainJson } from '../encoding/json.js';
import { LenientCompletionParser } from '../encoding/lenient-parser.js';
import type { Message, ToolDefinition } from '../encoding/message.js';
import type { Segment } from '../encoding/segments.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { Utf8Stream } from '../encoding/utf8-stream.js';
import { scenarioBackend, type ScenarioBackendOptions } from './scenario-backend.js';
import type { Scenario } from './scenario.js';
import { findScenario } from './scenarios.js';

export function tool(name: string, properties: object, required = Object.keys(properties)) {
  const parameters = { type: 'object', properties, required };
  return { type: 'function', function: fromPlainJson({ name, parameters }) } as ToolDefinition;
}

export const WEATHER = tool('get_weather', { city: { type: 'string' } });

export function promptTokens(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  { thinking = false, tools = [] as ToolDefinition[], opening = [] as Segment[] } = {},
): Int32Array {
  const thinkingMode = thinking ? 'thinking' : 'chat';
  const segments = encodeMessages(messages, { thinkingMode, tools });
  return tokenizer.encodeSegments([...segments, ...opening]);
}

export const scenario = (segment: string): Scenario => {
  const found = findScenario(segment);
  if (!found) throw new Error(`no scenario ${segment}`);
  return found;
};

export function requestOf(
  tokens: Int32Array,
  fields: Partial<GenerateRequest> = {},
): GenerateRequest {
  return {
    id: 'request-1',
    promptTokens: tokens,
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [],
    stopStrings: [],
    maxTokens: 4096,
    ...fields,
  };
}

export interface Played {
  events: GenerateEvent[];
  tokens: number[];
  finish: Extract<GenerateEvent, { type: 'finish' }>;
  reason: FinishReason;
  message: ReturnType<typeof assembleMessage>;
  /** Whether each call's arguments were closed. */
  isComplete: boolean[];
}

/** Plays a request to its end. */
export async function play(
  name: string,
  request: GenerateRequest,
  options: ScenarioBackendOptions & { thinking?: boolean; signal?: AbortSignal },
): Promise<Played> {
  const { thinking = false, signal = new AbortController().signal } = options;
  const events: GenerateEvent[] = [];
  const backend = scenarioBackend(scenario(name), options);
  for await (const event of backend.generate(request, signal)) events.push(structuredClone(event));
  const finish = events.at(-1);
  if (finish?.type !== 'finish') throw new Error('no finish event');
  return { events, finish, reason: finish.reason, ...read(events, options.tokenizer, thinking) };
}

function read(events: readonly GenerateEvent[], tokenizer: Tokenizer, thinking: boolean) {
  const parser = new LenientCompletionParser({ thinking, hasTools: true });
  const utf8 = new Utf8Stream();
  const parsed: CompletionEvent[] = [];
  const tokens: number[] = [];
  let isTruncated = false;
  for (const event of events) {
    if (event.type === 'finish') isTruncated = event.reason !== 'stop';
    if (event.type !== 'token') continue;
    tokens.push(event.token);
    const bytes = tokenizer.tokenBytes(event.token).subarray(0, event.visibleBytes);
    if (tokenizer.isControl(event.token)) {
      parsed.push(...parser.push({ text: utf8.flush(), control: false }));
      parsed.push(...parser.push({ text: Buffer.from(bytes).toString(), control: true }));
    } else {
      parsed.push(...parser.push({ text: utf8.push(bytes), control: false }));
    }
  }
  parsed.push(...parser.finish({ isTruncated }));
  return {
    tokens,
    message: assembleMessage(parsed),
    isComplete: parsed.flatMap((event) =>
      event.type === 'tool-call-end' ? [event.isComplete] : [],
    ),
  };
}
