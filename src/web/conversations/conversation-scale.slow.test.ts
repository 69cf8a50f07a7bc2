// Large amounts stay quick: a conversation of 5,000 messages, 5,000 conversations. Prints the times;
// the limits are ten times what they are on a slow machine, so that only another order fails.

import assert from 'node:assert/strict';
import test from 'node:test';
import { storePlaces } from '../../../test/helpers/store-places.js';
import { conversationsOn } from '../../../test/helpers/web-conversations.js';
import { newMessageId, type NewMessage } from './message-rows.js';

const KEY = 'key_a';
const COUNT = 5000;
const TEXT = 'The sperm whale dives to great depths in search of squid. '.repeat(16);

function chain(length: number): (NewMessage & { id: string })[] {
  const ids = Array.from({ length }, () => newMessageId());
  return ids.map((id, index) => ({
    id,
    role: 'user',
    parent_id: index === 0 ? null : ids[index - 1]!,
    content: `${index} ${TEXT}`,
    file_ids: [],
  }));
}

for (const place of storePlaces()) {
  test(`conversations at scale on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    const { store, clock, close } = await conversationsOn(await place.fresh());
    t.after(close);
    const at = () => new Date((clock.now += 1));
    const make = (messages: (NewMessage & { id: string })[], title: string) => {
      const now = at();
      return store.createWhole(KEY, {
        title,
        folder: null,
        tags: ['a'],
        settings: {},
        messages,
        files: [],
        headId: messages.at(-1)?.id ?? null,
        createdAt: now,
        updatedAt: now,
      });
    };
    const timed = async <T>(name: string, limitMs: number, action: () => Promise<T>) => {
      await action(); // the first one warms up
      const start = performance.now();
      const result = await action();
      const ms = performance.now() - start;
      t.diagnostic(`${name}: ${ms.toFixed(1)} ms`);
      assert.ok(ms < limitMs, `${name}: ${ms} ms`);
      return result;
    };

    const { id } = await make(chain(COUNT), 'long');
    for (let index = 0; index < COUNT; index += 1) await make(chain(2), `title ${index}`);

    const whole = await timed('open 5,000 messages', 2000, () => store.get(KEY, id));
    assert.equal(whole.messages.length, COUNT);
    const branch = await timed('branch of 5,000', 2000, () => store.branch(KEY, id, whole.head_id));
    assert.equal(branch.length, COUNT);
    await timed('append to 5,000', 200, () =>
      store.append(KEY, id, { role: 'user', parent_id: null, content: 'x', file_ids: [] }),
    );
    let cursor: string | undefined;
    for (let page = 0; page < 50; page += 1) {
      const { cursor: next } = await store.list(KEY, { limit: 50, cursor });
      cursor = next!;
    }
    await timed('first page of 5,001', 500, () => store.list(KEY, { limit: 50 }));
    await timed('51st page of 5,001', 500, () => store.list(KEY, { limit: 50, cursor }));
    await timed('search, found at once', 500, () => store.list(KEY, { query: 'SPERM whale' }));
    const none = await timed('search, not found in 15 MB', 5000, () =>
      store.list(KEY, { query: 'blue whale' }),
    );
    assert.equal(none.data.length, 0);
  });
}
