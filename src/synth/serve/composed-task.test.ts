// Composed environments with tasks of a family, from the generator through a corpus to a real MCP
// client: the reference solution is rewarded, doing nothing is not, and every row export reads back.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { contentHash } from '../canonical.js';
import { CorpusWriter, type TaskPair } from '../corpus-writer.js';
import { openCorpus } from '../corpus.js';
import { EXPORT_FORMATS, exportCorpus } from '../export/export-corpus.js';
import { referenceConversation } from '../export/reference-conversation.js';
import { selection } from '../families/selection.js';
import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json } from '../world-types.js';
import { composeEnvironment } from '../world/compose.js';
import { serveCorpus } from './serve-corpus.js';

const NUM_ENVIRONMENTS = 3;
const TASKS_EACH = 2;

function pairsOf(loaded: LoadedEnvironment): TaskPair[] {
  const pairs: TaskPair[] = [];
  for (let seed = 0; pairs.length < TASKS_EACH && seed < 40; seed++) {
    const language = seed % 2 === 0 ? 'en' : 'zh';
    const found = selection.propose(loaded, new Random('composed-task', seed), language, 1);
    if (!found) continue;
    const { env } = loaded;
    const { ir, verifier, solution, alternatives, size, decoys: _, ...content } = found;
    const taskId = `${env.id}#${seed}`;
    const hash = contentHash([env.id, ir, content.request] as Json);
    const difficulty = {
      ...size,
      minCalls: 1,
      tablesTouched: 1,
      writes: 0,
      solutions: 1,
      ladder: {},
      level: 1,
    };
    pairs.push({
      task: {
        ...content,
        taskId,
        key: taskId,
        hash,
        envId: env.id,
        envVersion: env.version,
        split: 'train',
        difficulty,
      },
      private: { taskId, hash, ir, verifier, solution, alternatives },
    });
  }
  return pairs;
}

test('composed environments: written, served, solved by a real client, exported', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-composed-'));
  const writer = new CorpusWriter(folder);
  const loaded = Array.from({ length: NUM_ENVIRONMENTS }, (_, i) =>
    loadEnvironment(composeEnvironment(i)),
  );
  for (const { env } of loaded) writer.writeEnvironment(env);
  const pairs = loaded.filter(({ env }) => selection.applies(env)).flatMap(pairsOf);
  assert.ok(pairs.length >= 2, `only ${pairs.length} tasks came off`);
  writer.writeTasks('0000', pairs);
  writer.finish();
  const store = openCorpus(folder);
  const studio = await serveCorpus({ store });
  t.after(async () => {
    await studio.close();
    rmSync(folder, { recursive: true });
  });
  for (const { task, private: secret } of pairs) {
    const url = new URL(`${studio.url}/${task.envId}/mcp`);
    const requestInit = { headers: { 'x-task-key': task.key } };
    const transport = new StreamableHTTPClientTransport(url, { requestInit });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport as Transport);
    const rollout = studio.rollouts.get(transport.sessionId!);
    assert.equal((await studio.rollouts.verify(rollout, [], undefined)).reward, 0);
    const environment = loaded.find(({ env }) => env.id === task.envId)!;
    const { completion } = referenceConversation(environment, task, secret);
    const messages = completion.map(({ message }) => message);
    for (const [i, { tool_calls: calls }] of messages.entries()) {
      for (const call of calls ?? []) {
        const { name, arguments: args } = call.function;
        const result = await client.callTool({
          name,
          arguments: JSON.parse(args) as object as never,
        });
        // What the export says the tool answered is what it answers.
        assert.equal((result.content as { text: string }[])[0]!.text, messages[i + 1]!.content);
      }
    }
    const judged = await studio.rollouts.verify(rollout, messages, undefined);
    assert.equal(judged.reward, 1, `${task.key}: ${JSON.stringify(judged)}`);
    await transport.terminateSession();
    await client.close();
  }
  for (const format of EXPORT_FORMATS) {
    const { tasks, skipped } = await exportCorpus({
      store,
      format,
      out: join(folder, 'out', format),
    });
    assert.equal(tasks + skipped, pairs.length);
  }
});
