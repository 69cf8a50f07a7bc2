// What runs in a process behind the walls of this machine. Where it has none, the refusal is tested and
// the rest is skipped, with the reason in the output.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadIsolate } from './isolate.js';
import {
  NoSandboxError,
  openProcessSandbox,
  ProcessSandbox,
  SandboxBusyError,
} from './process-sandbox.js';
import type { CodeLimits, Program } from './types.js';

const LIMITS: CodeLimits = { steps: 300_000, memoryBytes: 8 << 20, outputBytes: 1_000 };
const main = (text: string): Program => ({ files: { 'main.js': text }, entry: 'main.js' });

const sandbox = await openProcessSandbox({ parallel: 2, ready: 2, wallMs: 5_000 });
after(() => sandbox.close());
const skip = sandbox.isAvailable ? false : JSON.stringify(sandbox.describe());

test('programs come out as in the isolate of this process', { skip }, async () => {
  const isolate = await loadIsolate();
  const texts = [
    'export default (x) => { print("a\\n", x); return { x, now: Date.now(), r: Math.random() } }',
    'export default () => {',
    'export default () => { throw new Error("no\\u0000\\ud800") }',
    'export default () => { for (;;); }',
    'export default () => { const a = []; for (;;) a.push(new Uint8Array(1000)) }',
    'export default () => { for (;;) print("flood") }',
    'export default () => () => 1',
  ];
  await Promise.all(
    texts.map(async (text) => {
      const wanted = isolate.run(main(text), '[1]', LIMITS);
      assert.deepEqual(await sandbox.run(main(text), '[1]', LIMITS), wanted);
    }),
  );
});

test('commands run over a copy of a folder that only its owner can read', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hadal-folder-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib', 'sum.mjs'), 'export const sum = (a, b) => a + b;');
  const source = `import test from 'node:test'; import { sum } from './lib/sum.mjs';
    import { strict as assert } from 'node:assert'; test('adds', () => assert.equal(sum(1, 2), 3));`;
  await writeFile(join(folder, 'sum.test.mjs'), source);
  await chmod(join(folder, 'sum.test.mjs'), 0o600);
  const { ended, exitCode, stdout } = await sandbox.runLocked({
    argv: ['node', '--test', 'sum.test.mjs'],
    folder,
  });
  assert.deepEqual([ended, exitCode], ['exit', 0], stdout);
  assert.match(stdout, /pass 1/);
});

test('input, output, errors and exit codes pass', { skip }, async () => {
  const script = `let all = ''; process.stdin.on('data', (piece) => { all += piece; });
    process.stdin.on('end', () => { console.log(all.length); console.error('bad'); process.exit(7); });`;
  const result = await sandbox.runLocked({
    argv: ['node', '--eval', script],
    stdin: 'ü'.repeat(9),
  });
  assert.deepEqual(
    [result.ended, result.exitCode, result.stdout, result.stderr],
    ['exit', 7, '9\n', 'bad\n'],
  );
  const missing = await sandbox.runLocked({ argv: ['no-such-program'] });
  assert.equal(missing.exitCode, 127);
});

test('more callers than may wait are told so, the others get their turn', { skip }, async (t) => {
  const small = await openProcessSandbox({ parallel: 1, maxQueued: 3, ready: 1 });
  t.after(() => small.close());
  const program = main('export default (x) => x');
  const all = [0, 1, 2, 3, 4, 5].map((x) => small.run(program, String(x), LIMITS));
  const results = await Promise.allSettled(all);
  const told = results.map((one) =>
    one.status === 'fulfilled' ? one.value.ok && one.value.output : one.reason.constructor,
  );
  assert.deepEqual(told, ['0', '1', '2', '3', SandboxBusyError, SandboxBusyError]);
});

test('closing ends what runs', { skip }, async () => {
  const closing = await openProcessSandbox({ parallel: 1, ready: 1, wallMs: 60_000 });
  assert.equal((await closing.runLocked({ argv: ['node', '--eval', ''] })).exitCode, 0);
  const text = 'export default () => { for (;;) Array(4e9).indexOf(0) }';
  const endless = closing.run(main(text), '1', { ...LIMITS, steps: Number.MAX_SAFE_INTEGER });
  const waiting = assert.rejects(closing.run(main(text), '1', LIMITS), /the sandbox is closed/);
  // Both have come as far as they get at once.
  await new Promise((resolve) => setImmediate(resolve));
  await closing.close();
  const result = await endless;
  assert.equal(!result.ok && result.failure, 'killed');
  await waiting;
  await assert.rejects(closing.runLocked({ argv: ['true'] }), /the sandbox is closed/);
});

test('without walls nothing runs, and the message says what would help', async () => {
  const layers = [{ name: 'namespaces', isUsed: false, detail: 'unshare is not installed' }];
  const base = await mkdtemp(join(tmpdir(), 'hadal-none-'));
  const none = new ProcessSandbox(base, undefined, layers, {});
  assert.equal(none.isAvailable, false);
  await assert.rejects(none.run(main('export default () => 1'), '1', LIMITS), (error: unknown) => {
    assert.ok(error instanceof NoSandboxError);
    assert.match(error.message, /namespaces: unshare is not installed.*[Ii]nstall bubblewrap/);
    return true;
  });
  await assert.rejects(none.runLocked({ argv: ['true'] }), NoSandboxError);
  assert.ok(none.describe().every(({ isUsed }) => !isUsed));
  await none.close();
  assert.equal(existsSync(base), false);
});
