// The tier on disk: what is written is found again by another process, and whatever goes wrong with
// files, folders and other writers is a miss and at most one warning.

import assert from 'node:assert/strict';
import * as promises from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import test, { type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { BlockFileError, blockHeader, HEADER_BYTES, rowsOfFile } from './block-file.js';
import {
  blockPath,
  clearBlocks,
  listBlocks,
  modelFolder,
  totalBytes,
  type CacheFs,
} from './cache-folder.js';
import { DiskTier, type DiskTierOptions } from './disk-tier.js';

const BLOCK_BYTES = 1000;
const FILE_BYTES = HEADER_BYTES + BLOCK_BYTES;
const MINUTE = 60_000;

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await promises.mkdtemp(join(tmpdir(), 'hadal-cache-'));
  t.after(() => promises.rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Opened {
  tier: DiskTier;
  warnings: string[];
}

function open(folder: string, changes: Partial<DiskTierOptions> = {}): Opened {
  const warnings: string[] = [];
  const tier = new DiskTier({
    folder,
    model: 'tiny-000000000000',
    blockBytes: BLOCK_BYTES,
    maxBytes: 1 << 30,
    onWarning: (warning) => warnings.push(warning),
    ...changes,
  });
  return { tier, warnings };
}

/** A chain of keys in the tree of all chains: each key is made from the path to it. */
function chainOf(path: readonly number[]): string[] {
  return path.map((_, i) => {
    const name = `${path.slice(0, i + 1).join('.')}.`;
    return Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);
  });
}

/** What a block of this key holds. */
function rowsOf(key: string): Uint8Array {
  const seed = crc32(key);
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (seed >>> (i % 24)) + i);
}

async function write(tier: DiskTier, chain: readonly string[]): Promise<void> {
  tier.use(chain, rowsOf);
  await tier.flush();
}

async function assertHeld(tier: DiskTier, chain: readonly string[]): Promise<void> {
  for (const [depth, key] of chain.entries()) {
    assert.deepEqual(Uint8Array.from((await tier.read(key, depth))!), rowsOf(key));
  }
}

const CHAIN = chainOf([1, 2, 3]);

test('what is there can be told before anything is written', async (t) => {
  const folder = await temporaryFolder(t);
  await write(open(folder).tier, CHAIN);
  const { tier, warnings } = open(folder);
  assert.equal(tier.byteLength, undefined);
  await tier.look();
  assert.equal(tier.byteLength, CHAIN.length * FILE_BYTES);
  const empty = open(join(folder, 'not', 'there')).tier;
  await empty.look();
  assert.equal(empty.byteLength, 0);
  assert.deepEqual(warnings, []);
});

test('what one process writes another one reads, and nobody else may', async (t) => {
  const folder = join(await temporaryFolder(t), 'not', 'yet', 'there');
  const { tier, warnings } = open(folder);
  assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
  await write(tier, CHAIN);
  const other = open(folder);
  await assertHeld(other.tier, CHAIN);
  assert.equal(await other.tier.read(CHAIN[0]!, 1), undefined, 'at its own place only');
  assert.deepEqual([...warnings, ...other.warnings], []);
  const path = blockPath(folder, 'tiny-000000000000', CHAIN[0]!, 0);
  assert.equal((await promises.stat(path)).mode & 0o777, 0o600);
  assert.equal((await promises.stat(dirname(path))).mode & 0o777, 0o700);
});

test('any flipped bit and any cut is found before a row is used', () => {
  const [key] = CHAIN as [string];
  const whole = Buffer.concat([blockHeader(key, rowsOf(key)), rowsOf(key)]);
  assert.deepEqual(Uint8Array.from(rowsOfFile(whole, key, BLOCK_BYTES)), rowsOf(key));
  fc.assert(
    fc.property(fc.nat(whole.length * 8 - 1), fc.nat(whole.length - 1), (bit, length) => {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => rowsOfFile(flipped, key, BLOCK_BYTES), BlockFileError);
      const cut = whole.subarray(0, length);
      assert.throws(() => rowsOfFile(cut, key, BLOCK_BYTES), BlockFileError);
    }),
    { numRuns: 1000 },
  );
});

/** Ways to spoil the file of a block, and what the warning says. */
const DAMAGES: Record<string, [(file: Buffer, path: string) => Promise<unknown>, RegExp]> = {
  'a flipped bit in the rows': [
    (file, path) => promises.writeFile(path, file.fill(file[500]! ^ 4, 500, 501)),
    /the checksum of its rows is wrong/,
  ],
  'a flipped bit in the header': [
    (file, path) => promises.writeFile(path, file.fill(file[20]! ^ 4, 20, 21)),
    /the checksum of its header is wrong/,
  ],
  'an empty file': [(_, path) => promises.truncate(path, 0), /0 bytes, less than a header/],
  'half a file': [(_, path) => promises.truncate(path, 500), /436 of 1000 bytes are there/],
  'a longer file': [(_, path) => promises.appendFile(path, 'x'), /1001 of 1000 bytes are there/],
  'another version': [
    (file, path) => {
      file.writeUInt32LE(2, 8);
      file.writeUInt32LE(crc32(file.subarray(0, 60)), 60);
      return promises.writeFile(path, file);
    },
    /its version is 2; this program reads 1/,
  ],
  'another block': [
    (_, path) => {
      const [, key] = CHAIN as [string, string];
      return promises.writeFile(path, Buffer.concat([blockHeader(key, rowsOf(key)), rowsOf(key)]));
    },
    /it holds another block than its name says/,
  ],
  'rows of another size': [
    (_, path) => {
      const [key] = CHAIN as [string];
      return promises.writeFile(path, blockHeader(key, new Uint8Array(9)));
    },
    /its rows have 9 bytes; the model's have 1000/,
  ],
  'something else entirely': [
    (_, path) => promises.writeFile(path, Buffer.alloc(5000, 'GGUF')),
    /it does not begin as one/,
  ],
};

for (const [name, [spoil, expected]] of Object.entries(DAMAGES)) {
  test(`${name}: a miss, one warning, and the next use writes it anew`, async (t) => {
    const folder = await temporaryFolder(t);
    await write(open(folder).tier, CHAIN);
    const path = blockPath(folder, 'tiny-000000000000', CHAIN[0]!, 0);
    await spoil(await promises.readFile(path), path);
    const { tier, warnings } = open(folder);
    assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
    const whole = Buffer.concat([blockHeader(CHAIN[0]!, rowsOf(CHAIN[0]!)), rowsOf(CHAIN[0]!)]);
    await promises.writeFile(path, whole);
    await spoil(whole, path);
    assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, expected);
    await assert.rejects(promises.stat(path), { code: 'ENOENT' });
    await write(tier, CHAIN);
    await assertHeld(tier, CHAIN);
    assert.equal(warnings.length, 1);
  });
}

test('a folder that is none: misses, two warnings in all, no exception', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await promises.writeFile(file, '');
  for (const folder of [file, join(file, 'below')]) {
    const { tier, warnings } = open(folder);
    for (let i = 0; i < 3; i++) {
      assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
      await write(tier, CHAIN);
    }
    assert.ok(warnings.length <= 2, warnings.join('\n'));
    assert.match(warnings.at(-1)!, /blocks cannot be written: .*; going on without/);
  }
});

/** A file system where some calls fail. */
function failing(calls: Partial<Record<keyof CacheFs, string>>): CacheFs {
  const fs: CacheFs = { ...promises };
  for (const [name, code] of Object.entries(calls)) {
    const fail = () => Promise.reject(Object.assign(new Error(`${code}: injected`), { code }));
    Object.assign(fs, { [name]: fail });
  }
  return fs;
}

test('a read-only or unreadable folder: misses and one warning per kind', async (t) => {
  const folder = await temporaryFolder(t);
  await write(open(folder).tier, CHAIN);
  const readOnly = open(folder, {
    fs: failing({ mkdir: 'EROFS', utimes: 'EROFS', writeFile: 'EROFS', rm: 'EROFS' }),
  });
  await assertHeld(readOnly.tier, CHAIN);
  await write(readOnly.tier, chainOf([9, 9]));
  await write(readOnly.tier, chainOf([8, 8]));
  assert.equal(readOnly.warnings.length, 1);
  const unreadable = open(folder, { fs: failing({ open: 'EACCES', readdir: 'EACCES' }) });
  for (const [depth, key] of CHAIN.entries()) {
    assert.equal(await unreadable.tier.read(key, depth), undefined);
  }
  await write(unreadable.tier, chainOf([9, 9]));
  assert.deepEqual(
    unreadable.warnings.map((text) => /cannot be (read|written): EACCES/.exec(text)?.[1]),
    ['read', 'written'],
  );
});

test('a full disk: nothing half-written stays, and writing resumes after a while', async (t) => {
  const folder = await temporaryFolder(t);
  let now = 1_000 * MINUTE;
  let isFull = true;
  let attempts = 0;
  const fs: CacheFs = {
    ...promises,
    writeFile: async (path, data, options) => {
      attempts++;
      if (!isFull) return promises.writeFile(path, data, options);
      await promises.writeFile(path, 'the first few bytes');
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  };
  const { tier, warnings } = open(folder, { fs, now: () => now });
  await write(tier, CHAIN);
  await write(tier, chainOf([4, 5]));
  assert.equal(attempts, 1, 'not tried again at once');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /no space left/);
  const left = await promises.readdir(folder, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
  );
  isFull = false;
  now += 2 * MINUTE;
  await write(tier, CHAIN);
  await assertHeld(tier, CHAIN);
  assert.equal(warnings.length, 1);
});

test('a writer that died between two steps leaves a folder that serves and cleans up', async (t) => {
  const folder = await temporaryFolder(t);
  const never = new Promise<never>(() => {});
  for (const step of ['writeFile', 'rename'] as const) {
    const fs = { ...promises, [step]: () => never };
    // Half a file under its temporary name, as a killed write leaves it.
    if (step === 'writeFile') {
      fs.writeFile = async (path) => {
        await promises.writeFile(path, 'HADALKV');
        return never;
      };
    }
    const stuck = new Promise<void>((resolve) => {
      const real = fs[step] as (...args: unknown[]) => Promise<never>;
      Object.assign(fs, {
        [step]: async (...args: unknown[]) => {
          const result = real(...args);
          await promises.stat(folder);
          resolve();
          return result;
        },
      });
    });
    open(folder, { fs }).tier.use(CHAIN, rowsOf);
    await stuck;
  }
  const { tier, warnings } = open(folder);
  assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
  assert.deepEqual(await listBlocks(folder), []);
  await write(tier, CHAIN);
  await assertHeld(tier, CHAIN);
  assert.deepEqual(warnings, []);
  const temporary = async () =>
    (await promises.readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tmp'));
  assert.equal((await temporary()).length, 2);
  await listBlocks(folder, promises, Date.now() + 11 * MINUTE);
  assert.deepEqual(await temporary(), []);
});

const path = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 5 });

test('the budget holds under any use, and no block is left without its beginning', async (t) => {
  const root = await temporaryFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(path, { maxLength: 15 }),
      fc.integer({ min: 0, max: 12 }),
      async (paths, maxFiles) => {
        const folder = join(root, String(run++));
        let now = 1_000 * MINUTE;
        const maxBytes = maxFiles * FILE_BYTES;
        const { tier, warnings } = open(folder, { maxBytes, now: () => now });
        for (const chain of paths.map(chainOf)) {
          await write(tier, chain);
          now += MINUTE / 3;
          const blocks = await listBlocks(folder);
          assert.ok(totalBytes(blocks) <= maxBytes);
          const names = new Set(blocks.map((block) => block.path));
          for (const { path: file, depth } of blocks) {
            if (depth === 0) continue;
            const key = /([0-9a-f]{64})-/.exec(file)![1]!;
            const text = Buffer.from(key, 'hex').toString().replace(/\0+$/, '');
            const parent = chainOf(text.split('.').slice(0, -2).map(Number)).at(-1)!;
            const parentPath = blockPath(folder, 'tiny-000000000000', parent, depth - 1);
            assert.ok(names.has(parentPath), `${text} is stranded`);
          }
        }
        assert.deepEqual(warnings, []);
      },
    ),
    { numRuns: 25 },
  );
});

test('what was used last survives, also when it was another process that used it', async (t) => {
  const folder = await temporaryFolder(t);
  let now = 1_000 * MINUTE;
  const maxBytes = 6 * FILE_BYTES;
  const [a, b, c] = [chainOf([1, 1]), chainOf([2, 2]), chainOf([3, 3])];
  const first = open(folder, { maxBytes, now: () => now });
  for (const chain of [a, b, c]) {
    await write(first.tier, chain);
    now += MINUTE;
  }
  const second = open(folder, { maxBytes, now: () => now });
  second.tier.use(a, () => undefined);
  await second.tier.flush();
  now += MINUTE;
  await write(second.tier, chainOf([4, 4]));
  await assertHeld(second.tier, a);
  await assertHeld(second.tier, chainOf([4, 4]));
  assert.equal(await second.tier.read(b[1]!, 1), undefined);
});

test('writers of one folder do not disturb each other', async (t) => {
  const folder = await temporaryFolder(t);
  const writers = Array.from({ length: 4 }, () => open(folder));
  const chains = [chainOf([1, 2, 3, 4, 5]), chainOf([1, 2, 7]), chainOf([6, 6])];
  await Promise.all(
    writers.map(async ({ tier }, i) => {
      for (let k = 0; k < chains.length; k++) await write(tier, chains[(i + k) % 3]!);
    }),
  );
  for (const { tier, warnings } of writers) {
    for (const chain of chains) await assertHeld(tier, chain);
    assert.deepEqual(warnings, []);
  }
  const files = await promises.readdir(folder, { recursive: true, withFileTypes: true });
  assert.equal(files.filter((entry) => entry.isFile()).length, 8);
});

test('clearing removes blocks and their folders, leaves strangers alone, and disturbs nobody', async (t) => {
  const folder = await temporaryFolder(t);
  const { tier, warnings } = open(folder, { now: () => Date.now() });
  await write(tier, CHAIN);
  const stranger = join(folder, 'tiny-000000000000', 'notes.txt');
  await promises.writeFile(stranger, 'mine');
  assert.equal((await clearBlocks(folder)).length, 3);
  assert.deepEqual(await promises.readdir(folder, { recursive: true }), [
    'tiny-000000000000',
    join('tiny-000000000000', 'notes.txt'),
  ]);
  assert.equal(await tier.read(CHAIN[0]!, 0), undefined);
  await write(tier, chainOf([5, 5]));
  await assertHeld(tier, chainOf([5, 5]));
  assert.deepEqual(warnings, []);
  assert.deepEqual(await clearBlocks(join(folder, 'nowhere')), []);
});

test('a model folder is a safe name that differs between weights', () => {
  const name = modelFolder('../Größe of/mini', 'abcdef0123456789');
  assert.match(name, /^[\w.-]+-abcdef012345$/);
  assert.notEqual(name, modelFolder('../Größe of/mini', '0bcdef0123456789'));
});
