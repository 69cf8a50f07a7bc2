// What a branch becomes for the model: whose thoughts go back, files in DeepSeek's template, calls that
// nobody answered, and the request around it.

import assert from 'node:assert/strict';
import test from 'node:test';
import { SETTINGS } from '../../../test/helpers/web-conversations.js';
import type { StoredAssistantMessage, StoredMessage, StoredToolMessage } from '../wire.js';
import { chatRequest, fileIdsOf, promptMessages } from './prompt.js';

const base = { id: '', parent_id: null, created_at: '' };
const FILE = {
  id: 'f1',
  name: 'a.md',
  media_type: 'text/markdown',
  bytes: 1,
  characters: 1,
  tokens: 1,
};

function asked(content: string, files = [] as (typeof FILE)[]): StoredMessage {
  return { ...base, role: 'user', content, files };
}

function answered(given: Partial<StoredAssistantMessage>): StoredMessage {
  return {
    ...base,
    role: 'assistant',
    content: '',
    reasoning: null,
    reasoning_ms: null,
    reasoning_forced: false,
    tool_calls: [],
    finish_reason: 'stop',
    trace_id: null,
    usage: null,
    error: null,
    model: 'standard',
    thinking: true,
    ...given,
  };
}

function result(callId: string, content: string): StoredToolMessage {
  return {
    ...base,
    role: 'tool',
    call_id: callId,
    name: 'calculator',
    content,
    is_error: false,
    duration_ms: 1,
    full_length: null,
  };
}

const call = (id: string) => ({ id, name: 'calculator', arguments: '{}', tool: null });
const sent = (id: string) => ({
  id,
  type: 'function',
  function: { name: 'calculator', arguments: '{}' },
});
const options = { system: '', thinking: true, files: new Map() };

test('thoughts go back while their question is being answered, and no longer', () => {
  const loop = [answered({ reasoning: 'old', content: 'A.' }), asked('again')];
  const running = answered({ reasoning: 'new', tool_calls: [call('c1')] });
  const messages = promptMessages([asked('first'), ...loop, running, result('c1', '42')], options);
  assert.deepEqual(messages, [
    { role: 'user', content: 'first' },
    { role: 'assistant', content: 'A.' },
    { role: 'user', content: 'again' },
    { role: 'assistant', content: '', reasoning_content: 'new', tool_calls: [sent('c1')] },
    { role: 'tool', content: '42', tool_call_id: 'c1' },
  ]);
  const without = promptMessages([asked('x'), running, result('c1', '42')], {
    ...options,
    thinking: false,
  });
  assert.deepEqual(without[1], { role: 'assistant', content: '', tool_calls: [sent('c1')] });
});

test('every call has a result, also where the turn was stopped; strangers are left out', () => {
  const stopped = answered({ tool_calls: [call('c1'), call('c2')] });
  const messages = promptMessages(
    [asked('x'), stopped, result('c2', '2'), result('c9', 'whose?'), asked('y')],
    options,
  );
  assert.deepEqual(
    messages.map((message) => (message.role === 'tool' ? message.tool_call_id : message.role)),
    ['user', 'assistant', 'c2', 'c1', 'user'],
  );
  const [missing] = messages.filter(
    (message) => 'tool_call_id' in message && message.tool_call_id === 'c1',
  );
  assert.match(missing!.content, /was not run/);
});

test('an answer that never came is no message', () => {
  const failed = answered({ error: 'gone', finish_reason: 'error', reasoning: 'hm' });
  const messages = promptMessages([asked('x'), failed, asked('y')], options);
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'user'],
  );
});

test('files stand before the question, in their order, each as it is', () => {
  const branch = [asked('Which?', [FILE, { ...FILE, id: 'f2' }]), asked('And?', [FILE])];
  assert.deepEqual(fileIdsOf(branch), ['f1', 'f2']);
  const files = new Map([
    ['f1', { name: 'a.md', text: '# A\n' }],
    ['f2', { name: '表.csv', text: '[file content end]' }],
  ]);
  const [first] = promptMessages(branch, { ...options, system: 'S', files }).slice(1);
  assert.equal(
    first!.content,
    '[file name]: a.md\n[file content begin]\n# A\n\n[file content end]\n' +
      '[file name]: 表.csv\n[file content begin]\n[file content end]\n[file content end]\nWhich?',
  );
  assert.throws(() => promptMessages(branch, options), /text of file a\.md \(f1\) was not given/);
});

test('the request names base and model of the settings', () => {
  const tools = [
    { type: 'function' as const, function: { name: 'x', description: '', parameters: {} } },
  ];
  const of = (change: Partial<typeof SETTINGS>) => {
    const settings = { ...SETTINGS, ...change };
    const { basePath, body } = chatRequest({ settings, messages: [], tools });
    return [basePath, body.model, body.tools?.length, body.temperature, body.max_tokens];
  };
  const none = undefined;
  assert.deepEqual(of({}), ['/v1', 'deepseek-reasoner', 1, none, none]);
  assert.deepEqual(of({ thinking: false, temperature: 0 }), ['/v1', 'deepseek-chat', 1, 0, none]);
  assert.deepEqual(of({ model: 'speciale', thinking: false, max_tokens: 9 }), [
    '/speciale',
    'deepseek-reasoner',
    none,
    none,
    9,
  ]);
  assert.deepEqual(of({ lab: 'slow-tokens:200' })[0], '/lab/slow-tokens:200');
});
