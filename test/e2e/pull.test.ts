// Models pulled from a hub of this machine: what comes whole, what was cut, what is not what it says
// it is, and what a person reads then.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ARCHITECTURES } from '../../src/model/config.js';
import { PullError } from '../../src/pull/pull-error.js';
import { nextStep, pullModel, type PullOptions } from '../../src/pull/pull-model.js';
import { smallModel } from '../helpers/engine-server.js';
import { startFakeHub, type FakeFile } from '../helpers/fake-hub.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

async function model(): Promise<Buffer> {
  return readFileSync(await smallModel());
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'hadal-pull-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The hub with one repository, and a pull from it that waits for nothing. */
async function setUp(t: TestContext, files: Record<string, FakeFile>) {
  const hub = await startFakeHub(t);
  hub.repos.set('maker/small', new Map(Object.entries(files)));
  const home = folder(t);
  const pauses: number[] = [];
  const pull = (source = 'hf:maker/small', options: Partial<PullOptions> = {}) =>
    pullModel({
      source,
      folder: home,
      endpoints: { hf: hub.url, ms: hub.url },
      token: undefined,
      architectures: ARCHITECTURES,
      problemOf: () => undefined,
      signal: new AbortController().signal,
      ...options,
      onProgress: (progress) => {
        hub.received = progress.receivedBytes;
        options.onProgress?.(progress);
      },
      environment: {
        sleep: (ms) => {
          pauses.push(ms);
          return Promise.resolve();
        },
        ...options.environment,
      },
    });
  return { hub, home, pull, pauses };
}

function fails(problem: PullError['problem'], message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof PullError, String(error));
    assert.equal(error.problem, problem);
    assert.match(error.message, message);
    return true;
  };
}

/** Files below a folder, none of them left over from a download. */
function filesIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path).toSorted() : [];
}

test('the one GGUF file of a repository, its tokenizer beside it, both hubs, through pages', async (t) => {
  const bytes = await model();
  const { pull, home, hub } = await setUp(t, {
    '.gitattributes': { bytes: Buffer.from('x') },
    'README.md': { bytes: Buffer.from('x'), hasNoSum: true },
    'mmproj-f16.gguf': { bytes: Buffer.from('GGUF') },
    'q4/small.gguf': { bytes },
    'tokenizer.json': { bytes: Buffer.from('{}'), hasNoSum: true },
  });
  const seen: number[] = [];
  const pulled = await pull('hf:maker/small', {
    onProgress: ({ receivedBytes, totalBytes }) => {
      if (totalBytes !== undefined) seen.push(receivedBytes / totalBytes);
    },
  });
  assert.equal(pulled.name, 'maker--small/q4--small.gguf');
  assert.deepEqual(filesIn(join(home, 'maker--small')), ['q4--small.gguf', 'tokenizer.json']);
  assert.deepEqual(readFileSync(pulled.path), bytes);
  assert.equal(seen.at(-1), 1);
  assert.ok(seen.every((share, i) => i === 0 || share >= seen[i - 1]!));
  assert.match(nextStep(pulled), /^hadal serve --model .*small\.gguf$/);

  const again = hub.requests.length;
  await pull();
  assert.equal(hub.requests.length, again); // all there
  rmSync(join(home, 'maker--small'), { recursive: true });
  assert.deepEqual(readFileSync((await pull('ms:maker/small')).path), bytes);
  rmSync(join(home, 'maker--small'), { recursive: true });
  const page = await pull(`${hub.url}/maker/small/blob/main/q4/small.gguf`);
  assert.deepEqual(readFileSync(page.path), bytes);
});

test('a line that is cut: goes on by itself, and in another process', async (t) => {
  const bytes = await model();
  const { pull, home, hub, pauses } = await setUp(t, { 'small.gguf': { bytes } });
  hub.cuts.push(100_000, 50_000);
  await pull();
  assert.deepEqual(
    hub.requests.map(({ range }) => range),
    [undefined, 'bytes=100000-', 'bytes=150000-'],
  );
  assert.deepEqual(pauses, [1000, 1000]);
  const path = join(home, 'maker--small', 'small.gguf');
  assert.deepEqual(readFileSync(path), bytes);

  // Given up with a part, taken up again later; the part counts into the checksum.
  rmSync(path);
  hub.requests.length = 0;
  const abort = new AbortController();
  hub.cuts.push(70_000);
  const halfway = pull('hf:maker/small', {
    signal: abort.signal,
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === 70_000) abort.abort(new Error('enough'));
    },
  });
  await assert.rejects(halfway, /enough/);
  assert.ok(existsSync(`${path}.part`) && !existsSync(path));
  await pull();
  assert.equal(hub.requests.at(-1)!.range, 'bytes=70000-');
  assert.deepEqual(readFileSync(path), bytes);
  assert.deepEqual(filesIn(join(home, 'maker--small')), ['small.gguf']);

  // A server that knows no ranges sends all of it, and that is what counts.
  rmSync(path);
  hub.ignoresRange = true;
  hub.cuts.push(70_000);
  await pull();
  assert.deepEqual(readFileSync(path), bytes);

  // Of another version: begun again.
  rmSync(path);
  writeFileSync(`${path}.part`, 'of another file');
  writeFileSync(`${path}.part.json`, '{"from":"elsewhere"}');
  await pull();
  assert.deepEqual(readFileSync(path), bytes);
});

test('a line that brings nothing any more is given up, with what was fetched kept', async (t) => {
  const bytes = await model();
  const { pull, home, hub, pauses } = await setUp(t, { 'small.gguf': { bytes } });
  hub.cuts.push(90_000, 0, 0, 0, 0, 0, 0);
  await assert.rejects(pull(), fails('network', /pull again to go on$/));
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000]);
  assert.equal(readFileSync(join(home, 'maker--small', 'small.gguf.part')).length, 90_000);
  hub.cuts.length = 0;
  await pull();
});

test('what is not what was announced is not kept', async (t) => {
  const bytes = await model();
  const home = (folders: string): string[] => filesIn(join(folders, 'maker--small'));
  const wrongSum = await setUp(t, { 'small.gguf': { bytes, sha256: 'a'.repeat(64) } });
  await assert.rejects(
    wrongSum.pull(),
    fails('corrupt', /has the SHA-256 [0-9a-f]{64}, not a{64}/),
  );
  assert.deepEqual(home(wrongSum.home), []);
  for (const size of [bytes.length + 10, bytes.length - 10]) {
    const { pull, home: at } = await setUp(t, { 'small.gguf': { bytes, size } });
    await assert.rejects(pull(), fails('corrupt', /has \d+ bytes, not \d+ as announced/));
    assert.deepEqual(home(at), []);
  }
  const page = Buffer.from(`<!doctype html>${' '.repeat(500)}`);
  const noModel = await setUp(t, { 'small.gguf': { bytes: page } });
  await assert.rejects(
    noModel.pull(),
    fails('corrupt', /is not a GGUF file: it begins with "<!doct/),
  );
  assert.deepEqual(home(noModel.home), []);
});

test('a model of another architecture is refused after its first bytes', async (t) => {
  const bytes = await model();
  const other = Buffer.from(bytes);
  const at = other.indexOf('deepseek32');
  other.write('llama64bit', at, 'latin1');
  const { pull, home } = await setUp(t, { 'small.gguf': { bytes: other } });
  await assert.rejects(
    pull(),
    fails('corrupt', /architecture llama64bit; this engine runs deepseek32/),
  );
  assert.deepEqual(filesIn(join(home, 'maker--small')), []);

  const usable = await setUp(t, { 'small.gguf': { bytes } });
  const pulled = usable.pull('hf:maker/small', { problemOf: () => 'needs other kernels' });
  await assert.rejects(pulled, fails('corrupt', /downloaded, but cannot be loaded: needs other/));
  assert.deepEqual(filesIn(join(usable.home, 'maker--small')), ['small.gguf']);
});

test('gated, missing, several, split, none, and names that mean other folders', async (t) => {
  const bytes = Buffer.from('GGUF');
  const { pull, hub } = await setUp(t, { 'a.gguf': { bytes }, 'b.gguf': { bytes } });
  const several = fails(
    'choose',
    /name one of them:\n {2}hf:maker\/small\/a\.gguf {2}\(4 bytes\)\n/,
  );
  await assert.rejects(pull(), several);
  await assert.rejects(
    pull('hf:maker/small/c.gguf'),
    fails('not-found', /has no c\.gguf; name one/),
  );
  await assert.rejects(
    pull('hf:maker/none'),
    fails('not-found', /there is no hf:maker\/none at http/),
  );
  await assert.rejects(
    pull('ms:maker/none'),
    fails('not-found', /there is no ms:maker\/none at http/),
  );
  hub.repos.set('maker/split', new Map([['m-00001-of-00002.gguf', { bytes }]]));
  await assert.rejects(pull('hf:maker/split'), fails('source', /llama-gguf-split --merge/));
  hub.repos.set('maker/empty', new Map([['README.md', { bytes }]]));
  await assert.rejects(
    pull('hf:maker/empty'),
    fails('not-found', /neither a GGUF file nor a check/),
  );
  const evil = new Map(
    ['../../x.gguf', '/etc/x.gguf', '.ssh/x.gguf', 'a\\..\\x.gguf'].map((path) => [
      path,
      { bytes },
    ]),
  );
  hub.repos.set('maker/evil', evil);
  await assert.rejects(pull('hf:maker/evil'), fails('not-found', /neither a GGUF file/));

  hub.gate = 'hf_secret';
  await assert.rejects(pull(), fails('forbidden', /set the variable HF_TOKEN to a token/));
  const wrong = pull('hf:maker/small', { token: 'hf_wrong' });
  await assert.rejects(wrong, fails('forbidden', /the token in HF_TOKEN may not read it/));
  await assert.rejects(pull('hf:maker/small', { token: 'hf_secret' }), several);
});

test('sources that are none', async (t) => {
  const { pull } = await setUp(t, {});
  for (const source of [
    '',
    'maker/small',
    'hf:maker',
    'hf:../small',
    'hf:maker/small/../../x.gguf',
    'hf:maker/small@a@b',
    'ms:maker/.hidden',
    'file:///etc/passwd',
    'ftp://example.com/x.gguf',
    'http://example.com/x.gguf',
    'https://user:word@example.com/x.gguf',
    'https://example.com/x.bin',
    'https://example.com/..%2fx.gguf',
  ]) {
    await assert.rejects(pull(source), fails('source', /./), source);
  }
});

test('redirects: followed, the token stays with its hub; out of encryption or to nowhere, refused', async (t) => {
  const bytes = await model();
  const { pull, home, hub } = await setUp(t, { 'small.gguf': { bytes } });
  const other = await startFakeHub(t);
  other.repos = hub.repos;
  hub.redirect = (path) => other.url + path;
  await pull('hf:maker/small', { token: 'hf_secret' });
  assert.equal(hub.requests[0]!.authorization, 'Bearer hf_secret');
  assert.equal(other.requests[0]!.authorization, undefined);
  rmSync(join(home, 'maker--small', 'small.gguf'));
  for (const target of ['http://example.com/x', 'file:///etc/passwd', 'ftp://example.com/x']) {
    hub.redirect = () => target;
    await assert.rejects(pull(), fails('network', /redirects to .* which is not https: refused/));
  }
  hub.redirect = () => `${hub.url}/maker/small/resolve/main/small.gguf`;
  await assert.rejects(pull(), fails('network', /redirects without end/));
});

test('a disk without room is noticed before, and a full one tells what to do', async (t) => {
  const bytes = await model();
  const { pull, hub } = await setUp(t, { 'small.gguf': { bytes } });
  const environment = { freeBytes: () => Promise.resolve(1000) };
  const full = pull('hf:maker/small', { environment });
  await assert.rejects(
    full,
    fails('disk', /needs .* more, but .*maker--small has 1000 bytes free/),
  );
  assert.equal(hub.requests.length, 0);
});

test('another file of that name is not overwritten', async (t) => {
  const { pull, home } = await setUp(t, { 'small.gguf': { bytes: await model() } });
  await pull();
  const path = join(home, 'maker--small', 'small.gguf');
  writeFileSync(path, 'mine');
  await assert.rejects(pull(), fails('disk', /is there already, with 4 bytes; move it away/));
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('two pulls of one file: the second is told', async (t) => {
  const bytes = await model();
  const { pull, hub } = await setUp(t, { 'small.gguf': { bytes } });
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => {
    hub.beforeFile = () => {
      resolve();
      return opened;
    };
  });
  const first = pull();
  await reached;
  await assert.rejects(pull(), fails('busy', /is being pulled already/));
  open();
  assert.deepEqual(readFileSync((await first).path), bytes);
});

test('a checkpoint of safetensors: the files that convert reads, and the next step', async (t) => {
  const bytes = Buffer.from('x');
  const { pull, home } = await setUp(t, {
    'config.json': { bytes, hasNoSum: true },
    'model-00001-of-00002.safetensors': { bytes },
    'model-00002-of-00002.safetensors': { bytes },
    'model.safetensors.index.json': { bytes, hasNoSum: true },
    'modeling.py': { bytes },
    'tokenizer.json': { bytes },
    'inference/model.safetensors': { bytes },
  });
  const pulled = await pull();
  assert.equal(pulled.kind, 'checkpoint');
  assert.deepEqual(filesIn(join(home, 'maker--small')), [
    'config.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
    'tokenizer.json',
  ]);
  assert.match(nextStep(pulled), /^hadal convert \S+maker--small \S+model\.gguf --type q8_0$/);
});

test('a URL of a file, of which nothing is announced', async (t) => {
  const bytes = await model();
  const { hub, home, pull } = await setUp(t, {});
  hub.repos.set('any/where', new Map([['m.gguf', { bytes }]]));
  hub.cuts.push(80_000);
  const endpoints = { hf: 'https://huggingface.co', ms: 'https://modelscope.cn' };
  const pulled = await pull(`${hub.url}/cdn/any/where/m.gguf?signature=1`, { endpoints });
  assert.equal(pulled.name, 'm/m.gguf');
  assert.deepEqual(readFileSync(join(home, 'm', 'm.gguf')), bytes);
  const gone = pull(`${hub.url}/cdn/any/where/n.gguf`, { endpoints });
  await assert.rejects(gone, fails('not-found', /answered 404 for \/cdn\/any\/where\/n\.gguf/));
});

test('the command: path on stdout, the rest on stderr, the token from the environment', async (t) => {
  const bytes = await model();
  const { hub, home } = await setUp(t, { 'small.gguf': { bytes } });
  const run = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    new Promise<{ stdout: string; stderr: string; code: number }>((resolve) => {
      execFile(
        process.execPath,
        [MAIN, 'pull', ...args],
        { env: { ...process.env, HF_TOKEN: '', HF_ENDPOINT: hub.url, HADAL_HOME: home, ...env } },
        (error, stdout, stderr) =>
          resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0 }),
      );
    });
  hub.gate = 'hf_secret';
  const gated = await run({}, 'hf:maker/small');
  assert.deepEqual([gated.code, gated.stdout], [1, '']);
  assert.match(gated.stderr, /^hadal: .*HF_TOKEN/);
  const pulled = await run({ HF_TOKEN: 'hf_secret' }, 'hf:maker/small');
  const path = join(home, 'models', 'maker--small', 'small.gguf');
  assert.deepEqual([pulled.code, pulled.stdout], [0, `${path}\n`]);
  assert.match(pulled.stderr, /next: hadal serve --model/);
  assert.deepEqual(readFileSync(path), bytes);
});
