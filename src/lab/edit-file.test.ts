import assert from 'node:assert/strict';
import test from 'node:test';
import { testTokenizer } from '../../test/helpers/scripted-backend.js';
import { ManualTimers } from '../../test/helpers/manual-timers.js';
import type { Message, ToolDefinition } from '../encoding/message.js';
import { play, promptTokens, requestOf, tool } from './lab-fixtures.js';

const tokenizer = testTokenizer();
const STRING = { type: 'string' };
const ASK = 'Create a file named notes/hello.txt with the content "Hi there".';

/** Tools as the agents offer them, their interesting part. */
const AGENTS: readonly { agent: string; tools: ToolDefinition[]; args: object; name: string }[] = [
  {
    agent: 'Claude Code',
    tools: [
      tool('Bash', { command: STRING, description: STRING }, ['command']),
      tool('Edit', { file_path: STRING, old_string: STRING, new_string: STRING }),
      tool('Write', { file_path: STRING, content: STRING }),
    ],
    name: 'Write',
    args: { file_path: '/home/ada/notes/hello.txt', content: 'Hi there\n' },
  },
  {
    agent: 'Claude Code with Bash only',
    tools: [tool('Bash', { command: STRING, timeout: { type: 'number' } }, ['command'])],
    name: 'Bash',
    args: { command: "printf '%s' 'Hi there\n' > 'notes/hello.txt'" },
  },
  {
    agent: 'opencode',
    tools: [
      tool('bash', { command: STRING, description: STRING }),
      tool('write', { content: STRING, filePath: STRING }),
    ],
    name: 'write',
    args: { content: 'Hi there\n', filePath: '/home/ada/notes/hello.txt' },
  },
  {
    agent: 'an editor with verbs',
    tools: [
      tool('str_replace_based_edit_tool', {
        command: { type: 'string', enum: ['view', 'create'] },
        path: STRING,
        file_text: STRING,
      }),
    ],
    name: 'str_replace_based_edit_tool',
    args: { command: 'create', path: '/home/ada/notes/hello.txt', file_text: 'Hi there\n' },
  },
  {
    agent: 'Codex',
    tools: [
      tool('shell', { command: { type: 'array', items: STRING }, workdir: STRING }, ['command']),
    ],
    name: 'shell',
    args: { command: ['bash', '-lc', "printf '%s' 'Hi there\n' > 'notes/hello.txt'"] },
  },
  {
    agent: 'a patcher',
    tools: [tool('apply_patch', { input: STRING })],
    name: 'apply_patch',
    args: { input: '*** Begin Patch\n*** Add File: notes/hello.txt\n+Hi there\n*** End Patch' },
  },
];

async function reply(messages: Message[], tools: ToolDefinition[]) {
  const request = requestOf(promptTokens(tokenizer, messages, { tools }));
  const { message } = await play('edit-file', request, { tokenizer, timers: new ManualTimers() });
  return message;
}

const SYSTEM: Message = { role: 'system', content: 'Working directory: /home/ada\nBe brief.' };

for (const { agent, tools, name, args } of AGENTS) {
  test(`creates the named file with the tools of ${agent}, then ends`, async () => {
    const messages: Message[] = [SYSTEM, { role: 'user', content: ASK }];
    const { tool_calls: calls } = await reply(messages, tools);
    assert.equal(calls.length, 1);
    assert.equal(calls[0]!.function.name, name);
    assert.deepEqual(JSON.parse(calls[0]!.function.arguments), args);
    messages.push(
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', ...calls[0]!.function }] },
      { role: 'tool', content: 'File created', toolCallId: 'c' },
    );
    const end = await reply(messages, tools);
    assert.deepEqual(end.tool_calls, []);
    assert.match(end.content, /^Done\. .*File created/);
  });
}

test('files in reminders are not the ones asked for', async () => {
  const content = `<system-reminder>See CLAUDE.md and create junk.md</system-reminder>\nwrite a.py`;
  const tools = [tool('write', { path: STRING, content: STRING })];
  const { tool_calls: calls } = await reply([{ role: 'user', content }], tools);
  assert.equal((JSON.parse(calls[0]!.function.arguments) as { path: string }).path, 'a.py');
});

test('a tool that wants absolute paths is left alone while the folder is unknown', async () => {
  const path = { type: 'string', description: 'The absolute path of the file' };
  const tools = [
    tool('Write', { file_path: path, content: STRING }),
    tool('Bash', { command: STRING }),
  ];
  const ask: Message = { role: 'user', content: ASK };
  assert.equal((await reply([ask], tools)).tool_calls[0]!.function.name, 'Bash');
  assert.equal((await reply([SYSTEM, ask], tools)).tool_calls[0]!.function.name, 'Write');
});

test('says so when no file is named, or no tool can write one', async () => {
  const tools = [tool('get_weather', { city: STRING })];
  assert.match((await reply([{ role: 'user', content: 'hello' }], tools)).content, /Name a file/);
  assert.match(
    (await reply([{ role: 'user', content: ASK }], tools)).content,
    /None of the offered/,
  );
});
