// `hadal serve` as a person runs it: what it prints, how it stops, and how it fails.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

let folder: string;
let modelPath: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-serve-'));
  modelPath = join(folder, 'random.gguf');
  await writeRandomModel(modelPath, { config: presetConfig('test'), seed: 1, type: 'f32' });
});

after(() => rmSync(folder, { recursive: true }));

interface Running {
  child: ChildProcess;
  /** Everything printed so far. */
  output: { stdout: string; stderr: string };
  exited: Promise<number | null>;
}

function serve(t: TestContext, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    env: { ...process.env, HADAL_API_KEY: '', HADAL_HOME: join(folder, 'home'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output, exited };
}

/** Waits for a line of the greeting. */
async function untilPrinted({ child, output, exited }: Running, text: string): Promise<void> {
  const ended = exited.then(() => assert.fail(`ended early: ${output.stderr}`));
  const printed = new Promise<void>((resolve) => {
    const check = () => output.stdout.includes(text) && resolve();
    child.stdout!.on('data', check);
    check();
  });
  await Promise.race([printed, ended]);
  ended.catch(() => {}); // it ends later, as it should
}

test('prints URL, key and a curl; SIGTERM stops it and its engine with exit code 0', async (t) => {
  const running = serve(t, ['--model', modelPath, '--port', '0', '--threads', '1']);
  await untilPrinted(running, 'Ctrl-C stops');
  const { stdout } = running.output;
  const url = /base URL {2}(\S+)/.exec(stdout)![1]!;
  const key = /API key {3}(sk-[0-9a-f]{32})/.exec(stdout)![1]!;
  assert.ok(stdout.includes(`curl ${url}/chat/completions`));
  assert.ok(stdout.includes(`Bearer ${key}`));
  const response = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(response.status, 200);
  running.child.kill('SIGTERM');
  assert.equal(await running.exited, 0);
  assert.ok(!running.output.stderr.includes(key), 'the log holds no key');
  await assert.rejects(fetch(`${url}/health`), TypeError);
});

/** A compiler that takes longer than anybody waits; it leaves its process id in a file. */
function endlessCompiler(): { env: Record<string, string>; pidFile: string } {
  const command = join(folder, 'endless-cc');
  const pidFile = join(folder, 'endless-cc.pid');
  const script = [
    '#!/bin/sh',
    '[ "$1" = --version ] && { echo endless 1.0; exit 0; }',
    `echo $$ > '${pidFile}.new' && mv '${pidFile}.new' '${pidFile}'`,
    'exec sleep 30',
  ];
  writeFileSync(command, script.join('\n'), { mode: 0o700 });
  return { env: { HADAL_CC: command, HADAL_KERNEL_DIR: join(folder, 'kernels') }, pidFile };
}

test(
  'a signal while the engine loads ends server and engine at once',
  { skip: process.platform === 'win32' && 'needs signals and a shell' },
  async (t) => {
    const { env, pidFile } = endlessCompiler();
    const args = ['--model', modelPath, '--port', '0', '--threads', '1', '--ephemeral'];
    const running = serve(t, args, { ...env, HADAL_NATIVE_KERNELS: 'on' });
    t.after(() => {
      if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    });
    const told = new Promise<void>((resolve) => {
      running.child.stderr!.on('data', () => {
        if (running.output.stderr.includes('building native kernels')) resolve();
      });
    });
    await Promise.race([told, running.exited]);
    assert.match(
      running.output.stderr,
      /info engine building .*endless-cc, once; they are kept in/,
    );
    running.child.kill('SIGTERM');
    assert.equal(await running.exited, 143);
  },
);

test('a key from the environment is used and not printed', async (t) => {
  const running = serve(t, ['--model', modelPath, '--port', '0', '--threads', '1'], {
    HADAL_API_KEY: 'sk-from-env',
  });
  await untilPrinted(running, 'Ctrl-C stops');
  const url = /base URL {2}(\S+)/.exec(running.output.stdout)![1]!;
  assert.ok(!running.output.stdout.includes('sk-from-env'));
  assert.ok(running.output.stdout.includes('Bearer $HADAL_API_KEY'));
  const headers = { authorization: 'Bearer sk-from-env' };
  assert.equal((await fetch(`${url}/models`, { headers })).status, 200);
  running.child.kill('SIGINT');
  assert.equal(await running.exited, 0);
});

test('what cannot be served is one clear line and exit code 1', async (t) => {
  const broken = join(folder, 'broken.gguf');
  writeFileSync(broken, 'GGUF but not really');
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const port = String((holder.address() as AddressInfo).port);
  const cases: [args: string[], message: RegExp][] = [
    [['--model', join(folder, 'none.gguf')], /^hadal: there is no file .*none\.gguf\n$/],
    [['--model', broken], /^hadal: .*broken\.gguf.*\n$/],
    [['--model', modelPath, '--tokenizer', join(folder, 'none.json')], /^hadal: .*none\.json.*\n$/],
    [['--model', modelPath, '--port', port], /^hadal: port \d+ on 127\.0\.0\.1 is already in use/],
    [
      ['--upstream', 'http://127.0.0.1:1', '--kv-memory', '1G'],
      /^hadal: --kv-memory and --upstream exclude each other\n$/,
    ],
    [
      ['--no-cache', '--cache-disk', '1G'],
      /^hadal: --cache-disk and --no-cache exclude each other\n$/,
    ],
    [
      ['--model', modelPath, '--kv-memory', '100'],
      /^hadal: caches may take 0\.0 MiB, .*give --kv-memory at least \d+M/,
    ],
    [['--model', modelPath, '--api-key', 'two words'], /^hadal: the API key holds a space/],
    [
      ['--model', modelPath, '--ephemeral', '--host', '0.0.0.0'],
      /^hadal: refusing to listen on 0\.0\.0\.0/,
    ],
  ];
  try {
    for (const [args, message] of cases) {
      const { exited, output } = serve(t, [...args, '--log-level', 'error']);
      assert.equal(await exited, 1, args.join(' '));
      assert.match(output.stderr, message);
      assert.equal(output.stdout, '');
    }
    const wrongUsage = serve(t, ['--port', 'abc']);
    assert.equal(await wrongUsage.exited, 2);
    assert.match(wrongUsage.output.stderr, /must be a whole number from 0 to 65535/);
  } finally {
    holder.close();
  }
});
