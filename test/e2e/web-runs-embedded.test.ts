// Runs of the chat with the embedded model: it thinks, calls a tool and answers; and its thinking can be
// ended, in both modes.

import assert from 'node:assert/strict';
import test from 'node:test';
import { type RunningServer, startServer } from '../../src/server/start-server.js';
import { assertSameAfterReload, foldAll, WebChat } from '../helpers/web-chat.js';

test('the embedded model answers with a tool, and now when it is told so', async (t) => {
  const server = await startServer({ port: 0, log: () => {} });
  t.after(() => server.close());
  const chat = new WebChat(server as RunningServer & { apiKey: string });
  const tools = ['builtin:calculator'];
  const { id } = await chat.newConversation({ tools });
  const events = await chat.events(await chat.ask(id, 'What is 17 * 23 + 4?'));
  const turn = foldAll(events);
  assert.equal(turn.status, 'completed');
  assert.deepEqual(
    turn.rounds.map(({ blocks }) => blocks.map(({ type }) => type)),
    [
      ['reasoning', 'tool'],
      ['reasoning', 'content'],
    ],
  );
  const answer = turn.rounds[1]!.blocks[1]!;
  assert.match(answer.type === 'content' ? answer.text.parts.join('') : '', /395/);
  assertSameAfterReload(events, await chat.answerRows(id));

  for (const model of ['standard', 'speciale'] as const) {
    const other = await chat.newConversation({ model, tools });
    const runId = await chat.ask(other.id, 'What is 517 + 285?');
    let isAsked = false;
    const forced = await chat.events(runId, async ({ type }) => {
      if (type !== 'reasoning-delta' || isAsked) return;
      isAsked = true;
      await chat.json('POST', `/runs/${runId}/answer`);
    });
    const [round] = foldAll(forced).rounds;
    const [thought] = round!.blocks;
    assert.ok(thought!.type === 'reasoning' && thought!.isForced, model);
    assert.equal(foldAll(forced).status, 'completed', model);
    assertSameAfterReload(forced, await chat.answerRows(other.id));
  }
});
