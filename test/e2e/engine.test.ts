// The whole house with a real, untrained model in a real engine process: generation over HTTP,
// repeatable sampling, a killed engine, aborts, and memory that returns.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { presetConfig } from '../../src/model/presets.js';
import { randomTokenizerJson } from '../../src/model/random-tokenizer.js';
import { writeRandomModel } from '../../src/model/random.js';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import { until } from '../helpers/scripted-server.js';

let folder: string;
let modelPath: string;
let backend: EngineBackend;
let server: RunningServer;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-e2e-'));
  modelPath = join(folder, 'random.gguf');
  await writeRandomModel(modelPath, { config: presetConfig('test'), seed: 1, type: 'f32' });
  const tokenizer = loadTokenizerFor(modelPath);
  backend = await EngineBackend.start({
    // One thread: two on a busy machine wait for each other at every barrier.
    source: { path: modelPath, device: 'auto', threads: 1 },
    tokenTable: tokenTableOf(tokenizer),
  });
  server = await startServer({ served: { backend, tokenizer }, port: 0, log: () => {} });
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function post(fields: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-chat',
      messages: [{ role: 'user', content: 'Hello there' }],
      max_tokens: 6,
      seed: 1,
      ...fields,
    }),
    ...init,
  });
}

/** With this seed the untrained model goes on for hundreds of tokens; most seeds stop before 100. */
const LONG = { max_tokens: 3000, seed: 4 };

interface Completion {
  choices: { message: { content: string; reasoning_content?: string }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

async function complete(fields: object = {}): Promise<Completion> {
  const response = await post(fields);
  assert.equal(response.status, 200);
  return (await response.json()) as Completion;
}

test('generates in both modes with usage that adds up', async () => {
  for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
    const { choices, usage } = await complete({ model });
    assert.ok(usage.completion_tokens <= 6);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    assert.match(choices[0]!.finish_reason, /^(stop|length)$/);
  }
});

test('the same seed gives the same reply, also beside other requests', async () => {
  const alone = await complete();
  const [again] = await Promise.all([complete(), complete({ seed: 2 }), complete({ seed: 3 })]);
  assert.deepEqual(again!.choices, alone.choices);
});

test('stream and non-stream give the same text', async () => {
  const whole = await complete({ temperature: 0 });
  const text = await (await post({ temperature: 0, stream: true })).text();
  const content = text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice(6)).choices[0].delta.content)
    .join('');
  assert.equal(content, whole.choices[0]!.message.content);
});

test('killing the engine mid-stream ends the stream properly; the next request works', async () => {
  const before = backend.pid!;
  const response = await post({ ...LONG, stream: true });
  let text = '';
  let isKilled = false;
  const decoder = new TextDecoder();
  for await (const piece of response.body!) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    // Several events may come in one piece, so their number need not pass through any value.
    if (isKilled || text.split('data: ').length < 4) continue;
    process.kill(before, 'SIGKILL');
    isKilled = true;
  }
  assert.ok(text.endsWith('data: [DONE]\n\n'));
  const last = JSON.parse(text.split('data: ').at(-2)!);
  assert.equal(last.choices[0].finish_reason, 'insufficient_system_resource');
  assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + last.usage.completion_tokens);
  assert.ok(last.usage.completion_tokens > 0);

  await complete();
  assert.notEqual(backend.pid, before);
});

test('a client that leaves frees its sequence and its cache', async () => {
  const controller = new AbortController();
  const response = await post({ ...LONG, stream: true }, { signal: controller.signal });
  await response.body!.getReader().read();
  controller.abort();
  await until(() => server.numActive === 0);
  let stats = await backend.stats();
  assert.deepEqual([stats.running, stats.waiting], [0, 0]);
  // A slice in flight keeps its cache until it ends.
  while (stats.caches > 0) stats = await backend.stats();
});

test('the tokenizer of another model is refused, not spoken with', async () => {
  const json = JSON.parse(randomTokenizerJson(512)) as { model: { vocab: Record<string, number> } };
  const { vocab } = json.model;
  [vocab['A'], vocab['B']] = [vocab['B']!, vocab['A']!];
  const tokenizerPath = join(folder, 'other-tokenizer.json');
  writeFileSync(tokenizerPath, JSON.stringify(json));
  await assert.rejects(startServer({ modelPath, tokenizerPath, port: 0 }), (error: Error) => {
    assert.match(error.message, /is "A" in the model and "B" in the tokenizer/);
    return true;
  });
});

test('damaged model files are clear errors, and nothing stays running', async () => {
  const truncated = join(folder, 'truncated.gguf');
  await writeRandomModel(truncated, { config: presetConfig('test'), seed: 1, type: 'f32' });
  truncateSync(truncated, 2_000_000);
  const noModel = join(folder, 'no-model.gguf');
  writeFileSync(noModel, 'this is not a model');
  for (const path of [truncated, noModel]) {
    await assert.rejects(startServer({ modelPath: path, port: 0 }), (error: Error) => {
      assert.ok(error.message.includes(path), error.message);
      assert.ok(!error.message.includes('\n    at '), 'no stack in the message');
      return true;
    });
  }
});
