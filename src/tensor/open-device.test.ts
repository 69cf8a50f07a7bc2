import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { DeviceUnavailableError } from './errors.js';
import { locateLibraries } from './ggml/locate.js';
import { checkVersion } from './ggml/version.js';
import { HostDevice } from './host-device.js';
import { openDevice } from './open-device.js';
import { ReferenceDriver } from './reference/driver.js';
import { selfTest } from './self-test.js';
import { compareTables } from './table-self-test.js';
import type { GraphPlan } from './plan.js';
import type { DeviceTensor } from './types.js';
import type { ReferenceTensor } from './reference/driver.js';
import type { DriverGraph } from './driver.js';

test('falls back to the reference device only with a warning', () => {
  const warnings: string[] = [];
  const device = openDevice({ libraryDirectory: '/nowhere', onWarning: (w) => warnings.push(w) });
  assert.equal(device.kind, 'reference');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /no ggml-base .* in \/nowhere\. Using the reference device/);
  device.dispose();
});

test('prefer ggml fails instead, and says why', () => {
  assert.throws(
    () => openDevice({ prefer: 'ggml', libraryDirectory: '/nowhere' }),
    DeviceUnavailableError,
  );
});

test('thread counts are checked', () => {
  for (const numThreads of [0, 1.5, 1000, Number.NaN]) {
    assert.throws(() => openDevice({ numThreads }), /expected 1\.\.512/);
  }
});

test('library files are found by pattern, whatever their release', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hadal-locate-'));
  try {
    mkdirSync(join(directory, 'libggml-base'));
    for (const file of [
      'libggml.v9.so',
      'libggml-base.v9.so',
      'libggml-cpu-x64.so',
      'libggml-cpu-zen4.v9.so',
      'libllama.so',
    ]) {
      writeFileSync(join(directory, file), '');
    }
    assert.deepEqual(locateLibraries(directory), {
      base: join(directory, 'libggml-base.v9.so'),
      cpuVariants: [
        join(directory, 'libggml-cpu-x64.so'),
        join(directory, 'libggml-cpu-zen4.v9.so'),
      ],
    });
    const broken = (): unknown => openDevice({ prefer: 'ggml', libraryDirectory: directory });
    assert.throws(broken, /cannot load .*libggml-base\.v9\.so/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the version gate knows the pinned build only', () => {
  checkVersion({ version: '0.25.1', commit: '0ad4a86' }, { accept: false });
  const unknown = { version: '0.26.0', commit: 'abcdef0' };
  assert.throws(
    () => checkVersion(unknown, { accept: false }),
    /ggml 0\.26\.0 \(abcdef0\) is not a version .*HADAL_GGML_UNCHECKED=1/,
  );
  assert.throws(() => checkVersion({ version: '0.25.1', commit: 'x' }, { accept: false }));
  checkVersion(unknown, { accept: true });
});

test('the self-test notices a device that computes something else', () => {
  /** Overwrites the first number of one output. */
  class BrokenDriver extends ReferenceDriver {
    override compile(
      plan: GraphPlan,
      memoryOf: (tensor: DeviceTensor) => ReferenceTensor,
    ): DriverGraph<ReferenceTensor> {
      const compiled = super.compile(plan, memoryOf);
      return {
        numNodes: compiled.numNodes,
        scratchBytes: compiled.scratchBytes,
        bytes: (node) => compiled.bytes(node),
        bindRows: (table, tokens) => compiled.bindRows(table, tokens),
        run() {
          compiled.run();
          compiled.bytes(plan.outputs.get('swiglu')!).fill(0x40, 0, 4);
        },
        runAsync: (signal) => compiled.runAsync(signal),
        free: () => compiled.free(),
      };
    }
  }
  const good = new HostDevice(new ReferenceDriver());
  selfTest(good, new HostDevice(new ReferenceDriver()));
  const broken = new HostDevice(new BrokenDriver());
  assert.throws(() => selfTest(broken, good), /failed its self-test: swiglu is off by/);
});

test('the self-test of the kernels notices one that computes something else', () => {
  /** Forgets to mark the end of a list. */
  class BrokenDriver extends ReferenceDriver {
    override compile(
      plan: GraphPlan,
      memoryOf: (tensor: DeviceTensor) => ReferenceTensor,
    ): DriverGraph<ReferenceTensor> {
      const compiled = super.compile(plan, memoryOf);
      return {
        numNodes: compiled.numNodes,
        scratchBytes: compiled.scratchBytes,
        bytes: (node) => compiled.bytes(node),
        bindRows: (table, tokens) => compiled.bindRows(table, tokens),
        run() {
          compiled.run();
          compiled.bytes(plan.outputs.get('chosen')!).fill(0, -4);
        },
        runAsync: (signal) => compiled.runAsync(signal),
        free: () => compiled.free(),
      };
    }
  }
  const good = new HostDevice(new ReferenceDriver());
  assert.equal(compareTables(good, good), undefined);
  assert.match(compareTables(new HostDevice(new BrokenDriver()), good)!, /^indexTopK chose/);
});
