// Conversations on every database: branches and heads whatever is added and shown, keys kept apart,
// pages, search, files. Requests and limits are in conversation-routes.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { storePlaces } from '../../../test/helpers/store-places.js';
import { conversationsOn, type Opened } from '../../../test/helpers/web-conversations.js';
import type { StoredMessage } from '../wire.js';
import type { ConversationStore } from './conversation-store.js';

const KEY = 'key_a';
const OTHER = 'key_b';

for (const place of storePlaces()) {
  test(`conversations on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    for (const [name, action] of Object.entries(BEHAVIOURS)) {
      await t.test(name, async () => {
        const opened = await conversationsOn(await place.fresh());
        try {
          await action(opened);
        } finally {
          await opened.close();
        }
      });
    }
  });
}

async function ask(store: ConversationStore, id: string, parent: string | null, content: string) {
  return store.append(KEY, id, { role: 'user', parent_id: parent, content, file_ids: [] });
}

async function answer(store: ConversationStore, id: string, parent: string, content: string) {
  return store.append(KEY, id, {
    role: 'assistant',
    parent_id: parent,
    content,
    reasoning: 'hm',
    reasoning_ms: 12,
    reasoning_forced: false,
    tool_calls: [],
    finish_reason: 'stop',
    trace_id: null,
    usage: null,
    error: null,
    model: 'standard',
    thinking: true,
  });
}

const BEHAVIOURS: Record<string, (opened: Opened) => Promise<void>> = {
  'heads and branches stay a tree under any appends and switches': async ({ store }) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), parent: fc.nat(), text: fc.string() }),
      fc.record({ kind: fc.constant('show' as const), head: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { id } = await store.create(KEY, {});
        const model: { message: StoredMessage; path: string[] }[] = [];
        let head: string | null = null;
        for (const action of steps) {
          // Index 0 is the empty branch.
          const chosen =
            (action.kind === 'append' ? action.parent : action.head) % (model.length + 1);
          const at = model[chosen - 1];
          if (action.kind === 'append') {
            const message = await ask(store, id, at?.message.id ?? null, action.text);
            model.push({ message, path: [...(at?.path ?? []), message.id] });
            head = message.id;
          } else {
            head = at?.message.id ?? null;
            await store.change(KEY, id, { head_id: head });
          }
        }
        const read = await store.get(KEY, id);
        assert.equal(read.head_id, head);
        assert.deepEqual(
          read.messages,
          model.map(({ message }) => message),
        );
        for (const { message, path } of model) {
          const branch = await store.branch(KEY, id, message.id);
          assert.deepEqual(
            branch.map((one) => one.id),
            path,
          );
        }
        await store.delete(KEY, id);
      }),
      { numRuns: 15, seed: 6 },
    );
  },

  'any text comes back as it went in, and so do title and files': async ({ store }) => {
    for (const text of [
      '',
      '\0',
      'half \ud800 pair',
      '"\\\n\t',
      '深度求索 🐋',
      "'; DROP TABLE x; --",
    ]) {
      const { id } = await store.create(KEY, { title: 'x', tags: ['a"b', 'ä'], folder: '文件夹' });
      const file = { name: 'a.txt', media_type: 'text/plain', bytes: 9, text: '深\r\n', tokens: 2 };
      const ref = await store.addFile(KEY, id, file);
      const asked = await store.append(KEY, id, {
        role: 'user',
        parent_id: null,
        content: text,
        file_ids: [ref.id],
      });
      assert.deepEqual(asked.files, [ref]);
      await answer(store, id, asked.id, text);
      const { messages, tags, folder } = await store.get(KEY, id);
      assert.deepEqual(
        messages.map(({ content }) => content),
        [text, text],
      );
      assert.deepEqual(messages[0], asked);
      assert.deepEqual([tags, folder], [['a"b', 'ä'], '文件夹']);
      assert.deepEqual(await store.fileTexts(KEY, id, [ref.id]), [{ ref, text: '深\r\n' }]);
    }
  },

  'what another key has does not exist': async ({ store }) => {
    const { id } = await store.create(KEY, { title: 'mine' });
    const asked = await ask(store, id, null, 'q');
    const file = { name: 'f', media_type: 'text/plain', bytes: 1, text: 'x', tokens: 1 };
    const ref = await store.addFile(KEY, id, file);
    const absent = { name: 'StoreError', kind: 'not-found' };
    await assert.rejects(store.get(OTHER, id), absent);
    await assert.rejects(store.settings(OTHER, id), absent);
    await assert.rejects(store.branch(OTHER, id, asked.id), absent);
    await assert.rejects(store.branch(OTHER, id, null), absent);
    await assert.rejects(store.rename(OTHER, id, 'x'), absent);
    await assert.rejects(store.allowTool(OTHER, id, 'x'), absent);
    await assert.rejects(store.change(OTHER, id, { head_id: null }), absent);
    await assert.rejects(store.fileTexts(OTHER, id, [ref.id]), absent);
    await assert.rejects(store.addFile(OTHER, id, file), absent);
    await assert.rejects(store.removeFile(OTHER, id, ref.id), absent);
    await assert.rejects(store.delete(OTHER, id), absent);
    await assert.rejects(
      store.append(OTHER, id, { role: 'user', parent_id: null, content: '', file_ids: [] }),
      absent,
    );
    assert.deepEqual((await store.list(OTHER, {})).data, []);
    assert.equal((await store.get(KEY, id)).title, 'mine');
  },

  'a message takes no parent, head or file of another conversation': async ({ store }) => {
    const one = await store.create(KEY, {});
    const two = await store.create(KEY, {});
    const asked = await ask(store, one.id, null, 'q');
    const file = { name: 'f', media_type: 'text/plain', bytes: 1, text: 'x', tokens: 1 };
    const ref = await store.addFile(KEY, one.id, file);
    await assert.rejects(ask(store, two.id, asked.id, 'x'), { kind: 'invalid' });
    await assert.rejects(store.change(KEY, two.id, { head_id: asked.id }), { kind: 'invalid' });
    await assert.rejects(
      store.append(KEY, two.id, {
        role: 'user',
        parent_id: null,
        content: 'x',
        file_ids: [ref.id],
      }),
      { kind: 'invalid' },
    );
    const { messages, head_id } = await store.get(KEY, two.id);
    assert.deepEqual([messages, head_id], [[], null]);
  },

  'messages that come at once all stand, in one order': async ({ store }) => {
    const { id } = await store.create(KEY, {});
    const root = await ask(store, id, null, 'root');
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => answer(store, id, root.id, `${index}`)),
    );
    const { messages, head_id } = await store.get(KEY, id);
    assert.equal(messages.length, 9);
    assert.equal(messages.at(-1)!.id, head_id);
  },

  'tools allowed at once are all allowed': async ({ store }) => {
    const { id } = await store.create(KEY, {});
    await Promise.all(['a', 'b', 'c', 'a'].map((tool) => store.allowTool(KEY, id, tool)));
    const { always_allowed } = await store.settings(KEY, id);
    assert.deepEqual(always_allowed.toSorted(), ['a', 'b', 'c']);
  },

  'a change is made as a whole or not at all': async ({ store }) => {
    const { id } = await store.create(KEY, { title: 'before' });
    const change = { title: 'after', settings: { system: 'x' }, head_id: 'msg_none' };
    await assert.rejects(store.change(KEY, id, change), { kind: 'invalid' });
    const { title, settings } = await store.get(KEY, id);
    assert.deepEqual([title, settings.system], ['before', '']);
  },

  'a file that was sent stays, one that was not can go': async ({ store }) => {
    const { id } = await store.create(KEY, {});
    const file = { name: 'f.txt', media_type: 'text/plain', bytes: 1, text: 'x', tokens: 1 };
    const kept = await store.addFile(KEY, id, file);
    const dropped = await store.addFile(KEY, id, file);
    await store.append(KEY, id, {
      role: 'user',
      parent_id: null,
      content: '',
      file_ids: [kept.id],
    });
    await store.removeFile(KEY, id, dropped.id);
    await assert.rejects(store.removeFile(KEY, id, dropped.id), { kind: 'not-found' });
    await assert.rejects(store.removeFile(KEY, id, kept.id), { kind: 'conflict' });
  },

  'pages hold every conversation once, the newest first': async ({ store, clock }) => {
    const ids: string[] = [];
    for (let index = 0; index < 23; index += 1) {
      // Several share a millisecond.
      clock.now += index % 3 === 0 ? 1 : 0;
      ids.push((await store.create(KEY, { title: `${index}` })).id);
    }
    const seen: { id: string; updated_at: string }[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await store.list(KEY, { limit: 5, cursor: cursor ?? undefined });
      assert.ok(page.data.length <= 5);
      seen.push(...page.data);
      cursor = page.cursor;
    } while (cursor !== null);
    assert.deepEqual(seen.map(({ id }) => id).toSorted(), ids.toSorted());
    const times = seen.map(({ updated_at }) => updated_at);
    assert.deepEqual(times, times.toSorted().toReversed());
  },

  'renaming and filing leave the time of a conversation, a message moves it': async ({
    store,
    clock,
  }) => {
    const { id, updated_at } = await store.create(KEY, {});
    clock.now += 1000;
    await store.change(KEY, id, { title: 't', folder: 'f', tags: ['x'], head_id: null });
    assert.equal((await store.get(KEY, id)).updated_at, updated_at);
    await ask(store, id, null, 'q');
    assert.notEqual((await store.get(KEY, id)).updated_at, updated_at);
  },

  'search finds titles and messages, whatever the case, and takes signs as they are': async ({
    store,
  }) => {
    const made: Record<string, string> = {};
    for (const [title, content] of [
      ['Grüße aus ÅRHUS', 'nothing'],
      ['percent', `${'x'.repeat(300)} only 100% of_it!\n\nand more`],
      ['chinese', '我们来谈谈深度求索的稀疏注意力机制,以及它为什么快。'],
      ['cyrillic', 'Привет МИР'],
      ['quote', 'a "quoted" \'word\' \\ back'],
      ['dotted', 'İstanbul then NEEDLE here'],
    ] as const) {
      const { id } = await store.create(KEY, { title });
      const asked = await ask(store, id, null, 'hello');
      await answer(store, id, asked.id, content);
      made[id] = title;
    }
    const find = async (query: string) =>
      (await store.list(KEY, { query })).data.map(({ id }) => made[id]).toSorted();
    assert.deepEqual(await find('århus'), ['Grüße aus ÅRHUS']);
    assert.deepEqual(await find('100% OF_it'), ['percent']);
    assert.deepEqual(await find('100_'), []);
    assert.deepEqual(await find('%'), ['percent']);
    assert.deepEqual(await find('!'), ['percent']);
    assert.deepEqual(await find('_'), ['percent']);
    assert.deepEqual(await find('稀疏注意力'), ['chinese']);
    assert.deepEqual(await find('привет мир'), ['cyrillic']);
    assert.deepEqual(await find('"QUOTED" \'word\' \\'), ['quote']);
    assert.deepEqual(await find('needle'), ['dotted']);
    assert.equal((await find('HELLO')).length, 6);
    const snippet = async (query: string) => (await store.list(KEY, { query })).data[0]!.snippet;
    assert.match((await snippet('100%'))!, /^…only 100% of_it! and more$/);
    assert.match((await snippet('稀疏'))!, /深度求索的稀疏注意力/);
    assert.match((await snippet('needle'))!, /^İstanbul then NEEDLE here$/);
    assert.equal(await snippet('grüße'), null, 'the title shows it');
  },

  'folders and tags are exact, and listed': async ({ store }) => {
    await store.create(KEY, { title: 'a', folder: 'Work', tags: ['Draft', 'x"y'] });
    await store.create(KEY, { title: 'b', folder: 'work', tags: ['draft'] });
    await store.create(KEY, { title: 'c' });
    const titles = async (query: { folder?: string; tag?: string }) =>
      (await store.list(KEY, query)).data.map(({ title }) => title);
    assert.deepEqual(await titles({ folder: 'Work' }), ['a']);
    assert.deepEqual(await titles({ tag: 'draft' }), ['b']);
    assert.deepEqual(await titles({ tag: 'x"y' }), ['a']);
    assert.deepEqual(await titles({ tag: 'y' }), []);
    const { folders, tags } = await store.list(KEY, {});
    assert.deepEqual(new Set(folders), new Set(['Work', 'work']));
    assert.deepEqual(new Set(tags), new Set(['Draft', 'draft', 'x"y']));
  },

  'deleting takes messages and files along': async ({ store, platform }) => {
    const { id } = await store.create(KEY, {});
    const file = { name: 'f', media_type: 'text/plain', bytes: 1, text: 'x', tokens: 1 };
    const ref = await store.addFile(KEY, id, file);
    const asked = await store.append(KEY, id, {
      role: 'user',
      parent_id: null,
      content: 'x',
      file_ids: [ref.id],
    });
    await store.delete(KEY, id);
    assert.deepEqual(await platform.conversations.messages.all(id), []);
    assert.deepEqual(await platform.conversations.files.list(id), []);
    await assert.rejects(store.branch(KEY, id, asked.id), { kind: 'not-found' });
  },
};
