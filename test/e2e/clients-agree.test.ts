// All SDKs in front of the same replies: keep-alives before the first byte, characters split over
// tokens, several calls in one turn. Whatever a client parses with, it must read the same.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createDeepSeek } from '@ai-sdk/deepseek';
import Anthropic from '@anthropic-ai/sdk';
import type { AIMessageChunk } from '@langchain/core/messages';
import { ChatDeepSeek } from '@langchain/deepseek';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { ManualTimers } from '../helpers/manual-timers.js';
import { playedModel } from '../helpers/played-model.js';
import { gate, startScripted, until } from '../helpers/scripted-server.js';

globalThis.AI_SDK_LOG_WARNINGS = false;

interface Server {
  root: string;
  apiKey: string;
}

/** What a client understood. */
interface Read {
  text: string;
  /** City of each call. */
  cities: string[];
}

const MODEL = 'deepseek-chat';
const PROMPT = 'go';
const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } } } as const;
const cityOf = (input: unknown) => (input as { city: string }).city;

const openai = ({ root, apiKey }: Server) =>
  new OpenAI({ baseURL: root, apiKey, maxRetries: 0 }).chat.completions;
const openaiRequest = {
  model: MODEL,
  messages: [{ role: 'user' as const, content: PROMPT }],
  tools: [{ type: 'function' as const, function: { name: 'weather', parameters: PARAMETERS } }],
};
const readOpenai = ({ content, tool_calls }: OpenAI.ChatCompletionMessage): Read => ({
  text: content ?? '',
  cities: (tool_calls ?? []).flatMap((call) =>
    call.type === 'function' ? [cityOf(JSON.parse(call.function.arguments))] : [],
  ),
});

const anthropic = ({ root, apiKey }: Server) =>
  new Anthropic({ baseURL: `${root}/anthropic`, apiKey, maxRetries: 0 }).messages;
const anthropicRequest = {
  model: MODEL,
  max_tokens: 999,
  messages: [{ role: 'user' as const, content: PROMPT }],
  tools: [{ name: 'weather', input_schema: PARAMETERS }],
};
const readAnthropic = ({ content }: Anthropic.Message): Read => ({
  text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
  cities: content.flatMap((block) => (block.type === 'tool_use' ? [cityOf(block.input)] : [])),
});

const aiModels = {
  deepseek: ({ root, apiKey }: Server) => createDeepSeek({ baseURL: root, apiKey })(MODEL),
  anthropic: ({ root, apiKey }: Server) =>
    createAnthropic({ baseURL: `${root}/anthropic/v1`, apiKey })(MODEL),
};
const aiTools = { weather: tool({ inputSchema: jsonSchema<{ city: string }>(PARAMETERS) }) };
const readAi = (text: string, calls: readonly { input: unknown }[]): Read => ({
  text,
  cities: calls.map(({ input }) => cityOf(input)),
});

const langchain = ({ root, apiKey }: Server) =>
  new ChatDeepSeek({
    apiKey,
    model: MODEL,
    maxRetries: 0,
    configuration: { baseURL: root },
  }).bindTools([{ type: 'function', function: { name: 'weather', parameters: PARAMETERS } }]);

type Ask = (server: Server) => Promise<Read>;

const CLIENTS: Record<string, Ask> = {
  openai: async (server) =>
    readOpenai((await openai(server).create(openaiRequest)).choices[0]!.message),
  'openai, streamed': async (server) =>
    readOpenai(await openai(server).stream(openaiRequest).finalMessage()),
  anthropic: async (server) => readAnthropic(await anthropic(server).create(anthropicRequest)),
  'anthropic, streamed': async (server) =>
    readAnthropic(await anthropic(server).stream(anthropicRequest).finalMessage()),
  langchain: async (server) => {
    const { text, tool_calls } = await langchain(server).invoke(PROMPT);
    return { text, cities: (tool_calls ?? []).map(({ args }) => cityOf(args)) };
  },
  'langchain, streamed': async (server) => {
    const pieces = await langchain(server).stream(PROMPT);
    let whole: AIMessageChunk | undefined;
    for await (const piece of pieces) whole = whole?.concat(piece) ?? piece;
    return {
      text: whole!.text,
      cities: (whole!.tool_calls ?? []).map(({ args }) => cityOf(args)),
    };
  },
};
for (const [name, model] of Object.entries(aiModels)) {
  CLIENTS[`ai with ${name}`] = async (server) => {
    const request = { model: model(server), prompt: PROMPT, tools: aiTools, maxRetries: 0 };
    const { text, toolCalls } = await generateText(request);
    return readAi(text, toolCalls);
  };
  CLIENTS[`ai with ${name}, streamed`] = async (server) => {
    const result = streamText({
      model: model(server),
      prompt: PROMPT,
      tools: aiTools,
      maxRetries: 0,
      onError: ({ error }) => assert.fail(String(error)),
    });
    return readAi(await result.text, await result.toolCalls);
  };
}

test('keep-alives before and within a reply disturb nobody', async (t) => {
  const timers = new ManualTimers();
  let hold = [gate(), gate()];
  const { server } = await startScripted(t, {
    ...playedModel({ content: 'Hello there.' }),
    timers,
    beforeToken: (index) => hold[index]?.passed,
  });
  for (const [name, ask] of Object.entries(CLIENTS)) {
    hold = [gate(), gate()];
    const reading = ask({ root: server.url, apiKey: server.apiKey });
    await until(() => timers.numPending === 2);
    timers.advance(12_000);
    hold[0]!.open();
    timers.advance(30_000);
    hold[1]!.open();
    assert.deepEqual(await reading, { text: 'Hello there.', cities: [] }, name);
    await until(() => timers.numPending === 0);
  }
});

test('characters that are split over tokens arrive whole', async (t) => {
  const { server } = await startScripted(t);
  const root = `${server.url}/lab/split-utf8`;
  for (const [name, ask] of Object.entries(CLIENTS)) {
    const { text } = await ask({ root, apiKey: server.apiKey });
    assert.equal(text, '深海 𠮷野家 👩‍👩‍👧‍👦 🏳️‍🌈 naïve ☃ 龘', name);
  }
});

test('several calls in one turn are several calls', async (t) => {
  const { server } = await startScripted(t);
  const root = `${server.url}/lab/parallel-tool-calls`;
  for (const [name, ask] of Object.entries(CLIENTS)) {
    const { cities } = await ask({ root, apiKey: server.apiKey });
    assert.deepEqual(cities, ['Oslo', 'Bergen'], name);
  }
});
