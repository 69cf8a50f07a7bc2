// Which tools are found in the prompts of clients that describe them in words. The excerpts have the
// form of Cline's and Roo Code's system prompts and of OpenHands' function syntax, in our words.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Message } from '../encoding/message.js';
import { chatRequest, runReply } from '../../test/helpers/run-reply.js';
import { findClientTools } from './client-tools.js';

const CLINE = `You are a coding assistant with many tools.

====

TOOL USE

Tools run after the user agrees. Use one per message; the result comes with the next message.

# Tool Use Formatting

A tool use is written in XML-style tags: the tool's name outside, each parameter inside:

<tool_name>
<parameter1_name>value1</parameter1_name>
<parameter2_name>value2</parameter2_name>
</tool_name>

For example:

<read_file>
<path>src/main.js</path>
<task_progress>
Optional checklist
</task_progress>
</read_file>

# Tools

## execute_command
Description: Runs a command in ${'${cwd}'}. Prefer simple commands to scripts.
Parameters:
- command: (required) What to run. Write & and < as they are, not as entities.
- requires_approval: (required) true or false
Usage:
<execute_command>
<command>Your command here</command>
<requires_approval>true or false</requires_approval>
</execute_command>

## replace_in_file
Description: Changes parts of a file.
Parameters:
- path: (required) The file
- diff: (required) Blocks of this form:
  \`\`\`
  ------- SEARCH
  [old]
  =======
  [new]
  +++++++ REPLACE
  \`\`\`
Usage:
<replace_in_file>
<path>File path here</path>
<diff>
Search and replace blocks here
</diff>
</replace_in_file>

## use_mcp_tool
Usage:
<use_mcp_tool>
<server_name>server name here</server_name>
<tool_name>tool name here</tool_name>
<arguments>
{
  "param1": "value1"
}
</arguments>
</use_mcp_tool>

## load_mcp_documentation
Parameters: None
Usage:
<load_mcp_documentation>
</load_mcp_documentation>

## attempt_completion
Usage:
<attempt_completion>
<result>
Your final result here
</result>
<command>A command that shows it (optional)</command>
</attempt_completion>
`;

const ROO = `## read_file
Description: Reads one or more files.

**IMPORTANT: at most 5 files in a request.**

Parameters:
- args: holds file elements
  - path: (required) path from the workspace /home/me

Usage:
<read_file>
<args>
  <file>
    <path>path/to/file</path>
    <line_range>start-end</line_range>
  </file>
</args>
</read_file>

## ask_followup_question
Usage:
<ask_followup_question>
<question>Your question</question>
<follow_up>
<suggest mode="code">First answer</suggest>
<suggest>Second answer</suggest>
</follow_up>
</ask_followup_question>

## switch_mode
Usage:
<switch_mode>
<mode_slug>Mode here</mode_slug>
<reason>Why</reason>
</switch_mode>
`;

const OPEN_HANDS = `To call a function, reply in the following format and end there:

<function=example_function_name>
<parameter=example_parameter_1>value_1</parameter>
<parameter=example_parameter_2>
A value
of several lines
</parameter>
</function>
`;

const system = (content: string): Message => ({ role: 'system', content });

function describe(messages: Message[]): Record<string, string[]> {
  const tools = [...findClientTools(messages).values()];
  return Object.fromEntries(tools.map((tool) => [tool.opening, [...tool.parameters.keys()]]));
}

test('every usage of a Cline prompt is found, optional parameters of all places together', () => {
  assert.deepEqual(describe([system(CLINE)]), {
    '<tool_name>': ['<parameter1_name>', '<parameter2_name>'],
    '<read_file>': ['<path>', '<task_progress>'],
    '<execute_command>': ['<command>', '<requires_approval>'],
    '<replace_in_file>': ['<path>', '<diff>'],
    '<use_mcp_tool>': ['<server_name>', '<tool_name>', '<arguments>'],
    '<load_mcp_documentation>': [],
    '<attempt_completion>': ['<result>', '<command>'],
  });
});

test('nested elements of a Roo Code prompt belong to the outer parameter', () => {
  assert.deepEqual(describe([system(ROO)]), {
    '<read_file>': ['<args>'],
    '<ask_followup_question>': ['<question>', '<follow_up>'],
    '<switch_mode>': ['<mode_slug>', '<reason>'],
  });
});

test('valued openings are known up to their value', () => {
  assert.deepEqual(describe([{ role: 'user', content: OPEN_HANDS }]), {
    '<function=': ['<parameter='],
  });
  const anthropicStyle = 'Usage:\n<calls>\n<invoke name="x">\n</invoke>\n</calls>';
  assert.deepEqual(describe([system(anthropicStyle)]), { '<calls>': ['<invoke '] });
});

test('elements that no usage announces, or that hold text, are no tools', () => {
  for (const text of [
    'Write <b><i>x</i></b> in HTML.',
    '<env>\n<cwd>/home</cwd>\n</env>',
    'Example:\n<note>Some text.</note>',
    'Usage: <read_file><path>x</path></read_file>',
    'Usage:\n<read_file>\n<path>x',
    'Usage:\n<read_file>\n</path></read_file>',
    `Usage:\n${'x'.repeat(500)}\n<a>\n<b>x</b>\n</a>`,
    'Usage:\n<br/>\n<a href="x">y</a>',
  ]) {
    assert.deepEqual(describe([system(text)]), {}, text);
  }
});

test('answers and tool results are not looked at', () => {
  const messages: Message[] = [
    { role: 'assistant', content: CLINE },
    { role: 'tool', content: ROO, toolCallId: 'c' },
  ];
  assert.deepEqual(describe(messages), {});
});

test('hostile prompts take little time', { timeout: 10_000 }, () => {
  for (const piece of ['usage:\n<a>', 'usage:\n<a><b>', '<', '<a ', 'usage:\n<a><b></b>', '\n ']) {
    findClientTools([system(`${piece.repeat(300_000 / piece.length)}</a>`)]);
  }
});

const EOS = '<｜end▁of▁sentence｜>';

test('what these clients could not read before is content', async () => {
  const cases: [prompt: string, action: string][] = [
    [
      CLINE,
      '<execute_command>\n<command>cat a.txt | grep "<b>" && ls</command>\n<requires_approval>false</requires_approval>\n</execute_command>',
    ],
    [
      CLINE,
      '<replace_in_file>\n<path>a.ts</path>\n<diff>\n------- SEARCH\nif (a < b) {\n=======\nif (a <= b) {\n+++++++ REPLACE\n</diff>\n</replace_in_file>',
    ],
    [
      CLINE,
      '<use_mcp_tool>\n<server_name>docs</server_name>\n<tool_name>find</tool_name>\n<arguments>\n{"query": "</use_mcp_tool>"}\n</arguments>\n</use_mcp_tool>',
    ],
    [
      CLINE,
      '<attempt_completion>\n<result>\nDone: 修复了 a.ts。\n</result>\n</attempt_completion>',
    ],
    [
      ROO,
      '<read_file>\n<args>\n  <file>\n    <path>src/a.ts</path>\n  </file>\n  <file>\n    <path>src/b.ts</path>\n  </file>\n</args>\n</read_file>',
    ],
    [
      ROO,
      '<ask_followup_question>\n<question>Which?</question>\n<follow_up>\n<suggest>a</suggest>\n</follow_up>\n</ask_followup_question>',
    ],
    [
      OPEN_HANDS,
      '<function=execute_bash>\n<parameter=command>\nls <dir>\n</parameter>\n</function>',
    ],
  ];
  for (const [prompt, action] of cases) {
    const messages: Message[] = [system(prompt), { role: 'user', content: 'Fix the test.' }];
    const lead = 'The user wants a fix. I could use <read_file>, but first:\n\n';
    for (const end of ['', '\n', '\n</think>', '</think>\n\n']) {
      const { reasoning, content } = await runReply(chatRequest({ thinking: true, messages }), {
        complete: () => lead + action + end + EOS,
      });
      assert.deepEqual([reasoning, content], [lead, action]);
    }
    const draft = `${lead}${action}\n\nNo, wait.`;
    const reply = await runReply(chatRequest({ thinking: true, messages }), {
      complete: () => `${draft}</think>\n\n${action}${EOS}`,
    });
    assert.deepEqual([reply.reasoning, reply.content], [draft, `\n\n${action}`]);
  }
});
