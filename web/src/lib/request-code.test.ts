import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { curlCode, pythonCode, typescriptCode, type CodeRequest } from './request-code.js';

const BODY = {
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: `It's "$HOME" \\ \`x\` 你好` }],
  thinking: { type: 'enabled' },
  stream: true,
};
const request: CodeRequest = {
  method: 'POST',
  origin: 'http://127.0.0.1:8000',
  path: '/lab/hello/chat/completions',
  body: JSON.stringify(BODY),
};

test('the shell hands curl exactly the body', () => {
  const printed = curlCode(request).replace(/^curl /, `printf '%s\\0' `);
  const words = execFileSync('sh', ['-c', printed], { encoding: 'utf8' }).split('\0');
  assert.equal(words[0], 'http://127.0.0.1:8000/lab/hello/chat/completions');
  assert.deepEqual(JSON.parse(words.at(-2)!), BODY);
});

test('Python uses the SDK of the dialect, and fields that it does not know travel beside', () => {
  const code = pythonCode(request);
  assert.match(code, /from openai import OpenAI/);
  assert.match(code, /base_url="http:\/\/127\.0\.0\.1:8000\/lab\/hello"/);
  assert.match(code, /extra_body=\{\n {8}"thinking"/);
  assert.match(code, /stream=True/);
  assert.match(code, /for event in reply/);
  const anthropic = pythonCode({ ...request, path: '/anthropic/v1/messages' });
  assert.match(anthropic, /base_url="http:\/\/127\.0\.0\.1:8000\/anthropic"/);
  assert.match(anthropic, /thinking=\{/);
  assert.match(pythonCode({ ...request, path: '/beta/completions' }), /completions\.create/);
});

test('what no SDK has is plain HTTP, and what is no JSON is sent as it is', () => {
  const get = { ...request, method: 'GET', path: '/user/balance', body: undefined } as const;
  assert.match(pythonCode(get), /httpx\.request/);
  assert.ok(!curlCode(get).includes('-d'));
  assert.ok(!typescriptCode(get).includes('body'));
  const broken = { ...request, body: '{"model": ' };
  assert.match(pythonCode(broken), /content="\{\\"model\\": "/);
  assert.match(typescriptCode(broken), /JSON\.stringify\("\{/);
});
