// The package for Python trainers: compiles, and with stand-ins for the trainer's library its loader carries
// out reference solutions in a studio and gets the studio's verdict. Where there is no python3, only its
// files are looked at.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { promisify } from 'node:util';
import { MARKER } from '../../../test/helpers/synth-corpus.js';
import { startStudio } from '../../../test/helpers/synth-studio.js';
import { openCorpus } from '../corpus.js';
import { packageName } from './env-package.js';
import { exportCorpus } from './export-corpus.js';

const root = mkdtempSync(join(tmpdir(), 'hadal-env-package-'));
after(() => rmSync(root, { recursive: true }));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const skip = hasPython ? false : 'there is no python3';

/** What of the library the loader uses. */
const VERIFIERS = `
class MultiTurnEnv:
    def __init__(self, dataset, rubric, max_turns):
        self.dataset, self.rubric, self.max_turns = dataset, rubric, max_turns
    async def setup_state(self, state, **kwargs):
        return state
class Rubric:
    def __init__(self, funcs, weights):
        self.funcs, self.objects = funcs, {}
    def add_class_object(self, name, value):
        self.objects[name] = value
def stop(function):
    return function
`;
const DATASETS = `
class Dataset(list):
    @classmethod
    def from_list(cls, rows):
        return cls(rows)
`;
/** Plays calls that it reads from standard input, as {key: [[tool, arguments] or text, ...]}. */
const PLAY = `
import asyncio, json, sys, my_env_1
async def main():
    env = my_env_1.load_environment()
    plays = json.load(sys.stdin)
    for row in env.dataset:
        info = json.loads(row["info"])
        state = {"info": row["info"], "completion": []}
        state = await env.setup_state(state)
        assert len(state["tool_defs"]) > 20 and "name" in state["tool_defs"][0]
        for i, play in enumerate(plays[info["task_key"]]):
            message = {"role": "assistant", "content": play if isinstance(play, str) else None}
            if not isinstance(play, str):
                function = {"name": play[0], "arguments": json.dumps(play[1])}
                message["tool_calls"] = [{"id": f"c{i}", "type": "function", "function": function}]
            state["completion"].append(message)
            if "final_env_response" in state or await env.has_answered(state):
                break
            state["completion"] += await env.env_response(state["completion"], state)
        reward = await env.rubric.funcs[0](completion=state["completion"], state=state, **env.rubric.objects)
        print(info["task_key"], reward)
asyncio.run(main())
`;

test('the package compiles, and runs tasks in a studio', { skip }, async (t) => {
  const studio = await startStudio(t);
  const store = openCorpus(studio.folder);
  const out = join(root, 'My env-1');
  const report = await exportCorpus({ store, format: 'env-package', out, verifierUrl: studio.url });
  assert.deepEqual(report, { tasks: 8, skipped: 0 });
  const init = join(out, 'my_env_1', '__init__.py');
  execFileSync('python3', ['-m', 'py_compile', init]);
  const parse = 'import sys,tomllib; tomllib.load(open(sys.argv[1],"rb"))';
  const toml = spawnSync('python3', ['-c', parse, join(out, 'pyproject.toml')], {
    encoding: 'utf8',
  });
  assert.ok(toml.status === 0 || toml.stderr.includes('ModuleNotFoundError'), toml.stderr);
  for (const [name, text] of [
    ['verifiers', VERIFIERS],
    ['datasets', DATASETS],
  ] as const) {
    mkdirSync(join(root, 'stubs', name), { recursive: true });
    writeFileSync(join(root, 'stubs', name, '__init__.py'), text);
  }
  const plays = Object.fromEntries(
    studio.pairs.map(({ task, private: { solution } }) => {
      const first = Object.values(solution.steps[0]!.arguments)[0] as { literal: string };
      const steps = solution.steps.map(({ tool, arguments: args }) => {
        const values = Object.entries(args).map(([name, value]) => [
          name,
          'literal' in value ? value.literal : 'derived' in value ? value.derived : first.literal,
        ]);
        return tool === 'switch_router'
          ? `Please use switch_router on ${first.literal}.`
          : [tool, Object.fromEntries(values)];
      });
      return [task.key, [...steps, solution.message ?? 'Done.']];
    }),
  );
  const env = {
    ...process.env,
    PYTHONPATH: [out, join(root, 'stubs')].join(':'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const playing = promisify(execFile)('python3', ['-c', PLAY], { env });
  playing.child.stdin!.end(JSON.stringify(plays));
  const { stdout } = await playing;
  assert.deepEqual(
    stdout.trimEnd().split('\n').toSorted(),
    studio.pairs.map(({ task }) => `${task.key} 1.0`).toSorted(),
  );
  assert.equal(studio.rollouts.size, 0);
  const tasks = readFileSync(join(out, 'my_env_1', 'tasks.jsonl'), 'utf8');
  assert.ok(!tasks.includes(MARKER));
});

test('names of packages', () => {
  assert.equal(packageName('My env-1'), 'my_env_1');
  assert.equal(packageName('2026'), 'env_2026');
});
