// The commands over a corpus, as processes: MCP over standard input and output, an export, a server that
// stops when told to, and wrong usage.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ENV_ID, writeFixtureCorpus } from '../../test/helpers/synth-corpus.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const { folder, pairs } = writeFixtureCorpus();
after(() => rmSync(folder, { recursive: true }));

async function hadal(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [MAIN, 'synth', ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

test('serve --stdio: a real client calls a tool', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'synth', 'serve', folder, '--stdio', ENV_ID, '--task', pairs[1]!.task.key],
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const { structuredContent } = await client.callTool({
    name: 'count_purchases',
    arguments: { status: 'cancelled' },
  });
  assert.deepEqual(structuredContent, { count: 0 });
  await client.close();
});

test('serve: says where it is, and stops at a signal', async () => {
  const child = spawn(process.execPath, [MAIN, 'synth', 'serve', folder, '--port', '0']);
  let out = '';
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    out += piece.toString();
    if (out.includes('Ctrl-C')) break;
  }
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(out)!;
  assert.deepEqual(await (await fetch(`${url}/health`)).json(), { sessions: 0 });
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});

test('export: writes and reads back; unknown formats and folders are named', async () => {
  const out = join(folder, 'rows.jsonl');
  const done = await hadal(['export', folder, '--format', 'nemo-gym', '--out', out]);
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /^8 tasks written to .*rows\.jsonl and read back/);
  assert.ok(existsSync(out));
  assert.equal((await hadal(['export', folder, '--format', 'csv', '--out', out])).code, 2);
  const missing = await hadal(['serve', join(folder, 'tasks')]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /is no corpus: it has no folder envs/);
});
