// A real server over real engine processes with small untrained models in its models folder, and an
// operator who exchanges them through the web API.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';
import { startServer, type StartServerOptions } from '../../src/server/start-server.js';
import type { EngineInfo } from '../../src/web/models-wire.js';
import { smallModel } from './engine-server.js';

export const ADMIN_KEY = 'sk-admin-exchange-0000000';
export const API_KEY = 'sk-exchange-000000000000000';

export type ExchangeServer = Awaited<ReturnType<typeof startExchangeServer>>;

/** A data folder with `models/second.gguf`, gone after the test. */
export async function folderWithModels(t: TestContext): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-exchange-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const second = join(dataDir, 'models', 'second.gguf');
  mkdirSync(dirname(second));
  await writeRandomModel(second, {
    config: presetConfig('test', ['layers=2']),
    seed: 2,
    type: 'f32',
  });
  return dataDir;
}

/** Serves `first.gguf`, given at start. */
export async function startExchangeServer(t: TestContext, options: StartServerOptions = {}) {
  const dataDir = options.dataDir ?? (await folderWithModels(t));
  const modelPath = join(dataDir, 'first.gguf');
  copyFileSync(await smallModel(), modelPath);
  const server = await startServer({
    modelPath,
    threads: 1,
    port: 0,
    apiKey: API_KEY,
    adminKey: ADMIN_KEY,
    log: () => {},
    ...options,
    dataDir,
  });
  t.after(() => server.close());
  const cookie = await signIn(server.url);
  const web = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}/web/v1${path}`, {
      ...init,
      headers: { cookie, 'x-hadal-web': '1', 'content-type': 'application/json' },
    });
  const engine = async () => (await (await web('/engine')).json()) as EngineInfo;
  return {
    server,
    dataDir,
    modelPath,
    web,
    engine,
    /** POST with the key. */
    chat: (body: object = {}, signal?: AbortSignal) =>
      fetch(`${server.url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'deepseek-chat',
          max_tokens: 4,
          messages: [{ role: 'user', content: 'hi' }],
          ...body,
        }),
        ...(signal && { signal }),
      }),
    async load(body: object): Promise<EngineInfo> {
      const response = await web('/engine/load', { method: 'POST', body: JSON.stringify(body) });
      assert.equal(response.status, 202, await response.clone().text());
      return (await response.json()) as EngineInfo;
    },
    /** Polls as the page does. */
    async settled(): Promise<EngineInfo> {
      for (;;) {
        const info = await engine();
        if (info.state !== 'exchanging') return info;
      }
    },
  };
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/web/v1/session`, {
    method: 'POST',
    headers: { 'x-hadal-web': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ admin_key: ADMIN_KEY }),
  });
  assert.equal(response.status, 204, await response.clone().text());
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}
