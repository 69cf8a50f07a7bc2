// Harbor folders for code tasks: instruction.md, task.toml, environment/, solution/solve.sh,
// tests/test.sh. The agent leaves its result in /app/result.json; after it has ended, Harbor uploads
// tests/, which hold the task's private part as a corpus of one, and `hadal synth reverify` gives the
// verdict. That is for tasks whose result is a submission; repairs of programs are in harbor-repair.ts.
// Source: agents reference §2.1.

import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-root.js';
import type { TaskPair } from '../corpus-writer.js';
import { systemPrompt } from '../task-prompt.js';
import { ImportError, type ExportItem, type ImportedTask } from './export-format.js';
import { repairFolder } from './harbor-repair.js';

const RESULT = '/app/result.json';
const SHARD = 'task';

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
  version: string;
};

/** Whether the task can be a folder of its own: code, judged by what is handed in or by one program. */
export function isHarborTask({ task, secret }: ExportItem): boolean {
  if (task.family !== 'code') return false;
  const { solution, verifier } = secret();
  return solution.submission !== undefined || verifier.programs?.length === 1;
}

export interface HarborFolder {
  /** Unique and safe as a name. */
  readonly name: string;
  /** Text by path below the folder. */
  readonly files: ReadonlyMap<string, string>;
  /** What tests/corpus holds, for a CorpusWriter; absent where the tests need no studio. */
  readonly corpus?: TaskPair;
}

/** @throws ImportError for a solution that does not come off */
export function harborFolder(item: ExportItem): HarborFolder {
  const { task, secret, environment } = item;
  const { env } = environment;
  const privateTask = secret();
  const name = task.key.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const settings = settingsOf(item);
  if (privateTask.verifier.programs) {
    const { files, result } = repairFolder(item);
    const text = instruction(systemPrompt(env), task.request, result);
    return { name, files: new Map([['instruction.md', text], ['task.toml', settings], ...files]) };
  }
  const result = `Write ${RESULT}, a JSON file${formOf(task.submissionSchema)}`;
  const files = new Map([
    ['instruction.md', instruction(systemPrompt(env), task.request, result)],
    ['task.toml', settings],
    [
      'environment/Dockerfile',
      `FROM node:20-slim\nRUN npm install --global hadal@${version}\nWORKDIR /app\n`,
    ],
    ['solution/solve.sh', solve(JSON.stringify(privateTask.solution.submission))],
    ['tests/test.sh', check(task.key)],
  ]);
  return { name, files, corpus: { task, private: privateTask } };
}

function settingsOf({ task, environment: { env } }: ExportItem): string {
  return [
    'version = "1.0"',
    '',
    '[metadata]',
    'author_name = "hadal"',
    `category = ${toml(task.family)}`,
    `difficulty = ${toml(`level ${task.difficulty.level}`)}`,
    `task_key = ${toml(task.key)}`,
    `task_hash = ${toml(task.hash)}`,
    `env_id = ${toml(env.id)}`,
    '',
    '[verifier]',
    'timeout_sec = 120.0',
    '',
    '[agent]',
    `timeout_sec = ${(env.limits.wallMs / 1000).toFixed(1)}`,
    '',
    '[environment]',
    'build_timeout_sec = 600.0',
    'cpus = 1',
    '',
  ].join('\n');
}

/** Reads the texts of a folder back. @throws ImportError */
export function fromHarborFolder(files: ReadonlyMap<string, string>): ImportedTask {
  for (const path of ['environment/Dockerfile', 'solution/solve.sh', 'tests/test.sh']) {
    if (!files.has(path)) throw new ImportError(`the folder has no ${path}`);
  }
  const settings = files.get('task.toml') ?? '';
  const [, system, request] =
    /^([\s\S]*?)\n\n# Request\n\n([\s\S]*?)\n\n# Result\n/.exec(
      files.get('instruction.md') ?? '',
    ) ?? [];
  if (system === undefined || request === undefined) {
    throw new ImportError('instruction.md has no request and result');
  }
  return {
    key: tomlText(settings, 'task_key'),
    hash: tomlText(settings, 'task_hash'),
    prompt: [
      { role: 'system', content: system },
      { role: 'user', content: request },
    ],
  };
}

export const HARBOR_SHARD = SHARD;

function instruction(system: string, request: string, result: string): string {
  return `${system}\n\n# Request\n\n${request}\n\n# Result\n\n${result}\n`;
}

function formOf(schema: unknown): string {
  return schema === undefined ? '' : ` of this form:\n\n${JSON.stringify(schema, null, 2)}`;
}

function solve(submission: string): string {
  // base64, so that no text of a task is ever shell.
  const encoded = Buffer.from(submission).toString('base64');
  return `#!/bin/bash\nset -eu\nprintf %s '${encoded}' | base64 -d > ${RESULT}\n`;
}

function check(key: string): string {
  const encoded = Buffer.from(key).toString('base64');
  const script = [
    "const fs = require('node:fs');",
    'let submission = null;',
    `try { submission = JSON.parse(fs.readFileSync('${RESULT}', 'utf8')); } catch {}`,
    `const task_key = Buffer.from('${encoded}', 'base64').toString();`,
    'process.stdout.write(JSON.stringify({ task_key, calls: [], submission }));',
  ].join(' ');
  return [
    '#!/bin/bash',
    'set -u',
    'mkdir -p /logs/verifier',
    'echo 0 > /logs/verifier/reward.txt',
    `node -e "${script}" > /tmp/rollout.jsonl || exit 0`,
    'hadal synth reverify /tests/corpus /tmp/rollout.jsonl > /tmp/verdict.jsonl || exit 0',
    `grep -q '"reward":1' /tmp/verdict.jsonl && echo 1 > /logs/verifier/reward.txt`,
    'exit 0',
    '',
  ].join('\n');
}

/** A basic string of TOML is one of JSON. */
function toml(text: string): string {
  return JSON.stringify(text);
}

function tomlText(settings: string, name: string): string {
  const [, text] = new RegExp(`^${name} = (".*")$`, 'm').exec(settings) ?? [];
  if (text === undefined) throw new ImportError(`task.toml has no ${name}`);
  return JSON.parse(text) as string;
}
