// Pitfall 1 of the api reference, section 14, end to end: a client loses the reasoning of a tool
// turn, and the prompt of the next turn contains it again. By call ids, by the conversation when the
// ids were rewritten, after a restart; never for another tenant, never after its time.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { RunningServer } from '../../src/server/start-server.js';
import { newAccount, newKey } from '../helpers/api-key.js';
import { playedModel, type PlayedModel } from '../helpers/played-model.js';
import { startScripted, type ScriptedServerOptions } from '../helpers/scripted-server.js';

const REASONING = 'Only the gauge knows; 曇り.';
const HEALED = `<think>${REASONING}</think>`;
const EMPTY = '<think></think>';

function gaugeModel(): PlayedModel {
  return playedModel(
    { thinking: REASONING, calls: [['gauge', { place: 'Oslo', depth: 3 }]] },
    { thinking: 'Read.', content: 'It is 7.' },
  );
}

/** One tool loop of a client that drops reasoning, in one dialect. */
interface Dialect {
  path: string;
  first: object;
  /** The second request, made of the first reply; `newId` rewrites the id of the call. */
  second: (reply: unknown, newId?: string) => object;
}

const QUESTION = { role: 'user', content: 'How high is the water?' };
const PARAMETERS = { type: 'object', properties: { place: { type: 'string' } } };

interface ChatReply {
  choices: { message: { tool_calls: { id: string }[]; reasoning_content?: string } }[];
}

const chat: Dialect = {
  path: '/chat/completions',
  first: {
    model: 'deepseek-reasoner',
    messages: [QUESTION],
    tools: [{ type: 'function', function: { name: 'gauge', parameters: PARAMETERS } }],
  },
  second(reply, newId) {
    const { reasoning_content: _, ...message } = (reply as ChatReply).choices[0]!.message;
    const call = message.tool_calls[0]!;
    const id = newId ?? call.id;
    return {
      ...this.first,
      messages: [
        QUESTION,
        { ...message, tool_calls: [{ ...call, id }] },
        { role: 'tool', tool_call_id: id, content: '7' },
      ],
    };
  },
};

interface AnthropicReply {
  content: { type: string; id?: string; name?: string; input?: object }[];
}

const anthropic: Dialect = {
  path: '/anthropic/v1/messages',
  first: {
    model: 'deepseek-reasoner',
    max_tokens: 1000,
    messages: [QUESTION],
    tools: [{ name: 'gauge', input_schema: PARAMETERS }],
  },
  second(reply, newId) {
    const use = (reply as AnthropicReply).content.find(({ type }) => type === 'tool_use')!;
    const id = newId ?? use.id;
    return {
      ...this.first,
      messages: [
        QUESTION,
        { role: 'assistant', content: [{ ...use, id }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '7' }] },
      ],
    };
  },
};

interface ResponsesReply {
  output: { type: string; call_id?: string }[];
}

const responses: Dialect = {
  path: '/v1/responses',
  first: {
    model: 'deepseek-reasoner',
    input: [QUESTION],
    tools: [{ type: 'function', name: 'gauge', parameters: PARAMETERS }],
  },
  second(reply, newId) {
    const call = (reply as ResponsesReply).output.find(({ type }) => type === 'function_call')!;
    const call_id = newId ?? call.call_id;
    return {
      ...this.first,
      input: [
        QUESTION,
        { ...call, call_id },
        { type: 'function_call_output', call_id, output: '7' },
      ],
    };
  },
};

const DIALECTS = { chat, anthropic, responses };

async function post(server: RunningServer, key: string, path: string, body: object) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const reply: unknown = await response.json();
  assert.equal(response.status, 200, JSON.stringify(reply));
  return { reply, leniencies: response.headers.get('x-hadal-leniency')?.split(', ') ?? [] };
}

/** A server whose model plays the loop from its beginning. */
async function start(t: TestContext, options: ScriptedServerOptions = {}) {
  const model = gaugeModel();
  const { server } = await startScripted(t, { ...model, ...options });
  return { server, model };
}

for (const [name, dialect] of Object.entries(DIALECTS)) {
  test(`${name}: reasoning that the client lost is in the next prompt`, async (t) => {
    for (const newId of [undefined, 'rewritten_1']) {
      const { server, model } = await start(t);
      const key = await newKey(server, { profile: 'agents' });
      const { path } = dialect;
      const { reply } = await post(server, key, path, dialect.first);
      const { leniencies } = await post(server, key, path, dialect.second(reply, newId));
      assert.ok(leniencies.includes('heal_reasoning'));
      assert.ok(model.prompts[1]!.includes(HEALED), model.prompts[1]);
      assert.ok(model.prompts[1]!.includes('<result>7</result>'));
    }
  });
}

test('a streamed turn is kept like a whole one, and healed through another dialect', async (t) => {
  const { server, model } = await start(t);
  const key = await newKey(server, { profile: 'agents' });
  const response = await fetch(server.url + chat.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...chat.first, stream: true }),
  });
  assert.equal(response.headers.get('x-hadal-leniency'), null);
  const id = /call_00_\w{24}/.exec(await response.text())![0];
  const use = { type: 'tool_use', id, name: 'gauge', input: { place: 'Oslo', depth: 3 } };
  await post(server, key, anthropic.path, anthropic.second({ content: [use] }));
  assert.ok(model.prompts[1]!.includes(HEALED));
});

test('count_tokens counts the healed prompt, and says so', async (t) => {
  const { server } = await start(t);
  const key = await newKey(server, { profile: 'agents' });
  const { reply } = await post(server, key, anthropic.path, anthropic.first);
  const second = anthropic.second(reply);
  const counted = await post(server, key, `${anthropic.path}/count_tokens`, second);
  assert.ok(counted.leniencies.includes('heal_reasoning'));
  const { reply: next } = await post(server, key, anthropic.path, second);
  const { usage } = next as {
    usage: { input_tokens: number; cache_read_input_tokens: number };
  };
  assert.deepEqual(counted.reply, {
    input_tokens: usage.input_tokens + usage.cache_read_input_tokens,
  });
});

test('every round of a long loop is healed', async (t) => {
  const model = playedModel(
    { thinking: 'Round one.', calls: [['gauge', { place: 'a' }]] },
    { thinking: 'Round two.', calls: [['gauge', { place: 'b' }]] },
    { thinking: 'Done.', content: 'Both.' },
  );
  const { server } = await startScripted(t, model);
  const key = await newKey(server, { profile: 'agents' });
  const messages: object[] = [QUESTION];
  for (let round = 0; round < 3; round++) {
    const { reply } = await post(server, key, chat.path, { ...chat.first, messages });
    const { reasoning_content: _, ...message } = (reply as ChatReply).choices[0]!.message;
    const calls = message.tool_calls ?? [];
    messages.push(message);
    for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: 'r' });
  }
  const last = model.prompts[2]!;
  assert.ok(last.includes('<think>Round one.</think>'));
  assert.ok(last.includes('<think>Round two.</think>'));
});

test('after a restart in the same folder; what lies there is encrypted', async (t) => {
  for (const newId of [undefined, 'rewritten_1']) {
    const dataDir = mkdtempSync(join(tmpdir(), 'hadal-healing-'));
    t.after(() => rmSync(dataDir, { recursive: true }));
    const before = await start(t, { dataDir });
    const key = await newKey(before.server, { profile: 'agents' });
    const { reply } = await post(before.server, key, chat.path, chat.first);
    await before.server.close();
    for (const file of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const path = join(file.parentPath, file.name);
      assert.ok(!readFileSync(path).includes(REASONING), `${path} holds the reasoning as text`);
    }

    const after = playedModel({ thinking: 'Read.', content: 'It is 7.' });
    const { server } = await startScripted(t, { ...after, dataDir });
    await post(server, key, chat.path, chat.second(reply, newId));
    assert.ok(after.prompts[0]!.includes(HEALED), String(newId));
  }
});

test('for every key of the account, and for no other account', async (t) => {
  const { server, model } = await start(t);
  const accountId = await newAccount(server);
  const key = await newKey(server, { accountId, profile: 'agents' });
  const { reply } = await post(server, key, chat.path, chat.first);

  const sister = await newKey(server, { accountId, leniencies: ['heal_reasoning'] });
  await post(server, sister, chat.path, chat.second(reply));
  assert.ok(model.prompts.at(-1)!.includes(HEALED));

  const stranger = await newKey(server, { profile: 'agents' });
  for (const newId of [undefined, 'rewritten_1']) {
    const { leniencies } = await post(server, stranger, chat.path, chat.second(reply, newId));
    assert.ok(leniencies.includes('heal_reasoning'));
    assert.ok(!model.prompts.at(-1)!.includes(REASONING));
    assert.ok(model.prompts.at(-1)!.includes(EMPTY));
  }
});

test('not after a day, and not when a key without the leniency had the turn', async (t) => {
  let now = Date.now();
  const { server, model } = await start(t, { now: () => now });
  const accountId = await newAccount(server);
  const key = await newKey(server, { accountId, profile: 'agents' });
  const { reply } = await post(server, key, chat.path, chat.first);
  const second = chat.second(reply);
  now += 24 * 3_600_000 - 1000;
  await post(server, key, chat.path, second);
  assert.ok(model.prompts.at(-1)!.includes(HEALED));
  now += 2000;
  await post(server, key, chat.path, second);
  assert.ok(model.prompts.at(-1)!.includes(EMPTY));

  const fresh = await start(t);
  const account = await newAccount(fresh.server);
  const exact = await newKey(fresh.server, { accountId: account });
  const agents = await newKey(fresh.server, { accountId: account, profile: 'agents' });
  const { reply: unkept } = await post(fresh.server, exact, chat.path, chat.first);
  await post(fresh.server, agents, chat.path, chat.second(unkept));
  assert.ok(fresh.model.prompts.at(-1)!.includes(EMPTY));
});

test('what the client does send is never replaced', async (t) => {
  const { server, model } = await start(t);
  const key = await newKey(server, { profile: 'agents' });
  const { reply } = await post(server, key, chat.path, chat.first);
  const { messages } = chat.second(reply) as { messages: object[] };
  for (const reasoning_content of ['My own words.', '']) {
    const own = messages.map((message, index) =>
      index === 1 ? { ...message, reasoning_content } : message,
    );
    const { leniencies } = await post(server, key, chat.path, { ...chat.first, messages: own });
    assert.ok(!leniencies.includes('heal_reasoning'));
    assert.ok(model.prompts.at(-1)!.includes(`<think>${reasoning_content}</think>`));
  }
});
