// A studio over the hand-made corpus for one test, and a client that keeps every byte it was answered,
// so that a test can look through all of it.

import { rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { openCorpus } from '../../src/synth/corpus.js';
import {
  serveCorpus,
  type RunningStudio,
  type ServeCorpusOptions,
} from '../../src/synth/serve/serve-corpus.js';
import type { TaskPair } from '../../src/synth/corpus-writer.js';
import { writeFixtureCorpus } from './synth-corpus.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Shapes are the tests' business.
  readonly body: never;
}

export interface Studio extends RunningStudio {
  readonly folder: string;
  readonly pairs: readonly TaskPair[];
  readonly errors: unknown[];
  /** All that was answered so far. */
  readonly seen: string[];
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

export async function startStudio(
  t: TestContext,
  {
    numTasks = 8,
    numEnvironments = 1,
    ...options
  }: { numTasks?: number; numEnvironments?: number } & Partial<ServeCorpusOptions> = {},
): Promise<Studio> {
  const { folder, pairs } = writeFixtureCorpus({ numTasks, numEnvironments });
  const errors: unknown[] = [];
  const studio = await serveCorpus({
    store: openCorpus(folder),
    onError: (error) => errors.push(error),
    ...options,
  });
  t.after(async () => {
    await studio.close();
    rmSync(folder, { recursive: true });
  });
  const seen: string[] = [];
  return {
    ...studio,
    folder,
    pairs,
    errors,
    seen,
    async send(method, path, body, headers = {}) {
      const response = await fetch(studio.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      seen.push(text, JSON.stringify([...response.headers]));
      const isJson = response.headers.get('content-type') === 'application/json';
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson ? JSON.parse(text) : undefined) as never,
      };
    },
  };
}
