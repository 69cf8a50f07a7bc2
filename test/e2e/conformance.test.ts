// The contract as data against our own server: every requirement runs over HTTP, and everything that
// must hold has to. Time runs faster here, so that the lab's silent seconds last an instant.

import assert from 'node:assert/strict';
import test from 'node:test';
import { findScenarios } from '../../src/conformance/find-scenarios.js';
import { loadKit } from '../../src/conformance/load-kit.js';
import { runKit } from '../../src/conformance/run-kit.js';
import { sender } from '../../src/conformance/send.js';
import { summarize } from '../../src/conformance/summary.js';
import { scenarioBackend } from '../../src/lab/scenario-backend.js';
import { SCENARIOS } from '../../src/lab/scenarios.js';
import { startServer } from '../../src/server/start-server.js';
import { systemTimers, type Timers } from '../../src/server/timers.js';
import { testTokenizer } from '../helpers/scripted-backend.js';

/** A second lasts twenty milliseconds. */
const quickTimers: Timers = { after: (ms, callback) => systemTimers.after(ms / 50, callback) };

test('the server meets the contract', async (t) => {
  const tokenizer = testTokenizer();
  const backend = scenarioBackend(SCENARIOS.get('hello')!, { tokenizer, timers: quickTimers });
  const server = await startServer({
    log: () => {},
    port: 0,
    served: { backend, tokenizer },
    timers: quickTimers,
  });
  t.after(() => server.close());
  const kit = loadKit();
  const send = sender(30_000);
  const target = { baseUrl: server.url, key: server.apiKey! };
  const scenarios = await findScenarios(send, target);
  assert.equal(scenarios.size, SCENARIOS.size);
  const outcomes = await runKit(kit, { target: { ...target, scenarios }, send });
  const summary = summarize(kit, outcomes, server.url);

  const unmet = summary.unmet.map(
    ({ id, level, problems }) => `${level} ${id}: ${problems.join('; ')}`,
  );
  assert.deepEqual(unmet, []);
  assert.deepEqual(summary.uncited, []);
});
