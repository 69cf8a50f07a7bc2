// A corpus written and read back: every task by key, damage and mismatches named, a build that goes on.

import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fixtureEnvironment, writeFixtureCorpus } from '../../test/helpers/synth-corpus.js';
import { linesOf } from './corpus-lines.js';
import { checkCorpus, CorpusWriter } from './corpus-writer.js';
import { CorpusError, environmentFolder, openCorpus } from './corpus.js';

test('everything comes back as it was written', () => {
  const { folder, pairs } = writeFixtureCorpus({ numTasks: 50, numEnvironments: 3 });
  const corpus = openCorpus(folder);
  assert.deepEqual(
    corpus.environmentIds,
    [1, 2, 3].map((i) => fixtureEnvironment(i).id),
  );
  assert.equal(corpus.numTasks, 50);
  assert.deepEqual(
    [...corpus.taskKeys()],
    pairs.map(({ task }) => task.key),
  );
  for (const pair of pairs) {
    assert.deepEqual(corpus.task(pair.task.key), pair.task);
    assert.deepEqual(corpus.privateTask(pair.task.key), pair.private);
  }
  assert.deepEqual(corpus.environment(fixtureEnvironment(2).id), fixtureEnvironment(2));
  for (const key of ['nothing', '__proto__', 'constructor', '']) {
    assert.equal(corpus.task(key), undefined);
    assert.equal(corpus.privateTask(key), undefined);
    assert.equal(corpus.environment(key), undefined);
  }
  rmSync(folder, { recursive: true });
});

test('the manifest counts, and notices a changed byte', () => {
  const { folder } = writeFixtureCorpus({ numTasks: 9, numEnvironments: 2 });
  const manifest = checkCorpus(folder);
  assert.equal(manifest.environments, 2);
  assert.equal(manifest.tasks, 9);
  appendFileSync(join(folder, 'tasks/0001.private.jsonl'), ' ');
  assert.throws(() => checkCorpus(folder), CorpusError);
  rmSync(folder, { recursive: true });
});

test('the hash of a corpus is of its content, however it was built', () => {
  const [one, two] = [writeFixtureCorpus(), writeFixtureCorpus()];
  const adopted = new CorpusWriter(two.folder);
  const { files } = checkCorpus(two.folder);
  for (const file of files.toReversed()) adopted.adopt(file);
  const [file] = files;
  assert.throws(() => adopted.adopt({ ...file!, path: 'tasks/0009.jsonl' }), /missing/);
  assert.throws(() => adopted.adopt({ ...file!, bytes: 1 }), CorpusError);
  const { corpus_hash: hash } = adopted.finish({ workers: 4 });
  assert.equal(hash, checkCorpus(one.folder).corpus_hash);
  for (const { folder } of [one, two]) rmSync(folder, { recursive: true });
});

test('damage is named: a private line of another task, a line without key, a key twice, no corpus', () => {
  const { folder, pairs } = writeFixtureCorpus();
  const path = join(folder, 'tasks/0000.private.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [lines[1], lines[0], ...lines.slice(2)].join('\n'));
  const { key } = pairs[0]!.task;
  assert.throws(() => openCorpus(folder).privateTask(key), /0000\.private\.jsonl: line 1 is not/);
  rmSync(path);
  assert.throws(() => openCorpus(folder).privateTask(key), /cannot read .*0000\.private/);
  const shard = join(folder, 'tasks/0000.jsonl');
  const text = readFileSync(shard, 'utf8');
  writeFileSync(shard, `${text}${text.split('\n')[0]}\n`);
  assert.throws(() => openCorpus(folder), /is there twice/);
  writeFileSync(shard, '{"other":1}\n');
  assert.throws(() => openCorpus(folder), /line 1 does not begin with a key/);
  rmSync(folder, { recursive: true });
  assert.throws(() => openCorpus(folder), /is no corpus/);
});

test('ids of environments are paths below the corpus only', () => {
  for (const id of ['..', 'a/../b', '/etc', 'a//b', '', 'a\\b', '.hidden', 'a\0']) {
    assert.throws(() => environmentFolder(id), CorpusError, id);
  }
});

test('lines are found wherever pieces end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-lines-'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'x.jsonl');
  const lines = [1, 262_143, 262_144, 5, 0, 700_000, 1, 511, 513].map((length, i) =>
    String(i).repeat(length),
  );
  for (const end of ['\n', '']) {
    writeFileSync(path, lines.join('\n') + end);
    const bytes = readFileSync(path, 'utf8');
    const found = [...linesOf(path)];
    assert.deepEqual(
      found.map(({ start, length }) => bytes.slice(start, start + length)),
      lines.filter((line) => line !== ''),
    );
    for (const { head, length } of found) assert.equal(head!.length, Math.min(length, 512));
  }
  rmSync(folder, { recursive: true });
});
