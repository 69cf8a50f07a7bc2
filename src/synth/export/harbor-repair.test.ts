// A repair as a Harbor folder, run here with plain Node: as it begins it earns nothing, with solve.sh it
// earns the reward; what cheats or breaks things earns nothing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { code } from '../families/code.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { Random } from '../random.js';
import type { Candidate } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import { systemPrompt } from '../task-prompt.js';
import { composeEnvironment } from '../world/compose.js';
import type { ExportItem } from './export-format.js';
import { fromHarborFolder, harborFolder, isHarborTask, type HarborFolder } from './harbor.js';

const root = mkdtempSync(join(tmpdir(), 'hadal-repair-'));
after(() => rmSync(root, { recursive: true }));
before(loadProgramRunner);

function someRepair(): { readonly loaded: LoadedEnvironment; readonly candidate: Candidate } {
  for (let seed = 0; ; seed++) {
    const env = composeEnvironment(seed);
    if (!code.applies(env)) continue;
    const loaded = loadEnvironment(env);
    const candidate = code.propose(loaded, new Random('harbor', seed), 'en', 1);
    if (candidate) return { loaded, candidate };
  }
}

function itemOf(loaded: LoadedEnvironment, candidate: Candidate): ExportItem {
  const { ir, verifier, solution, alternatives, size: _s, decoys: _d, ...shown } = candidate;
  const task = {
    ...shown,
    taskId: 'env#code-1',
    key: 'env.code-1',
    hash: 'abc',
    envId: loaded.env.id,
    envVersion: '1',
    split: 'train' as const,
    difficulty: { level: 2 } as never,
  };
  const secret = { taskId: task.taskId, hash: task.hash, ir, verifier, solution, alternatives };
  return { environment: loaded, task, secret: () => secret, index: 0, verifierUrl: '' };
}

/** The folder on disk, and the program where it is worked on. */
function laidOut({ files }: HarborFolder, name: string) {
  const folder = join(root, name);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const app = join(root, `${name}-app`);
  cpSync(join(folder, 'environment/app'), app, { recursive: true });
  const env = { ...process.env, APP_DIR: app, LOGS_DIR: join(root, `${name}-logs`) };
  const bash = (script: string) =>
    execFileSync('bash', [join(folder, script)], { env, stdio: 'pipe' });
  return {
    app,
    solve: () => bash('solution/solve.sh'),
    reward() {
      bash('tests/test.sh');
      return readFileSync(join(root, `${name}-logs/reward.txt`), 'utf8').trim();
    },
    runTests: () => execFileSync('node', ['run-tests.mjs'], { cwd: app, encoding: 'utf8' }),
  };
}

test('nothing done earns nothing, the solution earns the reward, cheats do not', () => {
  const { loaded, candidate } = someRepair();
  const item = itemOf(loaded, candidate);
  assert.ok(isHarborTask(item));
  const folder = harborFolder(item);
  assert.equal(folder.corpus, undefined);
  const { key, prompt } = fromHarborFolder(folder.files);
  assert.equal(key, item.task.key);
  assert.deepEqual(
    prompt.map(({ content }) => content),
    [systemPrompt(loaded.env), candidate.request],
  );
  const [check] = candidate.verifier.programs!;
  const work = laidOut(folder, 'repair');
  assert.equal(work.reward(), '0');
  assert.match(work.runTests(), /passed|FAILED/);
  work.solve();
  assert.doesNotMatch(work.runTests(), /FAILED/);
  assert.equal(work.reward(), '1');

  const entry = join(work.app, check!.folder, check!.entry);
  const right = readFileSync(entry, 'utf8');
  const attempts: Readonly<Record<string, string>> = {
    'a syntax error': `${right}}`,
    'an error': 'export default () => { throw new Error("no"); };',
    'nothing at all': '',
    'a look at the answers':
      `import { readFileSync } from 'node:fs';\nconst { tests } = JSON.parse(readFileSync(${JSON.stringify(join(root, 'repair/tests/hidden.json'))}, 'utf8'));\n` +
      'export default (...args) => tests.find((one) => JSON.stringify(one.args) === JSON.stringify(args)).result;',
  };
  for (const [what, source] of Object.entries(attempts)) {
    writeFileSync(entry, source);
    assert.equal(work.reward(), '0', what);
  }
  writeFileSync(entry, right);
  assert.equal(work.reward(), '1');
  writeFileSync(join(work.app, 'tests.json'), '{"tests":[]}');
  assert.equal(work.reward(), '0', 'the tests were changed');
});
