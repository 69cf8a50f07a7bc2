// What goes out comes in again: any conversation through its JSON, and the forms of others. Imports
// bring no permissions, and say what they leave.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  type AnyConversation,
  anyConversation,
} from '../../../../test/helpers/any-conversation.js';
import {
  conversationsOn,
  type Opened,
  SETTINGS,
} from '../../../../test/helpers/web-conversations.js';
import type { StoredMessage } from '../../wire.js';
import { newFileId, type StoredConversation } from '../conversation-store.js';
import { exportConversation } from '../export/export-conversation.js';
import { newMessageId, type NewMessage } from '../message-rows.js';
import { importConversations } from './import-conversations.js';

const KEY = 'key_a';

async function opened(t: test.TestContext) {
  const made = await conversationsOn({ databaseUrl: ':memory:' });
  t.after(() => made.close());
  const bring = (given: unknown) =>
    importConversations({
      store: made.store,
      host: { now: () => made.clock.now },
      keyId: KEY,
      given,
    });
  return { ...made, bring };
}

async function exported({ store }: Pick<Opened, 'store'>, id: string): Promise<string> {
  const { text } = await exportConversation(
    { store, toolsFor: () => [], baseUrl: 'http://x', language: 'en' },
    { keyId: KEY, id, format: 'json', leaf: undefined },
  );
  return text;
}

async function keep({ store }: Opened, any: AnyConversation): Promise<StoredConversation> {
  const ids = any.bodies.map(() => newMessageId());
  const file = {
    id: newFileId(),
    name: 'notes.txt',
    mediaType: 'text/plain',
    bytes: 3,
    tokens: 2,
    text: Buffer.from(any.fileText).toString().replaceAll('\0', ''),
  };
  const at = new Date('2026-01-02T03:04:05.678Z');
  const messages = any.bodies.map((body, index): NewMessage => {
    const parent = any.parents[index] ?? null;
    const base = {
      id: ids[index]!,
      parent_id: parent === null ? null : ids[parent]!,
      created_at: new Date(at.getTime() + index).toISOString(),
    };
    if (body.role !== 'user') return { ...base, ...body };
    const { role, content, numFiles } = body;
    return { ...base, role, content, file_ids: numFiles === 1 ? [file.id] : [] };
  });
  return store.createWhole(KEY, {
    title: any.title,
    folder: any.folder,
    tags: any.tags,
    settings: any.settings,
    messages,
    files: [{ ...file, characters: file.text.length }],
    headId: ids[any.head]!,
    createdAt: at,
    updatedAt: new Date(at.getTime() + 1000),
  });
}

/** With places in the order instead of ids, which are made anew. */
function withoutIds(conversation: StoredConversation): object {
  const { id: _, messages, head_id: head, ...rest } = conversation;
  const placeOf = (id: string | null) => messages.findIndex((message) => message.id === id);
  return {
    ...rest,
    head: placeOf(head),
    messages: messages.map((message: StoredMessage) => ({
      ...message,
      id: '',
      parent_id: placeOf(message.parent_id),
      ...(message.role === 'user' && {
        files: message.files.map((file) => ({ ...file, id: '' })),
      }),
    })),
  };
}

test('any conversation is the same after export and import', async (t) => {
  const context = await opened(t);
  const { store, bring } = context;
  await fc.assert(
    fc.asyncProperty(anyConversation, async (any) => {
      const before = await keep(context, any);
      const json = await exported(context, before.id);
      const { data, left_out: leftOut } = await bring(JSON.parse(json));
      assert.deepEqual(leftOut, []);
      const after = await store.get(KEY, data[0]!.id);
      assert.deepEqual(withoutIds(after), withoutIds(before));
      const fileIds = (conversation: StoredConversation) =>
        conversation.messages.flatMap((message) =>
          message.role === 'user' ? message.files.map(({ id }) => id) : [],
        );
      const texts = async (conversation: StoredConversation) =>
        (await store.fileTexts(KEY, conversation.id, fileIds(conversation))).map(
          ({ text }) => text,
        );
      assert.deepEqual(await texts(after), await texts(before));
      await store.delete(KEY, before.id);
      await store.delete(KEY, after.id);
    }),
    { numRuns: 60, seed: 6 },
  );
});

test('an import brings no permission to run tools', async (t) => {
  const context = await opened(t);
  const { id } = await context.store.create(KEY, {
    settings: { approval: 'never', always_allowed: ['mcp:x:delete'], tools: ['mcp:x:delete'] },
  });
  const { data, left_out } = await context.bring(JSON.parse(await exported(context, id)));
  const settings = await context.store.settings(KEY, data[0]!.id);
  assert.equal(settings.approval, SETTINGS.approval);
  assert.deepEqual(settings.always_allowed, []);
  assert.deepEqual(settings.tools, ['mcp:x:delete']);
  assert.deepEqual(left_out, [{ kind: 'permission', count: 2 }]);
});

test('a list of messages becomes one branch', async (t) => {
  const { store, bring } = await opened(t);
  const { data, left_out } = await bring({
    model: 'deepseek-chat',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:,' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Look it up.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
      { role: 'tool', tool_call_id: 'lost', content: 'x' },
      { role: 'function', name: 'old', content: 'x' },
      { role: 'assistant', content: 'A cat.' },
    ],
  });
  const { messages, settings, head_id } = await store.get(KEY, data[0]!.id);
  assert.equal(settings.system, 'Be brief.');
  assert.deepEqual(
    messages.map(({ role, content }) => [role, content]),
    [
      ['user', 'What is this?'],
      ['assistant', ''],
      ['tool', 'a cat'],
      ['assistant', 'A cat.'],
    ],
  );
  assert.equal(head_id, messages.at(-1)!.id);
  assert.deepEqual(
    messages.map(({ parent_id }) => parent_id),
    [null, ...messages.slice(0, -1).map(({ id }) => id)],
  );
  assert.deepEqual(left_out, [
    { kind: 'attachment', count: 1 },
    { kind: 'tool_call', count: 1 },
    { kind: 'message', count: 1 },
  ]);
});

test('a ChatGPT export keeps its branches', async (t) => {
  const { store, bring } = await opened(t);
  const message = (role: string, parts: unknown[], contentType = 'text') => ({
    author: { role },
    create_time: 1767323045.5,
    content: { content_type: contentType, parts },
  });
  const { data, left_out } = await bring([
    {
      title: 'Seas\nand whales',
      create_time: 1767323045,
      update_time: 1767323999,
      current_node: 'a2',
      mapping: {
        root: { id: 'root', message: null, parent: null, children: ['sys'] },
        sys: { id: 'sys', message: message('system', ['']), parent: 'root', children: ['q'] },
        q: {
          id: 'q',
          message: message('user', ['How deep?']),
          parent: 'sys',
          children: ['a1', 'a2'],
        },
        a1: { id: 'a1', message: message('assistant', ['Deep.']), parent: 'q', children: [] },
        a2: {
          id: 'a2',
          message: message('assistant', ['11 km.', { image: 1 }], 'multimodal_text'),
          parent: 'q',
          children: ['t'],
        },
        t: { id: 't', message: message('tool', ['x']), parent: 'a2', children: ['q'] },
      },
    },
  ]);
  const { messages, title, head_id, created_at } = await store.get(KEY, data[0]!.id);
  assert.equal(title, 'Seas and whales');
  assert.equal(created_at, '2026-01-02T03:04:05.000Z');
  const [asked, first, second] = messages;
  assert.deepEqual(
    messages.map(({ content }) => content),
    ['How deep?', 'Deep.', '11 km.'],
  );
  assert.equal(first!.parent_id, asked!.id);
  assert.equal(second!.parent_id, asked!.id);
  assert.equal(head_id, second!.id);
  assert.deepEqual(left_out, [
    { kind: 'attachment', count: 1 },
    { kind: 'tool_call', count: 1 },
  ]);
});

test("an export of DeepSeek's chat keeps thoughts", async (t) => {
  const { store, bring } = await opened(t);
  const fragments = (...given: [string, string][]) => ({
    files: [],
    inserted_at: '2026-01-02T03:04:05.678000+08:00',
    fragments: given.map(([type, content]) => ({ type, content })),
  });
  const { data, left_out } = await bring([
    {
      id: 'x',
      title: '鲸鱼',
      inserted_at: '2026-01-01T03:04:05+08:00',
      updated_at: '2026-01-02T03:04:05+08:00',
      mapping: {
        root: { id: 'root', parent: null, children: ['1'], message: null },
        1: { id: '1', parent: 'root', children: ['2'], message: fragments(['REQUEST', '多深?']) },
        2: {
          id: '2',
          parent: '1',
          children: [],
          message: fragments(['THINK', '想一想'], ['SEARCH', '…'], ['RESPONSE', '一万一千米。']),
        },
      },
    },
  ]);
  const { messages, updated_at } = await store.get(KEY, data[0]!.id);
  assert.equal(updated_at, '2026-01-01T19:04:05.000Z');
  const [asked, answer] = messages;
  assert.equal(asked!.content, '多深?');
  assert.ok(answer?.role === 'assistant');
  assert.deepEqual(
    [answer.content, answer.reasoning, answer.thinking],
    ['一万一千米。', '想一想', true],
  );
  assert.deepEqual(left_out, [{ kind: 'tool_call', count: 1 }]);
});

test('what is no conversation is refused in words, and nothing of it is kept', async (t) => {
  const context = await opened(t);
  const { bring, store } = context;
  const { id } = await store.create(KEY, { title: 'kept' });
  const good = JSON.parse(await exported(context, id)) as Record<string, unknown>;
  const asked = { role: 'user', id: 'a', created_at: good['created_at'], content: 'x', files: [] };
  const cases: [unknown, RegExp][] = [
    [null, /no conversation/],
    ['text', /no conversation/],
    [{}, /no conversation/],
    [[], /holds 0 conversations/],
    [[good, { nothing: 1 }], /conversation 2 of the file: this is no conversation/],
    [{ ...good, hadal_conversation: 99 }, /version 99/],
    [{ ...good, head_id: 'gone' }, /head_id gone/],
    [{ ...good, messages: [{ ...asked, parent_id: 'later' }] }, /follows later/],
    [
      {
        ...good,
        messages: [
          { ...asked, parent_id: null },
          { ...asked, parent_id: null },
        ],
      },
      /the id a/,
    ],
    [{ ...good, created_at: 'yesterday' }, /created_at/],
    [[{ role: 'function', content: 'x' }], /no question and no answer/],
    [{ mapping: {} }, /no text/],
  ];
  for (const [given, reason] of cases) {
    await assert.rejects(
      bring(given),
      (error: Error) => reason.test(error.message),
      String(reason),
    );
  }
  assert.equal((await store.list(KEY, {})).data.length, 1);
});
