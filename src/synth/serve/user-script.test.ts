// Diagnosis tasks solved through the user, over HTTP and over MCP, by an agent that goes by the request
// and by what it is told; and what the user says to questions and orders of every kind.

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
import { devicesOf, type DeviceIr } from '../families/diagnosis-device.js';
import { diagnosis } from '../families/diagnosis.js';
import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import { submitTool } from '../task-prompt.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import { composeEnvironment } from '../world/compose.js';
import { serveCorpus } from './serve-corpus.js';
import { answerAsUser } from './user-script.js';

const NUM_EACH = 3;

/** What an agent can do: its own tools, and speaking to the user. */
interface Hands {
  readonly call: (tool: string, args: JsonObject) => Promise<Json>;
  readonly say: (message: string) => Promise<string>;
}

const QUESTIONS = {
  en: [
    (name: string, label: string) => `What does the ${label} of "${name}" read?`,
    (name: string, label: string) => `And ${name}'s ${label}?`,
  ],
  zh: [
    (name: string, label: string) => `请问『${name}』的${label}现在是什么？`,
    (name: string, label: string) => `${name}，${label}？`,
  ],
};

function loadedWithDevices(): LoadedEnvironment {
  for (let seed = 0; ; seed++) {
    const env = composeEnvironment(seed);
    const own = devicesOf(env).find((one) => one.settings.some(({ side }) => side === 'user'));
    if (own) return loadEnvironment(env);
  }
}

function pairsOf(loaded: LoadedEnvironment): TaskPair[] {
  const { env } = loaded;
  const pairs: TaskPair[] = [];
  for (const language of ['en', 'zh'] as const) {
    for (let seed = 0, found = 0; found < NUM_EACH && seed < 60; seed++) {
      const random = new Random('user-script', language, seed);
      const candidate = diagnosis.propose(loaded, random, language, found);
      if (!candidate) continue;
      found++;
      const { ir, verifier, solution, alternatives, size, decoys: _, ...content } = candidate;
      const taskId = `${env.id}#${language}-${seed}`;
      const hash = contentHash([env.id, ir, content.request] as Json);
      const common = { envId: env.id, envVersion: env.version, split: 'train' as const };
      const counts = { minCalls: 1, tablesTouched: 1, writes: 1, solutions: 1, level: 1 };
      const difficulty = { ...size, ...counts, ladder: {} };
      pairs.push({
        task: { ...content, ...common, taskId, key: taskId, hash, difficulty },
        private: { taskId, hash, ir, verifier, solution, alternatives },
      });
    }
  }
  return pairs;
}

/** Reads what the request says, looks, asks, repairs what can be repaired and hands in. */
async function solve({ env }: LoadedEnvironment, { task }: TaskPair, hands: Hands): Promise<void> {
  const { language, request } = task;
  const told = diagnosis.parse(request, env, language) as unknown as DeviceIr;
  const device = devicesOf(env).find(({ table }) => table === told.table)!;
  const columns = env.tables.find(({ name }) => name === told.table)!.columns;
  const list = env.tools.find(
    ({ impl }) => impl.archetype === 'find' && impl.table === told.table,
  )!.name;
  const [repaired, escalated]: [string[], string[]] = [[], []];
  const rows: JsonObject[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await hands.call(list, { page });
    const { items, ...rest } = answer as unknown as { items: JsonObject[]; pages: number };
    rows.push(...items);
    pages = rest.pages;
  }
  for (const [i, name] of told.names.entries()) {
    const row = rows.find((one) => Object.values(one).includes(name))!;
    const id = row[device.key] as string;
    const read = async (column: string): Promise<string> => {
      const { side } = device.settings.find((one) => one.column === column)!;
      if (side === 'agent') {
        const tool = device.readTools.get(column);
        const shown = tool ? await hands.call(tool, { [device.param]: id }) : row;
        return String((shown as JsonObject)[column]);
      }
      const label = columns.find((one) => one.name === column)!.label[language];
      const said = await hands.say(QUESTIONS[language][i % 2]!(name, label));
      const [, value] = /^(?:.*)[:：] ?(\S+)$/.exec(said) ?? [];
      assert.ok(value !== undefined && said.startsWith(name) && said.includes(label), said);
      return value;
    };
    const wrong: string[] = [];
    for (const { column, good } of told.manual) {
      if ((await read(column)) !== String(good)) wrong.push(column);
    }
    if (wrong.length === 0) continue;
    if (wrong.some((column) => told.unable.includes(column))) {
      escalated.push(name);
      continue;
    }
    for (const column of wrong) {
      const { fixTool, good } = device.settings.find((one) => one.column === column)!;
      const { impl, side } = env.tools.find((one) => one.name === fixTool)!;
      const isSet = impl.archetype === 'set-setting';
      if (side === 'agent') {
        const args = { [device.param]: id, ...(isSet && { [impl.valueParam]: good }) };
        await hands.call(fixTool, args);
      } else {
        const value = isSet ? ` ${good}` : '';
        const said = await hands.say(
          language === 'en'
            ? `Please run ${fixTool} for “${name}”${value}.`
            : `请对「${name}」运行 ${fixTool}${value}。`,
        );
        assert.ok(said.startsWith(`${fixTool} (${name}): {`), said);
      }
      if (side === 'user') assert.equal(await read(column), String(good));
    }
    repaired.push(name);
  }
  const submit = submitTool(env)!;
  const { schemaParam } = submit.impl as { schemaParam: string };
  await hands.call(submit.name, { [schemaParam]: { repaired, escalated } });
}

test('diagnosis is solved through the user from what is said alone, over HTTP and over MCP', async (t) => {
  const loaded = loadedWithDevices();
  const pairs = pairsOf(loaded);
  assert.equal(pairs.length, 2 * NUM_EACH);
  const folder = mkdtempSync(join(tmpdir(), 'hadal-user-'));
  const writer = new CorpusWriter(folder);
  writer.writeEnvironment(loaded.env);
  writer.writeTasks('0000', pairs);
  writer.finish();
  const studio = await serveCorpus({ store: openCorpus(folder) });
  t.after(async () => {
    await studio.close();
    rmSync(folder, { recursive: true });
  });
  const post = async (path: string, body: Json): Promise<JsonObject> => {
    const response = await fetch(`${studio.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as JsonObject;
  };
  for (const pair of pairs) {
    const { key, envId } = pair.task;
    const opened = await post('/v1/sessions', { task_key: key });
    const path = `/v1/sessions/${opened['session_id'] as string}`;
    const prompt = JSON.stringify(opened['prompt']);
    for (const tool of pair.task.user!.tools) assert.ok(prompt.includes(`${tool}(`), prompt);
    await solve(loaded, pair, {
      call: async (tool, args) => (await post(`${path}/tools/${tool}`, args))['result']!,
      say: async (message) => (await post(`${path}/user`, { message }))['message'] as string,
    });
    assert.equal((await post(`${path}/verify`, { messages: [] }))['reward'], 1, key);

    const requestInit = { headers: { 'x-task-key': key } };
    const url = new URL(`${studio.url}/${envId}/mcp`);
    const transport = new StreamableHTTPClientTransport(url, { requestInit });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport as Transport);
    assert.match(client.getInstructions()!, /ask_user/);
    const tools: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      tools.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    assert.equal(tools.at(-1), 'ask_user');
    const call = async (name: string, args: JsonObject): Promise<JsonObject> => {
      const result = await client.callTool({ name, arguments: args });
      assert.notEqual(result.isError, true, JSON.stringify(result));
      return result.structuredContent as JsonObject;
    };
    await solve(loaded, pair, {
      call,
      say: async (message) => (await call('ask_user', { message }))['message'] as string,
    });
    const refused = await client.callTool({ name: 'ask_user', arguments: { message: 7 } });
    assert.equal(refused.isError, true);
    const verdict = await post(`/v1/sessions/${transport.sessionId}/verify`, { messages: [] });
    assert.equal(verdict['reward'], 1, `${key} over MCP`);
    await client.close();
  }
});

test('answers are of the things named, labelled and as they are now; the rest is asked back', () => {
  const loaded = loadedWithDevices();
  for (const { task } of pairsOf(loaded)) {
    const { language, user } = task;
    const say = (message: string, session = fresh()) =>
      answerAsUser(session, user!, language, message);
    const fresh = () => new Session(loaded, task.patch, task.submissionSchema);
    const readings = user!.facts.filter(({ row }) => row);
    const first = readings[0]!;
    const other = readings.find(({ subject }) => subject !== first.subject)!;
    const topic = first.topic![language];
    const only = (message: string) => {
      const { message: said } = say(message);
      assert.equal(said.split('\n').length, 1, said);
      assert.ok(said.startsWith(first.subject!) && said.includes(topic), said);
      assert.ok(said.endsWith(first.answer), said);
    };
    [first.ask.en, first.ask.zh].forEach(only);
    for (const [open, close] of ['""', '“”', '‘’', '「」', '『』', '《》', "''"].map((two) => [
      ...two,
    ])) {
      only(`${topic}, ${open}${first.subject}${close}?`);
      only(`${open}${first.subject!.toUpperCase()}${close}的${topic}是什么？`);
    }
    const both = say(`${topic}: ${first.subject}, ${other.subject}?`).message.split('\n');
    assert.equal(both.length, 2);
    for (const { subject } of [first, other]) {
      assert.equal(both.filter((line) => line.startsWith(subject!)).length, 1, both.join('\n'));
    }
    const back = say(`${topic}?`);
    assert.ok(back.answers && !readings.some(({ subject }) => back.message.includes(subject!)));
    assert.equal(say(`{"repaired":["${first.subject}"],"escalated":[]}`).answers, false);
    assert.equal(say('Hello!').answers, false);

    // Of a tool that is named only, nothing is run.
    for (const tool of user!.tools) {
      for (const idle of [
        `Run ${tool}`,
        `What does ${tool} do?`,
        `Do not run ${tool} for ${first.subject}.`,
        `请不要对${first.subject}运行 ${tool}。`,
        `Did you run ${tool} for ${first.subject}?`,
        `${tool} ${first.subject}`,
      ]) {
        const { calls, answers } = say(idle);
        assert.deepEqual([calls.length, answers], [0, true], idle);
      }
    }
    const changer = user!.tools.find((name) => {
      const { impl } = loaded.tools.get(name)!;
      return impl.archetype === 'toggle-setting';
    })!;
    const { column } = loaded.tools.get(changer)!.impl as { column: string };
    const fact = readings.find(({ row }) => row!.column === column)!;
    const session = fresh();
    const ask = fact.ask[language];
    const [before, run, after] = [ask, `Please run ${changer} for '${fact.subject}'`, ask].map(
      (message) => say(message, session),
    );
    assert.deepEqual(run!.calls, [
      { tool: changer, arguments: { [Object.keys(run!.calls[0]!.arguments)[0]!]: fact.row!.key } },
    ]);
    assert.notEqual(before!.message, after!.message);
    const two = say(`Please run ${changer} for ${first.subject} and ${other.subject}.`);
    assert.equal(two.calls.length, 2);
    assert.deepEqual(
      two.message.split('\n').map((line) => line.slice(0, line.indexOf(':'))),
      [first, other].map(({ subject }) => `${changer} (${subject})`),
    );
    const refusal = user!.facts.find(({ row }) => !row);
    if (refusal) assert.equal(say(refusal.ask[language]).message, refusal.answer);
  }
});
