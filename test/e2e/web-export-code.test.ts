// The exported request runs as it is: curl in a shell and the OpenAI SDK, against a running server,
// with texts that try to leave the code they stand in. What arrives is what was asked.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import ts from 'typescript';
import { packageFile } from '../../src/package-root.js';
import { requestCode } from '../../src/web/conversations/export/code-export.js';
import { chatRequest } from '../../src/web/conversations/prompt.js';
import type { WireMessage } from '../../src/web/web-host.js';
import { HOSTILE } from '../helpers/any-conversation.js';
import { EOS, startScripted } from '../helpers/scripted-server.js';
import { SETTINGS } from '../helpers/web-conversations.js';

const run = promisify(execFile);

const ARGUMENTS = JSON.stringify({ e: '6*7', note: "it's" });

/** A question in the middle of its tool loop, with every hostile text in it. */
const MESSAGES: WireMessage[] = [
  { role: 'system', content: HOSTILE.join('\n') },
  ...HOSTILE.flatMap((content): WireMessage[] => [
    { role: 'user', content },
    { role: 'assistant', content: `no: ${content}` },
  ]),
  { role: 'user', content: 'What is 6*7?' },
  {
    role: 'assistant',
    content: '',
    reasoning_content: "It's for the tool.",
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'calculator', arguments: ARGUMENTS } },
    ],
  },
  { role: 'tool', content: '42', tool_call_id: 'c1' },
];

const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: 'calculator',
      description: "Calculates; it's exact",
      parameters: { type: 'object', properties: { e: { type: 'string', default: null } } },
    },
  },
];

const REQUEST = chatRequest({
  settings: { ...SETTINGS, temperature: 0.7, max_tokens: 64 },
  messages: MESSAGES,
  tools: TOOLS,
});

/** As JSON carries it over the wire. */
const SENT: unknown = JSON.parse(
  Buffer.from(JSON.stringify(REQUEST.body)).toString(),
  (_, value) => (typeof value === 'string' ? Buffer.from(value).toString() : value),
);

function folder(t: test.TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'hadal-code-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function started(t: test.TestContext) {
  const prompts: string[] = [];
  const { server } = await startScripted(t, {
    complete: (prompt: string) => {
      prompts.push(prompt);
      return `Fine.</think>It is 42.${EOS}`;
    },
  });
  return { server, prompts, env: { ...process.env, HADAL_API_KEY: server.apiKey } };
}

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not installed
  }
})();

test(
  'the curl command runs in a POSIX shell',
  { skip: !hasCurl && 'curl is missing' },
  async (t) => {
    const { server, prompts, env } = await started(t);
    const code = requestCode('curl', server.url, REQUEST);
    const file = join(folder(t), 'request.sh');
    writeFileSync(file, code);
    const { stdout } = await run('/bin/sh', [file], { env, timeout: 20_000 });
    const answer = [...stdout.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('');
    assert.equal(answer, 'It is 42.');
    assert.match(stdout, /data: \[DONE\]/);
    assert.equal(prompts.length, 1);
    assert.ok(
      prompts[0]!.includes("it's; $(touch /tmp/hadal-pwned) `id` \\ $HOME !! END_OF_REQUEST"),
    );
    assert.ok(!existsSync('/tmp/hadal-pwned'));
    const [, body] = /<<'END_OF_REQUEST'\n([^]*)\nEND_OF_REQUEST\n$/.exec(code)!;
    assert.deepEqual(JSON.parse(body!), SENT);
  },
);

test('the TypeScript is typed and runs', async (t) => {
  const { server, prompts, env } = await started(t);
  const code = requestCode('typescript', server.url, REQUEST);
  const path = folder(t);
  symlinkSync(packageFile('node_modules'), join(path, 'node_modules'));
  const file = join(path, 'request.ts');
  writeFileSync(file, code);
  writeFileSync(join(path, 'package.json'), '{"type":"module"}');
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [packageFile('node_modules', '@types')],
    outDir: path,
  });
  const problems = [...ts.getPreEmitDiagnostics(program)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
  assert.deepEqual(problems, []);
  program.emit();
  const { stdout } = await run(process.execPath, [join(path, 'request.js')], {
    env,
    timeout: 20_000,
  });
  assert.equal(stdout, 'Fine.It is 42.\n');
  assert.equal(prompts.length, 1);
});

/** Stands for the SDK, and prints what it is given. */
const PYTHON_SDK = `
import json
class OpenAI:
    def __init__(self, **options):
        self.options = options
        self.chat = self
        self.completions = self
    def create(self, **request):
        print(json.dumps([self.options, request]))
        return []
`;

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return 'python3';
  } catch {
    return undefined; // not installed
  }
})();

test('the Python makes the same request', { skip: !python && 'python3 is missing' }, async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'openai.py'), PYTHON_SDK);
  const file = join(path, 'request.py');
  writeFileSync(file, requestCode('python', 'http://127.0.0.1:1234', REQUEST));
  const env = { ...process.env, HADAL_API_KEY: 'sk-x', PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run(python!, [file], { env, cwd: path, timeout: 20_000 });
  const [options, request] = JSON.parse(stdout.split('\n')[0]!) as [unknown, unknown];
  assert.deepEqual(options, { api_key: 'sk-x', base_url: 'http://127.0.0.1:1234/v1' });
  assert.deepEqual(request, SENT);
});

test('no export holds a key, and each names its base', () => {
  const speciale = chatRequest({
    settings: { ...SETTINGS, model: 'speciale' },
    messages: MESSAGES,
    tools: TOOLS,
  });
  const lab = chatRequest({
    settings: { ...SETTINGS, lab: 'split-utf8' },
    messages: [],
    tools: [],
  });
  assert.equal(speciale.body.tools, undefined);
  for (const language of ['curl', 'python', 'typescript'] as const) {
    assert.match(
      requestCode(language, 'https://h.example', speciale),
      /https:\/\/h\.example\/speciale/,
    );
    assert.match(requestCode(language, 'http://h:8000', lab), /http:\/\/h:8000\/lab\/split-utf8/);
    assert.ok(!/sk-[0-9a-f]{8}/.test(requestCode(language, 'http://h', speciale)));
  }
});
