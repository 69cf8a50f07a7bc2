// For any course of events that a model, its tools and a person make: what was folded live is what is
// shown of the stored rows, from wherever the stream was resumed.

import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyTurn, applyRunEvent, turnOfMessages } from '../../src/web/turn.js';
import type { ConversationSettings } from '../../src/web/wire.js';
import { type PlayedTurn, turnText } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { assertSameAfterReload, callOf, shown, WebChat } from '../helpers/web-chat.js';

const SEED = 20_251_201;
const NUM_CASES = 40;
const WORDS = ['so ', 'deep\n', '```js\n', '深海 ', '😀', '<b>', '\\( x \\)', '"'];

test(`random runs look the same after a reload (seed ${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const below = (bound: number) => Math.floor(random() * bound);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const text = () => Array.from({ length: below(12) }, () => pick(WORDS)).join('');
  const CALLS = [
    () => ['calculator', { expression: `${below(9)} + ${below(9)}` }] as const,
    () => ['calculator', { expression: 'nothing' }] as const,
    () => ['get_time', { timezone: pick(['UTC', 'Mars/Base']) }] as const,
    () => ['unknown', { a: text() }] as const,
  ];
  const turn = (isLast: boolean): PlayedTurn => ({
    thinking: text(),
    content: text(),
    calls: isLast ? [] : Array.from({ length: 1 + below(3) }, () => pick(CALLS)()),
  });

  let turns: PlayedTurn[] = [];
  let failAt = Infinity;
  let numAsked = 0;
  const { server, backend } = await startScripted(t, {
    complete: (prompt) =>
      turnText(turns[Math.min(numAsked++, turns.length - 1)]!, prompt.endsWith('<think>')),
    beforeToken: (index) => {
      if (index === failAt) backend.isDead = true;
    },
  });
  const chat = new WebChat(server);
  const { id } = await chat.newConversation();
  for (let index = 0; index < NUM_CASES; index++) {
    const numRounds = 1 + below(4);
    turns = Array.from({ length: numRounds }, (_, round) => turn(round === numRounds - 1));
    numAsked = 0;
    failAt = below(6) === 0 ? below(20) : Infinity;
    const settings: Partial<ConversationSettings> = {
      thinking: below(4) > 0,
      tools: ['builtin:calculator', 'builtin:get_time'],
      approval: pick(['all', 'writes', 'never']),
      max_tokens: below(4) === 0 ? 1 + below(30) : null,
      always_allowed: [],
    };
    await chat.json('PATCH', `/conversations/${id}`, { settings });
    const stopAt = below(4) === 0 ? below(15) : Infinity;
    const { head_id } = await chat.conversation(id);
    const runId = await chat.ask(id, `case ${index}`, head_id);
    let numSeen = 0;
    const events = await chat.events(runId, async (event) => {
      if (numSeen++ === stopAt) await chat.call('POST', `/runs/${runId}/stop`);
      if (event.type === 'tool-approval') {
        await chat.decide(runId, callOf(event), pick(['allow', 'deny', 'always']));
      }
    });
    backend.isDead = false;
    const rows = await chat.answerRows(id);
    assertSameAfterReload(events, rows);

    const resumed = emptyTurn();
    const cut = below(events.length + 1);
    for (const event of events.slice(0, cut)) applyRunEvent(resumed, event);
    for await (const { event } of chat.follow(runId, cut)) applyRunEvent(resumed, event);
    assert.deepEqual(shown(resumed), shown(turnOfMessages(rows)));
  }
});
