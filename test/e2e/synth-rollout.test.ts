// Rollouts with the embedded model through Hadal's own server: it is far too small for such tasks, so what
// it reaches does not matter here; that every rollout ends, is judged and is accounted for does.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../src/server/start-server.js';
import type { RolloutRow } from '../../src/synth/serve/rollout-loop-row.js';
import { startStudio } from '../helpers/synth-studio.js';

test('the embedded model tries tasks through the API; every row is whole', async (t) => {
  const server = await startServer({ port: 0, threads: 1 });
  t.after(() => server.close());
  const studio = await startStudio(t);
  for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
    const { text } = await studio.send(
      'POST',
      '/v1/rollouts',
      {
        base_url: server.url,
        model,
        tasks: [2, 3].map((i) => studio.pairs[i]!.task.key),
        concurrency: 2,
        sampling: { temperature: 0, max_tokens: 96 },
        limits: { max_turns: 2 },
      },
      { 'x-endpoint-key': server.apiKey! },
    );
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RolloutRow);
    assert.equal(rows.length, 2);
    for (const row of rows) {
      assert.equal(row.error, null, JSON.stringify(row.error));
      assert.ok(row.usage.prompt_tokens > 500 && row.usage.completion_tokens > 0);
      assert.equal(row.usage.estimated, false);
      assert.ok(row.usage.turns >= 1 && row.usage.turns <= 2);
      const results = row.completion.filter(({ role }) => role === 'tool').length;
      const asked = row.completion.flatMap(({ tool_calls: calls = [] }) => calls).length;
      assert.ok(row.stop_condition === 'length' || results === asked);
      const again = await studio.send('POST', '/v1/reverify', row);
      assert.equal((again.body as { reward: number }).reward, row.reward);
    }
  }
  assert.equal(studio.rollouts.size, 0);
});
