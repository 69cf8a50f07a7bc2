// Self-speculation with a real, untrained model and its multi-token-prediction block, in this process.
// An untrained block is hardly ever right, so that some of its drafts are replaced by what comes next:
// rows of right and of refused drafts are then in the caches, and no token may change by them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { tokenTableOf } from '../../src/chat/token-table.js';
import type { TokenTable } from '../../src/backend/token-table.js';
import type { GenerateRequest } from '../../src/backend/types.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineStats } from '../../src/engine/engine-stats.js';
import { loadModelRunner } from '../../src/engine/model-adapter.js';
import type { DraftSlice, ModelRunner } from '../../src/engine/model-runner.js';
import { loadDrafting } from '../../src/engine/load-drafting.js';
import { Speculation } from '../../src/engine/speculation.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';

let folder: string;
let modelPath: string;
let tokenTable: TokenTable;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-speculation-'));
  modelPath = join(folder, 'random.gguf');
  const config = presetConfig('test', ['mtp-layers=1', 'topk=32']);
  await writeRandomModel(modelPath, { config, seed: 1, type: 'f32' });
  tokenTable = tokenTableOf(loadTokenizerFor(modelPath));
});
after(() => rmSync(folder, { recursive: true }));

function load(
  draft: 'auto' | 'on' | 'off',
  device: 'ggml' | 'reference' = 'ggml',
  path = modelPath,
): ModelRunner {
  return loadModelRunner({
    source: { path, device, threads: 1, draft },
    tokenTable,
    onWarning: (warning) => assert.fail(warning),
    onNote: () => {},
    onProgress: () => {},
  });
}

type Guess = (slice: DraftSlice, own: number) => number;

/** The runner with other drafts; its own block has run. */
function withDrafts(runner: ModelRunner, guess: Guess): ModelRunner {
  return {
    card: runner.card,
    fingerprint: runner.fingerprint,
    rowBytes: runner.rowBytes,
    cacheBudgetBytes: runner.cacheBudgetBytes,
    cacheBytes: (numTokens) => runner.cacheBytes(numTokens),
    createCache: (maxTokens) => runner.createCache(maxTokens),
    forward: (slices, signal) => runner.forward(slices, signal),
    draft: async (slices) => {
      const own = await runner.draft!(slices);
      return own.map((token, i) => (token < 0 ? token : guess(slices[i]!, token)));
    },
    stats: () => runner.stats(),
    dispose: () => runner.dispose(),
  };
}

async function play(
  runner: ModelRunner,
  requests: readonly GenerateRequest[],
  speculation?: Speculation,
): Promise<{ tokens: Map<string, number[]>; stats: EngineStats }> {
  const tokens = new Map<string, number[]>(requests.map(({ id }) => [id, []]));
  let numFinished = 0;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const engine = new Engine({
    runner,
    tokenTable,
    speculation,
    onError: (error) => assert.fail(String(error)),
    emit: (events) => {
      for (const { id, event } of events) {
        if (event.type === 'token') tokens.get(id)!.push(event.token);
        if (event.type === 'finish') numFinished++;
      }
      if (numFinished === requests.length) end();
    },
  });
  for (const request of requests) engine.submit(request);
  await ended;
  const stats = engine.stats();
  await engine.dispose();
  return { tokens, stats };
}

function requestOf(index: number): GenerateRequest {
  const temperature = index % 2;
  return {
    id: `${index}`,
    // Prompts on both sides of the indexer's top-k.
    promptTokens: Int32Array.from(
      { length: 5 + 21 * index },
      (_, i) => 10 + ((i * 7 + index) % 400),
    ),
    sampling: { temperature, topP: 0.95, presencePenalty: 0, frequencyPenalty: 0.1, seed: index },
    stopTokens: [],
    stopStrings: [],
    maxTokens: 40,
  };
}

for (const device of ['ggml', 'reference'] as const) {
  test(`${device}: drafts change no token, greedy or seeded, alone or in a batch`, async () => {
    const requests = Array.from({ length: device === 'ggml' ? 5 : 2 }, (_, i) => requestOf(i));
    const plain = await play(load('off', device), requests);
    assert.equal(plain.stats.draftedTokens, 0);
    // What follows the tokens whose rows are in the cache, for some; the block's own guess for others.
    const guess: Guess = ({ startPos, tokens }, own) => {
      const end = startPos + tokens.length;
      const known = requests.flatMap(({ id, promptTokens }) => {
        const generated = plain.tokens.get(id)!;
        const at = end - promptTokens.length;
        return generated[at] === tokens.at(-1) ? [generated[at + 1] ?? own] : [];
      });
      return end % 3 === 0 ? own : (known[0] ?? own);
    };
    const drafting = await play(
      withDrafts(load('on', device), guess),
      requests,
      new Speculation({ mode: 'on' }),
    );
    assert.deepEqual(drafting.tokens, plain.tokens);
    const { draftedTokens, acceptedTokens, steps } = drafting.stats;
    assert.ok(acceptedTokens > 10 * requests.length, `${acceptedTokens} of ${draftedTokens}`);
    assert.ok(draftedTokens > acceptedTokens);
    assert.ok(steps < plain.stats.steps, `${steps} steps, ${plain.stats.steps} without drafts`);
  });
}

test('what drafting costs is measured at load, said, and settles whether the block stays', async () => {
  const notes: string[] = [];
  const warnings: string[] = [];
  const loads: string[] = [];
  const loadAs = (mode: 'auto' | 'on' | 'off') =>
    loadDrafting({
      mode,
      load: async (draft) => {
        loads.push(draft);
        return load(draft);
      },
      onNote: (note) => notes.push(note),
      onWarning: (warning) => warnings.push(warning),
    });
  const on = await loadAs('on');
  const off = await loadAs('off');
  assert.ok(on.speculation?.isOn && on.runner.draft);
  assert.ok(!off.speculation && !off.runner.draft);
  assert.ok(off.runner.rowBytes < on.runner.rowBytes, 'no rows for a block that is not loaded');
  assert.notEqual(off.runner.fingerprint, on.runner.fingerprint);
  assert.deepEqual([notes, warnings], [[], []]);

  const auto = await loadAs('auto');
  assert.equal(notes.length, 1);
  // How it comes out depends on the machine; the parts agree.
  const isOut = /^no drafts: .* takes \d+\.\d\dx a plain one/.test(notes[0]!);
  assert.match(notes[0]!, /^(no )?drafts: a step that verifies and makes drafts takes/);
  assert.deepEqual(loads, ['on', 'off', 'auto', ...(isOut ? ['off'] : [])]);
  assert.equal(auto.runner.draft === undefined, isOut);
  assert.equal(auto.speculation === undefined, isOut);
  assert.equal(auto.runner.fingerprint, isOut ? off.runner.fingerprint : on.runner.fingerprint);
  for (const { runner } of [on, off, auto]) runner.dispose();
});

test('drafts that are asked for and cannot be made are a warning', async (t) => {
  const path = join(folder, 'plain.gguf');
  await writeRandomModel(path, { config: presetConfig('test'), seed: 1, type: 'f32' });
  const warnings: string[] = [];
  const { runner, speculation } = await loadDrafting({
    mode: 'on',
    load: async (draft) => load(draft, 'ggml', path),
    onNote: () => {},
    onWarning: (warning) => warnings.push(warning),
  });
  t.after(() => runner.dispose());
  assert.equal(speculation, undefined);
  assert.match(warnings[0]!, /no multi-token-prediction block/);
});
