// Building and keeping the native kernels: what is found, refused, repaired, and that nothing of it
// keeps a device from opening.

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openDevice } from '../open-device.js';
import { cachedLibrary, kernelFolder } from './kernel-cache.js';
import { buildKey, compileKernels, findCompiler } from './kernel-compiler.js';
import { KernelsUnavailableError } from './kernel-compiler.js';
import { loadKernels } from './kernels.js';

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-kernels-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program that answers --version and then fails. */
function fakeCompiler(folder: string): string {
  const file = join(folder, 'fake-cc');
  const script =
    '#!/bin/sh\n[ "$1" = --version ] && { echo fake 1.0; exit 0; }\necho no >&2; exit 1';
  writeFileSync(file, script, { mode: 0o700 });
  return file;
}

function countingBuild(): { build: (file: string) => void; count: () => number } {
  let builds = 0;
  return {
    build: (file) => writeFileSync(file, `library ${++builds}`),
    count: () => builds,
  };
}

const posix = process.platform === 'win32' ? 'needs owners and modes' : false;

test(
  'without a compiler, or with one that fails, there is a reason in one line',
  { skip: posix },
  () => {
    inFolder((folder) => {
      const none = { HADAL_CC: join(folder, 'nothing'), HADAL_KERNEL_DIR: folder };
      assert.throws(
        () => loadKernels({ caller: 'test', environment: none }),
        /no C compiler \(HADAL_CC is .*nothing\)/,
      );
      assert.throws(
        () =>
          findCompiler({ PATH: process.env['PATH'], CC: join(folder, 'cc'), HADAL_CC: 'no-cc' }),
        /HADAL_CC is no-cc/,
      );
      const broken = { HADAL_CC: fakeCompiler(folder), HADAL_KERNEL_DIR: join(folder, 'cache') };
      assert.throws(
        () => loadKernels({ caller: 'test', environment: broken }),
        /fake-cc cannot build the kernels: no$/,
      );
      assert.deepEqual(readdirSync(join(folder, 'cache')), [], 'nothing is left behind');
    });
  },
);

test('a build is kept, found again, and repaired when damaged', { skip: posix }, () => {
  inFolder((parent) => {
    const folder = join(parent, 'a', 'b');
    const { build, count } = countingBuild();
    const file = cachedLibrary(folder, 'key', build);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o700);
    assert.equal(cachedLibrary(folder, 'key', build), file);
    assert.equal(count(), 1);
    truncateSync(file, 3);
    cachedLibrary(folder, 'key', build);
    assert.equal(count(), 2);
    rmSync(`${file}.sha256`);
    cachedLibrary(folder, 'key', build);
    assert.equal(count(), 3);
    assert.notEqual(cachedLibrary(folder, 'other', build), file);
    assert.equal(readdirSync(folder).length, 4);
  });
});

test('what others could have written is refused', { skip: posix }, () => {
  inFolder((parent) => {
    const { build } = countingBuild();
    const folder = join(parent, 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    assert.throws(
      () => cachedLibrary(folder, 'key', build),
      /can be written by others; chmod go-w/,
    );
    chmodSync(folder, 0o700);
    const file = cachedLibrary(folder, 'key', build);
    chmodSync(file, 0o722);
    assert.throws(() => cachedLibrary(folder, 'key', build), KernelsUnavailableError);
    rmSync(file);
    symlinkSync(join(parent, 'elsewhere'), file);
    assert.throws(() => cachedLibrary(folder, 'key', build), /is not a file/);
    symlinkSync(folder, join(parent, 'link'));
    assert.throws(() => cachedLibrary(join(parent, 'link'), 'key', build), /is not a directory/);
    writeFileSync(join(parent, 'plain'), '');
    assert.throws(
      () => cachedLibrary(join(parent, 'plain'), 'key', build),
      /plain is not a directory/,
    );
    assert.throws(() => cachedLibrary('/dev/null/x', 'key', build), /cannot keep kernels in/);
    if (process.getuid?.() !== 0) return;
    const foreign = join(parent, 'foreign');
    mkdirSync(foreign);
    chownSync(foreign, 12345, 12345);
    assert.throws(() => cachedLibrary(foreign, 'key', build), /belongs to user 12345, not to 0/);
  });
});

test(
  'a folder where none can be made is a reason, not an endless attempt',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () => {
    const { build, count } = countingBuild();
    assert.throws(() => cachedLibrary('/proc/nope/deeper', 'key', build), KernelsUnavailableError);
    assert.equal(count(), 0);
  },
);

test('a build removes what died more than a day ago, and nothing else', { skip: posix }, () => {
  inFolder((folder) => {
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const names = [`key.${id}.tmp.so`, `key.so.sha256.${id}.tmp`, 'notes.tmp.txt', 'other.so'];
    const yesterday = Date.now() / 1000 - 25 * 3600;
    for (const name of names) {
      writeFileSync(join(folder, name), '');
      utimesSync(join(folder, name), yesterday, yesterday);
    }
    const young = `young.${id}.tmp.so`;
    writeFileSync(join(folder, young), '');
    cachedLibrary(folder, 'key', countingBuild().build);
    const left = readdirSync(folder).filter((name) => !/^key\.(so|dylib)/.test(name));
    assert.deepEqual(left.toSorted(), ['notes.tmp.txt', 'other.so', young]);
  });
});

test('a kept library that does not load is built once more, and that is told', (t) => {
  let compiler: ReturnType<typeof findCompiler>;
  try {
    compiler = findCompiler();
  } catch (error) {
    t.skip((error as Error).message);
    return;
  }
  openDevice({ prefer: 'ggml', numThreads: 1 }).dispose(); // sets koffi up, as in production
  inFolder((folder) => {
    const caller = 'a test of libraries that do not load';
    const kept = cachedLibrary(folder, buildKey(compiler, caller), (file) =>
      writeFileSync(file, 'no library'),
    );
    const told: string[] = [];
    const environment = { ...process.env, HADAL_KERNEL_DIR: folder };
    const load = (): string =>
      loadKernels({ caller, environment, onBuild: (message) => told.push(message) }).description;
    assert.match(load(), /^native /);
    assert.ok(statSync(kept).size > 1000);
    assert.equal(load(), load());
    assert.deepEqual(told, [
      `building native kernels with ${compiler.command}, once; they are kept in ${folder}`,
    ]);
  });
});

test('the switch in the environment says on or off, or is refused by name', (t) => {
  const before = process.env['HADAL_NATIVE_KERNELS'];
  t.after(() => {
    delete process.env['HADAL_NATIVE_KERNELS'];
    if (before !== undefined) process.env['HADAL_NATIVE_KERNELS'] = before;
  });
  const kernelsWith = (value: string): string => {
    process.env['HADAL_NATIVE_KERNELS'] = value;
    const device = openDevice({ prefer: 'ggml', numThreads: 1 });
    device.dispose();
    return device.kernels;
  };
  for (const off of ['off', '0', 'FALSE', 'No']) {
    assert.equal(kernelsWith(off), 'none: turned off');
  }
  for (const on of ['', 'on', '1', 'True', 'YES']) {
    assert.notEqual(kernelsWith(on), 'none: turned off');
  }
  assert.throws(() => kernelsWith('maybe'), /HADAL_NATIVE_KERNELS is "maybe"; use on or off/);
});

test('a package without the sources of the kernels is a reason too', () => {
  const compiler = { command: 'cc', version: 'cc 1' };
  const nowhere = join(tmpdir(), 'hadal-no-such-folder');
  assert.throws(
    () => buildKey(compiler, 'test', nowhere),
    (error) =>
      error instanceof KernelsUnavailableError &&
      /^cannot read the kernels' sources: ENOENT.*hadal-no-such-folder/.test(error.message),
  );
});

test('the folder follows the environment', () => {
  assert.equal(kernelFolder({ HADAL_KERNEL_DIR: '/k', XDG_CACHE_HOME: '/c' }), '/k');
  assert.equal(kernelFolder({ XDG_CACHE_HOME: '/c' }), join('/c', 'hadal', 'kernels'));
  assert.match(kernelFolder({}), /\.cache.hadal.kernels$/);
});

test('another compiler or caller means another build', () => {
  const compiler = { command: 'cc', version: '1' };
  const key = buildKey(compiler, 'ggml 1');
  assert.equal(buildKey({ ...compiler }, 'ggml 1'), key);
  assert.notEqual(buildKey({ ...compiler, version: '2' }, 'ggml 1'), key);
  assert.notEqual(buildKey(compiler, 'ggml 2'), key);
});

test('a compiler that is there builds kernels that load', (t) => {
  let compiler;
  try {
    compiler = findCompiler();
  } catch (error) {
    t.skip((error as Error).message);
    return;
  }
  inFolder((folder) => {
    compileKernels(compiler, join(folder, 'kernels.so'));
    assert.ok(statSync(join(folder, 'kernels.so')).size > 1000);
  });
});

test('turned off, a device opens without row tables and says so', () => {
  const device = openDevice({ prefer: 'ggml', numThreads: 1, nativeKernels: false });
  assert.equal(device.hasRowTables, false);
  assert.equal(device.kernels, 'none: turned off');
  const spec = { dtype: 'f16', width: 4, numLayers: 1, numTokens: 1 } as const;
  assert.throws(
    () =>
      device.buildGraph((g) => {
        g.rowTable('rows', spec);
        return {};
      }),
    /rowTable: this device has no row tables \(none: turned off\)/,
  );
  device.dispose();
});
