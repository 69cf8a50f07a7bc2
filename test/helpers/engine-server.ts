// A real HTTP server over a real engine process with a small untrained model, on a free port: what
// the fault tests hurt. One compute thread: two on a busy machine wait for each other at every
// barrier. The model is written once per test process.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend, type EngineNotice } from '../../src/engine/engine-backend.js';
import type { CacheOptions } from '../../src/engine/prefix-cache/cache-options.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import { until } from './scripted-server.js';

const API_KEY = 'sk-engine-0000000000000000';
const ADMIN_KEY = 'sk-admin-engine-00000000';

export interface EngineServerOptions {
  cache?: CacheOptions | false;
  hangMs?: number;
  /** The wait before a restart; default none. */
  sleep?: () => Promise<unknown>;
  /** Default: in memory. */
  databaseUrl?: string;
}

export interface EngineServer {
  server: RunningServer;
  backend: EngineBackend;
  /** What the engine's supervisor had to say, in order. */
  notices: EngineNotice[];
  /** POST with the key. */
  post(path: string, body: object, signal?: AbortSignal): Promise<Response>;
  /** The administrator's view. */
  admin(path: string): Promise<Record<string, unknown>>;
  /** Resolves when nothing of any request is left, here and in the engine; and a request works. */
  assertIdle(): Promise<void>;
}

let model: Promise<string> | undefined;

/** Path of the model; removed when the process ends. */
export function smallModel(): Promise<string> {
  model ??= writeModel();
  return model;
}

async function writeModel(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-small-model-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'random.gguf');
  await writeRandomModel(path, { config: presetConfig('test'), seed: 1, type: 'f32' });
  return path;
}

export async function startEngineServer(
  t: TestContext,
  { cache, hangMs, sleep = () => Promise.resolve(), databaseUrl }: EngineServerOptions = {},
): Promise<EngineServer> {
  const modelPath = await smallModel();
  const tokenizer = loadTokenizerFor(modelPath);
  const notices: EngineNotice[] = [];
  const backend = await EngineBackend.start({
    source: { path: modelPath, device: 'auto', threads: 1 },
    tokenTable: tokenTableOf(tokenizer),
    ...(cache !== undefined && { cache }),
    ...(hangMs !== undefined && { hangMs }),
    onNotice: (notice) => notices.push(notice),
    sleep,
  });
  const server = await startServer({
    served: { backend, tokenizer },
    port: 0,
    adminKey: ADMIN_KEY,
    ...(databaseUrl !== undefined && { databaseUrl }),
    apiKey: API_KEY,
    log: () => {},
    limits: { maxRunning: 32, maxQueued: 1000, maxPerKey: 1000 },
  });
  t.after(() => server.close());
  const post = (path: string, body: object, signal?: AbortSignal) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    server,
    backend,
    notices,
    post,
    async admin(path) {
      const headers = { authorization: `Bearer ${ADMIN_KEY}` };
      const response = await fetch(server.url + path, { headers });
      assert.equal(response.status, 200);
      return (await response.json()) as Record<string, unknown>;
    },
    async assertIdle() {
      await until(() => server.numActive === 0);
      await untilEmpty(backend);
      const messages = [{ role: 'user', content: 'Are you there?' }];
      const response = await post('/chat/completions', {
        model: 'deepseek-chat',
        max_tokens: 2,
        messages,
      });
      assert.equal(response.status, 200, await response.text());
      await until(() => server.numActive === 0);
      await untilEmpty(backend);
    },
  };
}

/** The step in flight keeps its caches until it ends; everything else is gone at once. */
async function untilEmpty(backend: EngineBackend): Promise<void> {
  for (;;) {
    const { running, waiting, caches, cacheBytes } = await backend.stats();
    if (running + waiting + caches + cacheBytes === 0) return;
  }
}
