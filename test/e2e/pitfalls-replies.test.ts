// The pitfalls of the api reference, section 14, that lie in replies, over HTTP, whole and streamed, in
// both dialects. Where the original had a defect, no profile brings it back: both say the same, except
// for the eighth of the budget that `agents` keeps for the answer.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { ProfileName } from '../../src/protocol/leniency.js';
import { callsText, playedModel } from '../helpers/played-model.js';
import {
  ANTHROPIC,
  anthropicSaid,
  CHAT,
  chatSaid,
  PROFILE_NAMES,
  startProfiles,
  streamData,
  type Said,
} from '../helpers/profile-server.js';
import { EOS, type ScriptedServerOptions } from '../helpers/scripted-server.js';

type Profiles = Awaited<ReturnType<typeof startProfiles>>;

const LOOK = {
  name: 'look',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
};

interface Turn {
  model?: string;
  maxTokens?: number;
  system?: string;
  tools?: boolean;
}

interface Way {
  name: string;
  ask: (profiles: Profiles, profile: ProfileName, turn: Turn) => Promise<Said>;
}

/** Both dialects, whole and streamed. */
const WAYS: Way[] = [true, false].flatMap((stream) => [
  {
    name: `chat, ${stream ? 'streamed' : 'whole'}`,
    ask: async ({ post }, profile, { model = 'deepseek-chat', maxTokens = 500, system, tools }) =>
      chatSaid(
        await post(profile, CHAT, {
          model,
          messages: [
            ...(system === undefined ? [] : [{ role: 'system', content: system }]),
            { role: 'user', content: 'go' },
          ],
          max_tokens: maxTokens,
          ...(tools && { tools: [{ type: 'function', function: LOOK }] }),
          stream,
        }),
      ),
  },
  {
    name: `anthropic, ${stream ? 'streamed' : 'whole'}`,
    ask: async ({ post }, profile, { model = 'deepseek-chat', maxTokens = 500, system, tools }) =>
      anthropicSaid(
        await post(profile, ANTHROPIC, {
          model,
          ...(system !== undefined && { system }),
          messages: [{ role: 'user', content: 'go' }],
          max_tokens: maxTokens,
          ...(tools && { tools: [{ name: LOOK.name, input_schema: LOOK.parameters }] }),
          stream,
        }),
      ),
  },
]);

type Complete = NonNullable<ScriptedServerOptions['complete']>;
type Check = (said: Said, what: { profile: ProfileName; way: string }) => void;

/** A server whose model is given with each question, which is asked in every profile and way. */
async function stage(t: TestContext) {
  let play: Complete = () => EOS;
  const profiles = await startProfiles(t, { complete: (...input) => play(...input) });
  return async (complete: Complete, turn: Turn, check: Check) => {
    play = complete;
    for (const profile of PROFILE_NAMES) {
      for (const way of WAYS) {
        check(await way.ask(profiles, profile, turn), { profile, way: way.name });
      }
    }
  };
}

const THINKS = 'deepseek-reasoner';
const MARKS = /DSML|<\/?think>|｜/;
const MARKUP = /DSML|function_calls|<\/?think>|｜/;
const isCalling = (reason: string | null) => reason === 'tool_calls' || reason === 'tool_use';
const isCut = (reason: string | null) => reason === 'length' || reason === 'max_tokens';
const isStopped = (reason: string | null) => reason === 'stop' || reason === 'end_turn';

test('pitfall 3: a tool call written inside the reasoning is a tool call', async (t) => {
  const everywhere = await stage(t);
  const complete = () => `I look.${callsText([['look', { at: 'x' }]])}${EOS}`;
  await everywhere(complete, { model: THINKS, tools: true }, (said, what) => {
    assert.equal(said.reasoning, 'I look.', what.way);
    assert.deepEqual(
      said.calls.map(({ name, arguments: text }) => [name, JSON.parse(text)]),
      [['look', { at: 'x' }]],
    );
    assert.ok(isCalling(said.reason));
    assert.doesNotMatch(said.content + said.reasoning, MARKUP);
  });
});

/** As Cline and Roo Code describe their tools to a model. */
const CLIENT_SYNTAX = `You act by writing one element per message.

## read_file
Usage:
<read_file>
<path>file to read</path>
</read_file>

## attempt_completion
Usage:
<attempt_completion>
<result>
what was done
</result>
</attempt_completion>
`;

test("pitfall 3: a client's own tool syntax never ends up in the reasoning alone", async (t) => {
  const everywhere = await stage(t);
  const read = '<read_file>\n<path>src/main.ts</path>\n</read_file>';
  const done = '<attempt_completion>\n<result>\nAll is well.\n</result>\n</attempt_completion>';
  for (const action of [read, done]) {
    for (const ending of [
      `${action}${EOS}`,
      `${action}\n</think>${EOS}`,
      `</think>${action}${EOS}`,
    ]) {
      const complete = () => `I know what to do.\n${ending}`;
      await everywhere(complete, { model: THINKS, system: CLIENT_SYNTAX }, (said, what) => {
        assert.equal(said.content, action, `${what.way}: ${ending}`);
        assert.equal(said.reasoning?.trim(), 'I know what to do.');
        assert.ok(isStopped(said.reason));
      });
    }
  }
});

const BROKEN_BLOCKS = [
  '\n\n<｜DSML｜function_calls>\n',
  '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="look">\n<｜DSML｜parameter name="at" str',
  '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke tool>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  '\n\n<｜DSML｜invoke name="look">\n</｜DSML｜invoke>',
  '</｜DSML｜function_calls>',
];

test('pitfall 4: broken tool markup never reaches the client', async (t) => {
  const everywhere = await stage(t);
  for (const block of BROKEN_BLOCKS) {
    for (const turn of [{ tools: true }, { tools: false }]) {
      const complete = () => `Before.${block}${EOS}`;
      await everywhere(complete, turn, ({ content, calls, reason }, what) => {
        assert.match(content, /^Before\./, what.way);
        // Without tools there is nothing to call: what was written stays text, less its marks.
        assert.doesNotMatch(content, turn.tools ? MARKUP : MARKS, `${what.way}: ${block}`);
        assert.ok(calls.length > 0 || isStopped(reason), `${what.way}: ${block} ${reason}`);
      });
    }
  }
});

test('pitfall 5: endless whitespace in JSON mode is ended by the limit and billed as told', async (t) => {
  const { post } = await startProfiles(t, { complete: () => ' \n'.repeat(3000) });
  for (const profile of PROFILE_NAMES) {
    const { status, body } = await post(profile, CHAT, {
      model: 'deepseek-chat',
      messages: [{ role: 'user', content: 'json' }],
      response_format: { type: 'json_object' },
      max_tokens: 40,
    });
    assert.equal(status, 200);
    const { choices, usage } = body as {
      choices: { finish_reason: string; message: { content: string } }[];
      usage: { completion_tokens: number };
    };
    assert.equal(choices[0]!.finish_reason, 'length');
    assert.match(choices[0]!.message.content, /^\s+$/);
    assert.equal(usage.completion_tokens, 40);
  }
});

test('pitfall 8: arguments are a JSON object, strict or not, or the turn has not called', async (t) => {
  const raw = (value: string) =>
    callsText([['look', { at: 1 }]]).replace('>1<', () => `>${value}<`) + EOS;
  let value = '';
  const { post } = await startProfiles(t, { complete: () => raw(value) });
  for (value of ['{"a": [1,', 'tru', '1e', '"\\ud8"', '']) {
    for (const profile of PROFILE_NAMES) {
      for (const strict of [true, false]) {
        const parameters = { ...LOOK.parameters, required: ['at'], additionalProperties: false };
        const said = chatSaid(
          await post(profile, '/beta/chat/completions', {
            model: 'deepseek-chat',
            messages: [{ role: 'user', content: 'go' }],
            tools: [{ type: 'function', function: { ...LOOK, parameters, strict } }],
          }),
        );
        if (!isCalling(said.reason)) continue;
        for (const { arguments: text } of said.calls) {
          assert.equal(typeof JSON.parse(text), 'object', `${value} -> ${text}`);
        }
      }
    }
  }
});

test('pitfall 9: reasoning that eats the budget; agents keeps an eighth for the answer', async (t) => {
  const everywhere = await stage(t);
  const complete = (prompt: string) =>
    prompt.endsWith('</think>') ? `At last.${EOS}` : 'on and on '.repeat(500);
  await everywhere(complete, { model: THINKS, maxTokens: 160 }, (said, { profile, way }) => {
    assert.match(said.reasoning!, /^on and on /);
    const expected = profile === 'agents' ? ['At last.', true] : ['', false];
    assert.deepEqual([said.content, isStopped(said.reason)], expected, way);
    if (profile !== 'agents') assert.ok(isCut(said.reason));
  });

  const { post } = await startProfiles(t, { complete });
  for (const profile of PROFILE_NAMES) {
    const { body, leniencies } = await post(profile, CHAT, {
      model: THINKS,
      messages: [{ role: 'user', content: 'go' }],
      max_tokens: 160,
    });
    assert.deepEqual(leniencies, profile === 'agents' ? ['reserve_answer'] : []);
    const short = { model: THINKS, messages: [{ role: 'user', content: 'go' }], stream: true };
    const streamed = await post(profile, CHAT, { ...short, max_tokens: 160 });
    assert.deepEqual(streamed.leniencies, [], 'the head of a stream is sent before it acts');
    const { usage } = body as {
      usage: { completion_tokens: number; completion_tokens_details: { reasoning_tokens: number } };
    };
    const { reasoning_tokens } = usage.completion_tokens_details;
    assert.ok(reasoning_tokens >= 139 && reasoning_tokens <= usage.completion_tokens);
    assert.ok(usage.completion_tokens <= 160);
  }
});

test('pitfall 10: arguments that were cut come with the reason that says so', async (t) => {
  const everywhere = await stage(t);
  const complete = () => callsText([['look', { at: 'a very long place '.repeat(40) }]]) + EOS;
  await everywhere(complete, { tools: true, maxTokens: 120 }, (said, { way }) => {
    assert.ok(isCut(said.reason), `${way}: ${said.reason}`);
    assert.ok(!isCalling(said.reason));
    assert.doesNotMatch(said.content, MARKUP);
  });
});

test('pitfall 16: usage rides on the last chunk, or on one of its own where that is set', async (t) => {
  for (const usageChunk of ['inline', 'separate'] as const) {
    const model = playedModel({ thinking: 'Hm.', content: 'Yes.' });
    const { post } = await startProfiles(t, { ...model, usageChunk });
    for (const profile of PROFILE_NAMES) {
      const { text } = await post(profile, CHAT, {
        model: THINKS,
        messages: [{ role: 'user', content: 'go' }],
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = streamData(text) as {
        choices: { delta: { content: unknown } }[];
        usage?: { total_tokens: number } | null;
      }[];
      const withUsage = chunks.filter(({ usage }) => usage != null);
      assert.equal(withUsage.length, 1);
      assert.equal(withUsage[0], chunks.at(-1));
      assert.equal(withUsage[0]!.choices.length, usageChunk === 'inline' ? 1 : 0);
      assert.ok(text.endsWith('data: [DONE]\n\n'));
    }
  }
});

test('pitfall 17: a thinking block starts with a signature and gets one before it ends', async (t) => {
  const model = playedModel({ thinking: 'Hm.', content: 'Yes.' });
  const { post } = await startProfiles(t, model);
  for (const profile of PROFILE_NAMES) {
    const body = { model: THINKS, max_tokens: 99, messages: [{ role: 'user', content: 'go' }] };
    const { text } = await post(profile, ANTHROPIC, { ...body, stream: true });
    const events = streamData(text) as {
      type: string;
      message?: { id: string };
      content_block?: object;
      delta?: { type: string; signature?: string };
    }[];
    const start = events.find(({ type }) => type === 'content_block_start')!;
    assert.deepEqual(start.content_block, { type: 'thinking', thinking: '', signature: '' });
    const stop = events.findIndex(({ type }) => type === 'content_block_stop');
    assert.deepEqual(events[stop - 1]!.delta, {
      type: 'signature_delta',
      signature: events[0]!.message!.id,
    });
    const { body: whole } = await post(profile, ANTHROPIC, body);
    const { id, content } = whole as { id: string; content: { signature?: string }[] };
    assert.equal(content[0]!.signature, id);
  }
});

test('pitfall 22: the model named is the one that served', async (t) => {
  const model = playedModel({ thinking: 'Hm.', content: 'Yes.' });
  const { post } = await startProfiles(t, model);
  const ask = { messages: [{ role: 'user', content: 'go' }], max_tokens: 99 };
  const tools = [{ type: 'function', function: LOOK }];
  for (const profile of PROFILE_NAMES) {
    const withTools = chatSaid(await post(profile, CHAT, { ...ask, model: THINKS, tools }));
    assert.deepEqual([withTools.model, withTools.reasoning], [THINKS, 'Hm.']);
    const switched = { ...ask, model: THINKS, thinking: { type: 'disabled' } };
    assert.equal(chatSaid(await post(profile, CHAT, switched)).model, 'deepseek-chat');
    const claude = { ...ask, model: 'claude-opus-4-1' };
    assert.equal(anthropicSaid(await post(profile, ANTHROPIC, claude)).model, 'deepseek-chat');
    const unknown = await post(profile, CHAT, { ...ask, model: 'gpt-4o' });
    assert.deepEqual([unknown.status, unknown.message], [400, 'Model Not Exist']);
  }
  const forced = { ...ask, model: THINKS, tools, tool_choice: 'required' };
  assert.equal(chatSaid(await post('agents', CHAT, forced)).model, 'deepseek-chat');
});
