// `hadal inspect` on the embedded model, as a person runs it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { registerInspect } from '../../src/cli/inspect.js';
import type { SelectionReport } from '../../src/cli/inspect-report.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

interface Ended {
  stdout: string;
  stderr: string;
  code: number;
}

function inspect(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'inspect', ...args], (error, stdout, stderr) =>
      resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0 }),
    );
  });
}

async function report(...args: string[]): Promise<SelectionReport> {
  const { stdout, stderr } = await inspect(...args, '--json');
  assert.equal(stderr, '');
  return JSON.parse(stdout) as SelectionReport;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'hadal-inspect-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('the example is sparse with the model’s own top-k, and says what was kept', async (t) => {
  const page = join(folder(t), 'report.html');
  const { stdout, stderr, code } = await inspect('--tokens', '4', '--out', page);
  assert.deepEqual([code, stderr], [0, `wrote ${page}\n`]);
  assert.match(stdout, /^hadal-mini: 5 layers, keeps 256 positions per token and layer$/m);
  assert.match(stdout, /^430 prompt tokens, 4 generated; 4 traced, 4 of them sparse$/m);
  assert.match(stdout, /^reply {2}"The user wants "$/m);
  assert.match(stdout, /^ +4 +\d+\.\d % +\d+\.\d % .*[▁▂▃▄▅▆▇█]/m);
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
});

test('a request: its tools and thinking, as the server would render them', async (t) => {
  const path = join(folder(t), 'request.json');
  const body = {
    model: 'deepseek-reasoner',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 5,
  };
  writeFileSync(path, JSON.stringify(body));
  const { tokens, summary, traced } = await report(
    '--request',
    path,
    '--topk',
    '3',
    '--tokens',
    '2',
  );
  const prompt = tokens.filter(({ from }) => from === 'prompt').map(({ text }) => text);
  assert.equal(prompt.join(''), '<｜begin▁of▁sentence｜><｜User｜>Hello<｜Assistant｜><think>');
  assert.ok(summary !== null && summary.recall > 0 && summary.recall <= summary.best_recall + 1e-5);
  assert.equal(traced[0]!.layers.length, 5);
});

test('token ids with the reply that was given, a prompt cut to its end, and the cells', async (t) => {
  const path = join(folder(t), 'ids.json');
  const prompt = Array.from({ length: 40 }, (_, i) => 100 + i);
  const reply = [300, 301, 302];
  writeFileSync(path, JSON.stringify({ prompt, reply }));
  const { tokens, cells, ...rest } = await report(
    '--ids',
    path,
    '--topk',
    '5',
    '--max-prompt',
    '30',
    '--tokens',
    '2',
    '--cells',
  );
  assert.deepEqual([rest.cut_tokens, rest.prompt_tokens, rest.reply_given], [10, 30, true]);
  assert.deepEqual(
    tokens.map(({ id }) => id),
    [...prompt.slice(10), 300, 301],
  );
  assert.deepEqual([cells?.queries, cells?.layers, cells?.positions], [2, 5, 31]);
  writeFileSync(path, JSON.stringify({ prompt: [1_000_000] }));
  const { stderr, code } = await inspect('--ids', path);
  assert.equal(code, 1);
  assert.match(stderr, /expected an object with token ids/);
});

test('a conversation, some layers, the prompt traced too', async (t) => {
  const path = join(folder(t), 'messages.json');
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello! How can I help you?' },
    { role: 'user', content: 'What is 2 + 2?' },
  ];
  writeFileSync(path, JSON.stringify(messages));
  const result = await report(
    '--file',
    path,
    '--prompt-tokens',
    '--layers',
    '0,3-4',
    '--tokens',
    '1',
  );
  assert.deepEqual(result.layers, [0, 3, 4]);
  assert.equal(result.queries, result.prompt_tokens);
  assert.equal(result.summary, null);
  assert.ok(result.traced.every(({ selection }) => selection === 'dense'));
});

test('a picture and a JSON file', async (t) => {
  const [picture, data] = [join(folder(t), 'report.png'), join(folder(t), 'report.json')];
  const ended = await inspect(
    '--prompt',
    'Hello',
    '--tokens',
    '3',
    '--topk',
    '2',
    '--out',
    picture,
  );
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /what if it kept 2: the reply was computed with 256/);
  assert.equal(readFileSync(picture).toString('latin1', 1, 4), 'PNG');
  await inspect('--prompt', 'Hello', '--tokens', '3', '--out', data);
  const written = JSON.parse(readFileSync(data, 'utf8')) as SelectionReport;
  assert.equal(written.schema, 'hadal.selection-trace');
});

test('what cannot be done is said in one line, with the value seen', async (t) => {
  const broken = join(folder(t), 'broken.json');
  writeFileSync(broken, '{"messages": [');
  const wrong = join(folder(t), 'wrong.json');
  writeFileSync(wrong, '[{"role": "tool", "content": "4"}]');
  for (const [args, message] of [
    [['--prompt', 'a', '--file', 'b'], /^--prompt and --file exclude each other$/],
    [['--file', '/nope.json'], /^\/nope\.json: no such file or directory; expected a JSON array/],
    [['--file', broken], /broken\.json: not JSON \(.*\); expected a JSON array of messages/],
    [['--request', broken], /broken\.json: .*JSON/],
    [['--file', wrong], /wrong\.json: .*tool/],
    [['--layers', '7'], /^layer is 7; possible: 0 to 4$/],
    [['--layers', '3-1'], /must be layers such as 3, 0-2 or 0-2,4/],
    [['--out', 'report.gif'], /must end in \.html, \.png or \.json/],
    [['--model', '/nope.gguf'], /^there is no file \/nope\.gguf$/],
  ] as const) {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    registerInspect(program);
    const parsed = program.parseAsync(['inspect', ...args, '--tokens', '1'], { from: 'user' });
    await assert.rejects(parsed, { message }, args.join(' '));
  }
  const ended = await inspect('--model', '/nope.gguf');
  assert.deepEqual(ended, { stdout: '', stderr: 'hadal: there is no file /nope.gguf\n', code: 1 });
});
