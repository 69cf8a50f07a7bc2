// The context cache as a client of the platform sees it: hits of the second turn in both dialects,
// after a restart too, per account and end user, and the same replies as without.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import {
  startServer,
  type RunningServer,
  type StartServerOptions,
} from '../../src/server/start-server.js';
import { newAccount, newKey } from '../helpers/api-key.js';

interface Usage {
  prompt_tokens: number;
  prompt_cache_hit_tokens: number;
  prompt_cache_miss_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
}

interface Message {
  role: string;
  content: string;
}

const LONG_QUESTION = `What is 17 + 25? ${'Take all the time that you need. '.repeat(12)}`;

let server: RunningServer;

before(async () => {
  server = await startServer({ port: 0, threads: 1 });
});
after(() => server.close());

async function post<T>(
  { url }: RunningServer,
  path: string,
  key: string,
  body: object,
): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as T;
}

async function chat(
  on: RunningServer,
  messages: Message[],
  { key = on.apiKey!, ...fields }: { key?: string; [field: string]: unknown } = {},
): Promise<{ text: string; usage: Usage }> {
  const body = { model: 'deepseek-chat', temperature: 0, max_tokens: 30, messages, ...fields };
  const { choices, usage } = await post<{
    choices: { message: { content: string } }[];
    usage: Usage;
  }>(on, '/chat/completions', key, body);
  assert.equal(usage.prompt_cache_hit_tokens + usage.prompt_cache_miss_tokens, usage.prompt_tokens);
  assert.equal(usage.prompt_tokens_details.cached_tokens, usage.prompt_cache_hit_tokens);
  return { text: choices[0]!.message.content, usage };
}

/** Whole blocks, and one token is always computed. */
const wholeBlocks = (tokens: number) => Math.floor((tokens - 1) / 64) * 64;

/** A first turn that nobody has sent before, and the second turn after it. */
async function twoTurns(on: RunningServer, mark: string, fields = {}): Promise<[Usage, Usage]> {
  const messages = [{ role: 'user', content: `${mark}: ${LONG_QUESTION}` }];
  const first = await chat(on, messages, fields);
  messages.push({ role: 'assistant', content: first.text });
  messages.push({ role: 'user', content: 'And what is 3 + 4?' });
  return [first.usage, (await chat(on, messages, fields)).usage];
}

test('the second turn of a conversation hits the first', async () => {
  const [first, second] = await twoTurns(server, 'chat');
  assert.equal(first.prompt_cache_hit_tokens, 0);
  assert.ok(second.prompt_cache_hit_tokens >= wholeBlocks(first.prompt_tokens));
  assert.equal(second.prompt_cache_hit_tokens % 64, 0);
});

test('the same request again hits all but its last tokens', async () => {
  const messages = [{ role: 'user', content: `again: ${LONG_QUESTION}` }];
  await chat(server, messages);
  const { usage } = await chat(server, messages);
  assert.equal(usage.prompt_cache_hit_tokens, wholeBlocks(usage.prompt_tokens));
});

test('a prompt of fewer than 64 tokens is never cached', async () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  for (let i = 0; i < 2; i++) {
    assert.equal((await chat(server, messages)).usage.prompt_cache_hit_tokens, 0);
  }
});

test('the Messages dialect reports the hit, in the stream from the first event on', async () => {
  interface MessagesUsage {
    input_tokens: number;
    cache_read_input_tokens: number;
  }
  const messages = [{ role: 'user', content: `messages: ${LONG_QUESTION}` }];
  const body = { model: 'deepseek-chat', max_tokens: 20, temperature: 0, messages };
  const path = '/anthropic/v1/messages';
  const { usage } = await post<{ usage: MessagesUsage }>(server, path, server.apiKey!, body);
  assert.equal(usage.cache_read_input_tokens, 0);
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': server.apiKey!, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  const start = /data: (\{"type":"message_start".*)/.exec(await response.text())![1]!;
  const again = (JSON.parse(start) as { message: { usage: MessagesUsage } }).message.usage;
  assert.equal(again.cache_read_input_tokens, wholeBlocks(usage.input_tokens));
  assert.equal(again.input_tokens + again.cache_read_input_tokens, usage.input_tokens);
});

test('keys of one account share a cache; accounts and end users do not', async () => {
  const accountId = await newAccount(server);
  const [one, two] = [await newKey(server, { accountId }), await newKey(server, { accountId })];
  const stranger = await newKey(server);
  const messages = [{ role: 'user', content: `tenants: ${LONG_QUESTION}` }];
  const hits = async (key: string, fields = {}) =>
    (await chat(server, messages, { key, ...fields })).usage.prompt_cache_hit_tokens;
  assert.equal(await hits(one), 0);
  const all = await hits(two);
  assert.ok(all >= 64);
  assert.equal(await hits(stranger), 0, 'another account');
  assert.equal(await hits(one, { user_id: 'alice' }), 0, 'an end user of the account');
  assert.equal(await hits(one, { user_id: 'bob' }), 0, 'another one');
  assert.equal(await hits(two, { user_id: 'alice' }), all, 'the same one with another key');
});

async function start(t: TestContext, options: StartServerOptions): Promise<RunningServer> {
  const started = await startServer({ port: 0, threads: 1, ...options });
  t.after(() => started.close());
  return started;
}

test('after a restart the blocks on disk hit; without the cache nothing does', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-restart-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const messages = [{ role: 'user', content: `restart: ${LONG_QUESTION}` }];
  const hits: number[] = [];
  let promptTokens = 0;
  for (const contextCache of [{}, {}, false] as const) {
    const running = await start(t, { dataDir, apiKey: 'sk-restart', contextCache });
    const { usage } = await chat(running, messages, { max_tokens: 2 });
    promptTokens = usage.prompt_tokens;
    hits.push(usage.prompt_cache_hit_tokens);
    await running.close();
  }
  assert.deepEqual(hits, [0, wholeBlocks(promptTokens), 0]);
});

test('a folder full of damaged blocks, or none at all, costs hits and one warning each', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-damaged-'));
  const warnings: string[] = [];
  const log = (level: string, message: string, fields?: object) => {
    if (level === 'warn') warnings.push(`${message} ${JSON.stringify(fields)}`);
  };
  const options = { dataDir, apiKey: 'sk-damaged', log };
  const messages = [{ role: 'user', content: `damaged: ${LONG_QUESTION}` }];
  const once = async (): Promise<{ text: string; hits: number }> => {
    const running = await start(t, options);
    const { text, usage } = await chat(running, messages, { max_tokens: 8 });
    await running.close();
    return { text, hits: usage.prompt_cache_hit_tokens };
  };
  const { text } = await once();
  const folder = join(dataDir, 'cache');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    return name.endsWith('.kv');
  });
  assert.ok(files.length > 0);
  for (const file of files) truncateSync(join(folder, file), 1000);
  assert.deepEqual(await once(), { text, hits: 0 });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /engine warning .* is not a valid block and is deleted/);
  assert.ok((await once()).hits > 0, 'written anew');

  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'not a folder');
  assert.deepEqual(await once(), { text, hits: 0 });
  assert.deepEqual(
    warnings.slice(1).map((warning) => /blocks cannot be (\w+): ENOTDIR/.exec(warning)?.[1]),
    ['read', 'written'],
  );
  rmSync(dataDir, { recursive: true });
});

test('replies are the same with and without the cache', async (t) => {
  const without = await start(t, { contextCache: false });
  const questions = ['What is 12 + 30?', "What's the weather in Oslo?", 'Who are you?', 'Say yes.'];
  const messages: Message[] = [];
  let hits = 0;
  for (const content of questions) {
    messages.push({ role: 'user', content: `${content} ${'Please. '.repeat(60)}` });
    const cached = await chat(server, messages);
    assert.equal(cached.text, (await chat(without, messages)).text);
    hits += cached.usage.prompt_cache_hit_tokens;
    messages.push({ role: 'assistant', content: cached.text });
  }
  assert.ok(hits > 700, `${hits} tokens of the conversation came from the cache`);
});
