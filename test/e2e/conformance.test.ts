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
import type { NewKey } from '../../src/store/admin-types.js';
import type { PlatformStore } from '../../src/store/platform-store.js';
import { testTokenizer } from '../helpers/scripted-backend.js';

/** A second lasts twenty milliseconds. */
const quickTimers: Timers = { after: (ms, callback) => systemTimers.after(ms / 50, callback) };

async function newKey({ admin }: PlatformStore, name: string, limits: Partial<NewKey> = {}) {
  const account = await admin.createAccount({ name, unlimited: name !== 'empty' });
  return (await admin.createKey({ accountId: account.id, ...limits })).key;
}

test('the server meets the contract, and every statement of it is cited', async (t) => {
  const tokenizer = testTokenizer();
  const backend = scenarioBackend(SCENARIOS.get('hello')!, { tokenizer, timers: quickTimers });
  const server = await startServer({
    log: () => {},
    port: 0,
    served: { backend, tokenizer },
    timers: quickTimers,
  });
  t.after(() => server.close());
  const { url: baseUrl, apiKey: key = '', platform } = server;
  const send = sender(30_000);
  const scenarios = await findScenarios(send, { baseUrl, key });
  assert.equal(scenarios.size, SCENARIOS.size);
  const target = {
    baseUrl,
    key,
    secondKey: await newKey(platform, 'second'),
    emptyKey: await newKey(platform, 'empty'),
    agentsKey: await newKey(platform, 'agents', { profile: 'agents' }),
    scenarios,
  };
  const kit = loadKit();
  const { unmet, notRun, uncited } = summarize(kit, await runKit(kit, { target, send }), baseUrl);
  assert.deepEqual({ unmet, notRun, uncited }, { unmet: [], notRun: [], uncited: [] });
});
