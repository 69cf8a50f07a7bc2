// A real HTTP server over a scripted backend, on a free port, closed after the test.

import type { TestContext } from 'node:test';
import {
  startServer,
  type RunningServer,
  type StartServerOptions,
} from '../../src/server/start-server.js';
import { ScriptedBackend, testTokenizer, type ScriptedBackendOptions } from './scripted-backend.js';

export const EOS = '<｜end▁of▁sentence｜>';

const tokenizer = testTokenizer();

export type ScriptedServerOptions = Partial<Omit<ScriptedBackendOptions, 'tokenizer'>> &
  Omit<StartServerOptions, 'served' | 'port'>;

export async function startScripted(
  t: TestContext,
  {
    complete = () => `Hello.${EOS}`,
    contextLength,
    cacheHitTokens,
    beforeToken,
    ...options
  }: ScriptedServerOptions = {},
) {
  const backend = new ScriptedBackend({
    tokenizer,
    complete,
    ...(contextLength !== undefined && { contextLength }),
    ...(cacheHitTokens !== undefined && { cacheHitTokens }),
    ...(beforeToken && { beforeToken }),
  });
  // Nothing is kept on disk, so there is always a key to tell.
  const server = (await startServer({
    log: () => {},
    ...options,
    port: 0,
    served: { backend, tokenizer },
  })) as RunningServer & { apiKey: string };
  t.after(() => server.close());
  const headers = {
    authorization: `Bearer ${server.apiKey}`,
    'content-type': 'application/json',
  };
  /** POST /chat/completions with the key; `fields` are added to a small valid request. */
  const post = (fields: object = {}, init: RequestInit = {}) =>
    fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        model: 'deepseek-chat',
        messages: [{ role: 'user', content: 'hi' }],
        ...fields,
      }),
      ...init,
    });
  return { server, backend, headers, post };
}

/** Lets pending events and promises run until the condition holds; a test fails by its time-out. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A promise with its resolver. */
export function gate(): { passed: Promise<void>; open: () => void } {
  let open: () => void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: open! };
}
