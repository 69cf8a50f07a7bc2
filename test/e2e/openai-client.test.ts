// The official `openai` client against the server with a scripted model: what SDK users do first.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import OpenAI from 'openai';
import type {
  ChatCompletionChunk,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import { EOS, startScripted, type ScriptedServerOptions } from '../helpers/scripted-server.js';

const CALL =
  '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="temperature">\n' +
  '<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n' +
  '</｜DSML｜invoke>\n</｜DSML｜function_calls>';

const TOOLS: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'temperature',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

/** What the platform adds to the client's types. */
interface Extra {
  reasoning_content?: string | null;
}

async function connect(t: TestContext, options: ScriptedServerOptions, path = '') {
  const { server, backend } = await startScripted(t, options);
  const client = new OpenAI({
    baseURL: server.url + path,
    apiKey: server.apiKey,
    maxRetries: 0,
  });
  return { client, backend };
}

function reasoningOf(message: object): string | null | undefined {
  return (message as Extra).reasoning_content;
}

/** A completion that thinks first when the prompt asks for it. */
function byMode(thinking: string, chat: string): (prompt: string) => string {
  return (prompt) =>
    prompt.endsWith('<think>') ? `Hm.</think>${thinking}${EOS}` : `${chat}${EOS}`;
}

test('non-stream, both modes, both base URLs', async (t) => {
  for (const path of ['', '/v1']) {
    const { client } = await connect(t, { complete: byMode('97.', '97.') }, path);
    const messages = [{ role: 'user' as const, content: 'A prime above 90?' }];

    const chat = await client.chat.completions.create({ model: 'deepseek-chat', messages });
    assert.equal(chat.choices[0]!.message.content, '97.');
    assert.equal(reasoningOf(chat.choices[0]!.message), undefined);
    assert.equal(chat.choices[0]!.finish_reason, 'stop');
    assert.equal(chat.model, 'deepseek-chat');

    const thinking = await client.chat.completions.create({ model: 'deepseek-reasoner', messages });
    assert.equal(thinking.choices[0]!.message.content, '97.');
    assert.equal(reasoningOf(thinking.choices[0]!.message), 'Hm.');
    const usage = thinking.usage!;
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    const reasoningTokens = usage.completion_tokens_details!.reasoning_tokens!;
    assert.ok(reasoningTokens > 0 && reasoningTokens < usage.completion_tokens);
  }
});

test('thinking.type overrides the model name in both directions', async (t) => {
  const { client } = await connect(t, { complete: byMode('yes', 'no') });
  const ask = (model: string, type: string) =>
    client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'x' }],
      thinking: { type },
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);
  const on = await ask('deepseek-chat', 'enabled');
  assert.equal(on.model, 'deepseek-reasoner');
  assert.equal(reasoningOf(on.choices[0]!.message), 'Hm.');
  const off = await ask('deepseek-reasoner', 'disabled');
  assert.equal(off.model, 'deepseek-chat');
  assert.equal(off.choices[0]!.message.content, 'no');
});

function shapes(chunks: ChatCompletionChunk[]): string[] {
  return chunks.map(({ choices }) => JSON.stringify(choices[0]!.delta));
}

async function collect(stream: AsyncIterable<ChatCompletionChunk>) {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test('streams in both modes have the documented delta shapes', async (t) => {
  const { client } = await connect(t, { complete: byMode('yes', 'no') });
  const ask = async (model: string) =>
    collect(
      await client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'x' }],
        stream: true,
        stream_options: { include_usage: true },
      }),
    );

  const chat = await ask('deepseek-chat');
  assert.equal(shapes(chat)[0], '{"role":"assistant","content":""}');
  assert.equal(shapes(chat).at(-1), '{"content":""}');
  assert.ok(chat.slice(0, -1).every(({ usage }) => usage === null));
  assert.ok(chat.at(-1)!.usage!.total_tokens > 0);

  const thinking = await ask('deepseek-reasoner');
  assert.equal(shapes(thinking)[0], '{"role":"assistant","content":null,"reasoning_content":""}');
  assert.equal(shapes(thinking).at(-1), '{"content":"","reasoning_content":null}');
  const phases = thinking.slice(1, -1).map(({ choices }) => {
    const delta = choices[0]!.delta;
    const isReasoning = delta.content === null && typeof reasoningOf(delta) === 'string';
    const isContent = typeof delta.content === 'string' && reasoningOf(delta) === null;
    return isReasoning ? 'r' : isContent ? 'c' : '?';
  });
  assert.match(phases.join(''), /^r+c+$/);
});

/** The tool's result in the prompt decides which step of the loop it is. */
function callThenAnswer(prompt: string): string {
  return prompt.includes('<result>-3</result>')
    ? `Cold.</think>It is -3 degrees.${EOS}`
    : `I need it.</think>Let me look.${CALL}${EOS}`;
}

/** Thinks, calls, gets the result with its reasoning sent back, answers. */
async function runToolLoop(t: TestContext, { stream }: { stream: boolean }) {
  const { client, backend } = await connect(t, { complete: callThenAnswer });
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Oslo now?' }];
  const request = { model: 'deepseek-reasoner', messages, tools: TOOLS };
  const reply = stream
    ? await client.chat.completions.stream(request).finalMessage()
    : (await client.chat.completions.create(request)).choices[0]!.message;
  const call = reply.tool_calls![0]!;
  assert.ok(call.type === 'function');
  assert.match(call.id, /^call_00_[A-Za-z0-9]{24}$/);
  assert.equal(call.function.name, 'temperature');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Oslo' });
  assert.equal(reply.content, 'Let me look.');

  messages.push({ ...reply, reasoning_content: 'I need it.' } as ChatCompletionMessageParam, {
    role: 'tool',
    tool_call_id: call.id,
    content: '-3',
  });
  const { choices } = await client.chat.completions.create(request);
  assert.equal(choices[0]!.message.content, 'It is -3 degrees.');
  assert.equal(choices[0]!.finish_reason, 'stop');
  return backend;
}

test('a thinking tool loop, non-stream and through the stream helper', async (t) => {
  await runToolLoop(t, { stream: false });
  await runToolLoop(t, { stream: true });
});

test('a response message echoed as it is carries its reasoning into the next step', async (t) => {
  let lastPrompt = '';
  const complete = (prompt: string) => {
    lastPrompt = prompt;
    return `I need it.</think>${CALL}${EOS}`;
  };
  const { client } = await connect(t, { complete });
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Oslo?' }];
  const request = { model: 'deepseek-reasoner', messages, tools: TOOLS };
  const { choices } = await client.chat.completions.create(request);
  assert.equal(choices[0]!.finish_reason, 'tool_calls');
  const id = choices[0]!.message.tool_calls![0]!.id;
  messages.push(choices[0]!.message, { role: 'tool', tool_call_id: id, content: '1' });
  await client.chat.completions.create(request);
  assert.ok(lastPrompt.includes(`<think>I need it.</think>${CALL}${EOS}`));
  assert.ok(lastPrompt.endsWith('<result>1</result>\n</function_results>\n\n<think>'));
});

function callThenAnswerPlainly(prompt: string): string {
  return prompt.includes('<result>-3</result>') ? `-3.${EOS}` : CALL + EOS;
}

/** Runs the client's own loop, which does not send reasoning back. */
async function runTools(client: OpenAI, model: string): Promise<string | null> {
  const runner = client.chat.completions.runTools({
    model,
    messages: [{ role: 'user', content: 'Oslo?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'temperature',
          description: 'temperature of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
          parse: JSON.parse,
          function: ({ city }: { city: string }) => (city === 'Oslo' ? '-3' : 'unknown'),
        },
      },
    ],
  });
  return runner.finalContent();
}

test('runTools drives the loop by itself', async (t) => {
  const { client } = await connect(t, { complete: callThenAnswerPlainly });
  assert.equal(await runTools(client, 'deepseek-chat'), '-3.');
});

test('runTools in thinking mode loses the reasoning: refused, or healed for agents', async (t) => {
  const { client } = await connect(t, { complete: callThenAnswer });
  await assert.rejects(runTools(client, 'deepseek-reasoner'), /Missing `reasoning_content` field/);
  const prompts: string[] = [];
  const complete = (prompt: string) => {
    prompts.push(prompt);
    return callThenAnswer(prompt);
  };
  const { client: agents } = await connect(t, { complete, profile: 'agents' });
  assert.equal(await runTools(agents, 'deepseek-reasoner'), 'It is -3 degrees.');
  assert.ok(prompts[1]!.includes('<think>I need it.</think>Let me look.'));
});

test('a stream has usage on its last chunk even when nobody asks', async (t) => {
  const { client } = await connect(t, {});
  const stream = await client.chat.completions.create({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: 'x' }],
    stream: true,
  });
  const chunks = await collect(stream);
  assert.deepEqual(
    chunks.map(({ usage }) => usage != null),
    chunks.map((_, index) => index === chunks.length - 1),
  );
});

test('errors reach the client as its own classes with the platform’s message', async (t) => {
  const { client } = await connect(t, {});
  const messages = [{ role: 'user' as const, content: 'x' }];
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.message, '400 Model Not Exist');
    assert.equal(error.code, 'invalid_request_error');
    return true;
  });
  const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'sk-no', maxRetries: 0 });
  await assert.rejects(
    stranger.chat.completions.create({ model: 'deepseek-chat', messages }),
    OpenAI.AuthenticationError,
  );
  assert.deepEqual(
    (await client.models.list()).data.map(({ id }) => id),
    ['deepseek-chat', 'deepseek-reasoner'],
  );
});

test('log-probabilities and stop sequences', async (t) => {
  const { client } = await connect(t, { complete: () => `one two three${EOS}` });
  const { choices } = await client.chat.completions.create({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: 'x' }],
    logprobs: true,
    top_logprobs: 2,
    stop: [' three'],
  });
  assert.equal(choices[0]!.message.content, 'one two');
  const logprobs = choices[0]!.logprobs!.content!;
  assert.equal(logprobs.map(({ token }) => token).join(''), 'one two');
  assert.ok(logprobs.every(({ top_logprobs }) => top_logprobs.length === 2));
});
