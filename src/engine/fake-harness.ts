// An engine with the fake model, its events recorded, for tests. Checks on the way what must always
// hold: no event after the finish of a request, no misuse of the runner.

import assert from 'node:assert/strict';
import type { GenerateEvent, GenerateRequest } from '../backend/types.js';
import { Engine, type EngineOptions } from './engine.js';
import {
  createFakeRunner,
  fakeLogits,
  fakeTokenTable,
  type FakeRunner,
  type FakeRunnerOptions,
} from './fake-runner.js';

export type Finish = Extract<GenerateEvent, { type: 'finish' }>;

export interface Recorded {
  tokens: number[];
  finish: Finish | undefined;
  events: GenerateEvent[];
}

export interface FakeHarness {
  engine: Engine;
  runner: FakeRunner;
  recorded: Map<string, Recorded>;
  /** Looked at after every batch of events. */
  until: (condition: () => boolean) => Promise<void>;
  finished: (id: string) => Promise<Recorded & { finish: Finish }>;
}

export function createHarness(
  runnerOptions: FakeRunnerOptions = {},
  engineOptions: Partial<EngineOptions> = {},
): FakeHarness {
  const runner = createFakeRunner(runnerOptions);
  const recorded = new Map<string, Recorded>();
  const wakes: (() => void)[] = [];
  const engine = new Engine({
    runner,
    tokenTable: fakeTokenTable(),
    now: () => 0, // no time passes: sizes of steps stay as they are
    emit: (events) => {
      for (const { id, event } of events) {
        const record = recorded.get(id) ?? { tokens: [], finish: undefined, events: [] };
        assert.equal(record.finish, undefined, `event for ${id} after its finish`);
        record.events.push(event);
        if (event.type === 'token') record.tokens.push(event.token);
        if (event.type === 'finish') record.finish = event;
        recorded.set(id, record);
      }
      for (const wake of wakes.splice(0)) wake();
    },
    ...engineOptions,
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => wakes.push(resolve));
  };
  const finished = async (id: string) => {
    await until(() => recorded.get(id)?.finish !== undefined);
    const { tokens, events, finish } = recorded.get(id)!;
    return { tokens, events, finish: finish! };
  };
  return { engine, runner, recorded, until, finished };
}

/** Greedy, eight tokens after three, unless told otherwise. */
export function makeRequest(id: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    id,
    promptTokens: Int32Array.of(1, 2, 3),
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [],
    stopStrings: [],
    maxTokens: 8,
    ...changes,
  };
}

/** Greedy continuation by definition: no cache, no chunks, no neighbours. */
export function expectedTokens(prompt: Iterable<number>, count: number): number[] {
  const tokens = [...prompt];
  const start = tokens.length;
  while (tokens.length < start + count) {
    const logits = fakeLogits(tokens);
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens.slice(start);
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
