// The context cache's folder on a disk that is full or read-only, and full of damaged blocks: real
// file systems, a real engine process. Replies stay what they are, one warning says what is lost.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test, { after, before, type TestContext } from 'node:test';
import type { DiskOutcome } from '../../helpers/engine-disk-child.js';
import { smallModel } from '../../helpers/engine-server.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const CHILD = fileURLToPath(new URL('../../helpers/engine-disk-child.js', import.meta.url));

let modelPath: string;
let database: string;
let home: string;
/** Without any trouble. */
let expected: DiskOutcome;

before(async () => {
  modelPath = await smallModel();
  home = mkdtempSync(join(tmpdir(), 'hadal-disk-'));
  database = pathToFileURL(join(home, 'hadal.db')).href;
  expected = await run(join(home, 'cache'));
  assert.deepEqual(expected.warnings, []);
  assert.ok(
    expected.hitTokens.slice(8).every((hits) => hits >= 128),
    'the second time all hit',
  );
});

after(() => rmSync(home, { recursive: true, force: true }));

async function run(folder: string, options?: string): Promise<DiskOutcome> {
  const args = [process.execPath, CHILD, modelPath, folder, database];
  const { stdout } = await promisify(execFile)(...command(args, folder, options));
  return JSON.parse(stdout) as DiskOutcome;
}

/** With mount options: in a mount namespace of its own, with a file system of its own in the folder. */
function command(args: string[], folder: string, options?: string): [string, string[]] {
  if (options === undefined) return [args[0]!, args.slice(1)];
  const script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"';
  return ['unshare', ['-Urm', 'sh', '-c', script, 'sh', options, folder, ...args]];
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-disk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const [file, args] = command(['true'], tmpdir(), 'size=100k');
const missing =
  spawnSync(file, args).status === 0 ? false : 'this system lets nobody mount a file system';

for (const { what, options, code } of [
  { what: 'a full disk', options: 'size=700k', code: 'ENOSPC' },
  { what: 'a read-only disk', options: 'ro', code: 'EROFS' },
]) {
  test(`${what}: replies as ever, one warning`, { skip: missing }, async (t) => {
    const outcome = await run(newFolder(t), options);
    assert.deepEqual(outcome.replies, expected.replies);
    assert.equal(outcome.restarts, 0);
    assert.equal(outcome.warnings.length, 1);
    const reason = new RegExp(`context cache on disk: blocks cannot be written: ${code}`);
    assert.match(outcome.warnings[0]!, reason);
    assert.ok(
      outcome.files.every((name) => name.endsWith('.kv')),
      'nothing half-written stays',
    );
    if (code === 'EROFS') assert.deepEqual(outcome.files, []);
    else assert.ok(outcome.files.length > 0, 'what fitted before is kept');
  });
}

/** By place in the list of files, so that every kind is there. */
const DAMAGES: ((bytes: Buffer, random: () => number) => Buffer)[] = [
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    bytes[at]! ^= 1 << Math.floor(random() * 8);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  (bytes) => {
    bytes.writeUInt32LE(bytes.readUInt32LE(8) + 1, 8); // the format's version
    return bytes;
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes) => bytes.fill(0),
];

test('damaged blocks: replies as ever, one warning, and whole again afterwards', async (t) => {
  const folder = newFolder(t);
  assert.deepEqual(await run(folder), expected);
  const random = seededRandom(3);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.kv'))
    .toSorted();
  assert.ok(files.length >= 2 * DAMAGES.length);
  for (const [n, name] of files.entries()) {
    const path = join(folder, name);
    writeFileSync(path, DAMAGES[n % DAMAGES.length]!(readFileSync(path), random));
  }
  const damaged = await run(folder);
  assert.deepEqual(damaged.replies, expected.replies);
  assert.deepEqual(damaged.hitTokens, expected.hitTokens, 'no damaged block was a hit');
  assert.equal(damaged.warnings.length, 1);
  assert.match(damaged.warnings[0]!, /is not a valid block and is deleted/);
  const healed = await run(folder);
  assert.deepEqual(healed.replies, expected.replies);
  assert.deepEqual(healed.hitTokens.slice(0, 8), expected.hitTokens.slice(8), 'all hit at once');
  assert.deepEqual(healed.warnings, []);
});
