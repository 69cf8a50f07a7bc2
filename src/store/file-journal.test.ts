// The journal alone: what is acknowledged is read again, by whoever comes after.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { usageRecord } from '../../test/helpers/store-places.js';
import { FileJournal } from './file-journal.js';
import { frame, unframe } from './journal-frame.js';
import type { Journal } from './journal.js';
import { encodeUsage } from './usage-record.js';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-journal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(folder: string, maxBytes = 1e6) {
  const lines: string[] = [];
  const log = (level: string, message: string) => void lines.push(`${level} ${message}`);
  return FileJournal.open({ folder, maxBytes, log }).then((journal) => ({ journal, lines }));
}

const record = (requestId: string) => usageRecord({ requestId, accountId: 'a' });
const lineOf = (requestId: string) => frame(encodeUsage(record(requestId)));

async function readAll(journal: Journal): Promise<string[]> {
  const ids: string[] = [];
  for (let batch; (batch = await journal.read(3)) !== undefined;) {
    ids.push(...batch.records.map(({ requestId }) => requestId));
    await batch.done();
  }
  return ids;
}

test('records come back in order, and their segment goes when all are done', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder);
  await Promise.all(['1', '2', '3', '4'].map((id) => journal.append(record(id))));
  assert.equal(journal.depth, 4);
  const [first] = (await journal.read(1))!.records;
  assert.deepEqual(first, record('1'));
  assert.deepEqual(await readAll(journal), ['1', '2', '3', '4']);
  await journal.append(record('5'));
  assert.deepEqual(await readAll(journal), ['5']);
  assert.equal(journal.depth, 0);
  await journal.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('what was not done waits for the next process', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder);
  await journal.append(record('1'));
  await journal.close();
  const { journal: next, lines } = await open(folder);
  assert.equal(next.depth, 1);
  assert.deepEqual(lines, ['info taking over the journal of a process that ended']);
  const batch = await next.read(5);
  assert.equal(batch!.isOwn, false);
  assert.deepEqual(await readAll(next), ['1']);
  await next.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('the journal of a living process is left alone', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder);
  await journal.append(record('1'));
  const { journal: other } = await open(folder);
  assert.equal(await other.read(5), undefined);
  await other.close();
  assert.deepEqual(await readAll(journal), ['1']);
  await journal.close();
});

test('a torn tail is passed over, wherever it was torn', async (t) => {
  const folder = temporaryFolder(t);
  const last = lineOf('2');
  for (const cut of [1, 8, 12, 40, last.length - 1]) {
    const bytes = Buffer.concat([lineOf('1'), last.subarray(0, cut)]);
    writeFileSync(join(folder, '0123456789abcdef-00000001.journal'), bytes);
    const { journal, lines } = await open(folder);
    assert.deepEqual(await readAll(journal), ['1'], `cut at ${cut}`);
    assert.equal(lines.length, 1); // no complaint
    await journal.close();
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('damage in the middle is skipped and reported, and the file kept aside', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, '0123456789abcdef-00000001.journal');
  const damaged = lineOf('2');
  damaged[40]! ^= 1;
  const noise = Buffer.concat([Buffer.alloc(200_000, 'x'), Buffer.from('\n{}\n')]);
  writeFileSync(path, Buffer.concat([lineOf('1'), damaged, lineOf('3'), noise, lineOf('4')]));
  const { journal, lines } = await open(folder);
  assert.deepEqual(await readAll(journal), ['1', '3', '4']);
  assert.ok(lines.includes('error journal lines were damaged and skipped'));
  await journal.close();
  assert.deepEqual(readdirSync(folder), ['0123456789abcdef-00000001.damaged']);
});

test('a full journal refuses, and takes again when there is room', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder, 3 * lineOf('1').length);
  for (const id of ['1', '2', '3']) await journal.append(record(id));
  await assert.rejects(journal.append(record('4')), /the journal is full: \d+ of \d+ bytes wait/);
  assert.deepEqual(await readAll(journal), ['1', '2', '3']);
  await journal.append(record('5'));
  assert.equal(journal.depth, 1);
  await journal.close();
});

test('a folder that cannot be written is an error of that record only', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'not a folder');
  await assert.rejects(journal.append(record('1')), /the journal cannot be written/);
  assert.equal(journal.depth, 0);
  rmSync(folder);
  await assert.rejects(journal.append(record('1')), /the journal cannot be written/);
  await journal.close();
});

test('segments roll: a big journal does not stay one file', async (t) => {
  const folder = temporaryFolder(t);
  const { journal } = await open(folder, 1e8);
  const path = () => readdirSync(folder).filter((name) => name.endsWith('.journal'));
  const numRecords = 16_000; // more than 4 MiB
  for (let start = 0; start < numRecords; start += 4_000) {
    const ids = Array.from({ length: 4_000 }, (_, n) => String(start + n));
    await Promise.all(ids.map((id) => journal.append(record(id))));
  }
  const [first] = path();
  for (let batch; (batch = await journal.read(5_000)) !== undefined;) await batch.done();
  await journal.append(record('last'));
  assert.notDeepEqual(path(), [first]);
  assert.equal(path().length, 1);
  await journal.close();
});

test('a frame opens only unchanged', () => {
  const line = frame('{"a":"ü"}');
  const bare = line.subarray(0, -1);
  assert.equal(unframe(bare), '{"a":"ü"}');
  for (let index = 0; index < bare.length; index += 1) {
    const changed = Buffer.from(bare);
    changed[index]! ^= 0x10;
    assert.equal(unframe(changed), undefined, `byte ${index}`);
  }
  assert.equal(unframe(Buffer.alloc(0)), undefined);
});
