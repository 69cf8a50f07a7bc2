// Harbor folders of repairs: the damaged program lies in the container with its tests and plain Node runs
// it. solve.sh writes the right sources; test.sh calls the program with arguments that only tests/ holds.
// The program runs in a process of its own that may read nothing but the program (Node's permission
// model), so it cannot look the answers up. Source: agents reference §2.1.

import { createHash } from 'node:crypto';
import { Database } from '../database.js';
import { filesOf } from '../programs/program-files.js';
import { replay } from '../replay.js';
import type { ProgramCheck } from '../task-types.js';
import { Session } from '../tools/session.js';
import type { Affordance } from '../world-types.js';
import { ImportError, type ExportItem } from './export-format.js';

export interface RepairFolder {
  /** Text by path below the folder, but for task.toml. */
  readonly files: ReadonlyMap<string, string>;
  /** What instruction.md says about the result. */
  readonly result: string;
}

/** @throws ImportError for a solution that does not come off */
export function repairFolder({ environment, task, secret }: ExportItem): RepairFolder {
  const { verifier, solution } = secret();
  const check = verifier.programs![0]!;
  const session = new Session(environment, task.patch);
  const { problems } = replay(solution, session);
  if (problems[0] !== undefined) throw new ImportError(`${task.key}: ${problems[0]}`);
  const start = new Database(environment.base);
  start.apply(task.patch);
  const damaged = filesOf(start, check, check.folder);
  const right = filesOf(session.db, check, check.folder);
  const changed = Object.keys(right).filter((name) => right[name] !== damaged[name]);
  const visible = `${JSON.stringify({ ...where(check), tests: visibleTests(start, environment.env.affordances, check) }, null, 2)}\n`;
  const kept = { 'tests.json': visible, 'run-tests.mjs': RUN_TESTS, 'call.mjs': CALL };
  const app = Object.entries({
    'package.json': `${JSON.stringify({ private: true, type: 'module' })}\n`,
    ...kept,
    ...Object.fromEntries(
      Object.entries(damaged).map(([name, text]) => [check.folder + name, text]),
    ),
  });
  const unchanged = Object.fromEntries(
    Object.entries(kept).map(([name, text]) => [name, sha256(text)]),
  );
  const hidden = { ...where(check), unchanged, tests: check.cases };
  const files = new Map([
    ...app.map(([path, text]) => [`environment/app/${path}`, text] as const),
    ['environment/Dockerfile', 'FROM node:20-slim\nCOPY app/ /app/\nWORKDIR /app\n'],
    [
      'solution/solve.sh',
      solve(
        check.folder,
        changed.map((name) => [name, right[name]!] as const),
      ),
    ],
    ['tests/hidden.json', `${JSON.stringify(hidden)}\n`],
    ['tests/call.mjs', CALL],
    ['tests/check.mjs', CHECK],
    ['tests/test.sh', TEST],
  ]);
  const result =
    `The program is in /app/${check.folder} and is called through the default export of ` +
    `${check.entry}. \`node run-tests.mjs\` in /app runs the tests of tests.json. Change the sources in ` +
    'place; other files stay as they are.';
  return { files, result };
}

const where = ({ folder, entry }: ProgramCheck) => ({ folder, entry });

function visibleTests(db: Database, affordances: readonly Affordance[], check: ProgramCheck) {
  const programs = affordances.find(
    (one): one is Extract<Affordance, { kind: 'programs' }> =>
      one.kind === 'programs' && one.fileTable === check.table,
  );
  if (!programs) return [];
  const { key } = db.spec(check.table);
  const entry = db
    .rows(check.table)
    .find((row) => row[check.path] === check.folder + check.entry)?.[key];
  return db
    .rows(programs.testTable)
    .filter((row) => row[programs.file] === entry)
    .map((row) => ({
      name: row[programs.name],
      args: JSON.parse(String(row[programs.args])) as unknown,
      result: JSON.parse(String(row[programs.result])) as unknown,
    }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function solve(folder: string, files: readonly (readonly [name: string, text: string])[]): string {
  // base64, so that no text of a task is ever shell.
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  return [
    '#!/bin/bash',
    'set -eu',
    'cd "${APP_DIR:-/app}"',
    ...files.map(
      ([name, text]) =>
        `printf %s '${encoded(text)}' | base64 -d > "$(printf %s '${encoded(folder + name)}' | base64 -d)"`,
    ),
    '',
  ].join('\n');
}

/** Reads calls from standard input, writes what the program gives; one case cannot stop another. */
const CALL = `// node call.mjs PROGRAM: a list of argument lists comes in, a list of results goes out.
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const calls = JSON.parse(readFileSync(0, 'utf8'));
const write = (text) => writeSync(1, text);
const spell = JSON.stringify;
const { default: run } = await import(pathToFileURL(process.argv[2]).href);
const results = calls.map((args) => {
  try {
    const text = spell(run(...args));
    return text === undefined ? null : [text];
  } catch (error) {
    return String(error);
  }
});
write(spell(results));
`;

const RUN_TESTS = `// Runs the tests of tests.json on the program as it is now.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { folder, entry, tests } = JSON.parse(readFileSync('tests.json', 'utf8'));
const calls = JSON.stringify(tests.map(({ args }) => args));
const run = spawnSync(process.execPath, ['call.mjs', folder + entry], { input: calls, timeout: 20000 });
if (run.status !== 0) {
  console.log(String(run.stderr));
  process.exit(1);
}
const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;
const results = JSON.parse(String(run.stdout));
tests.forEach(({ name, args, result }, i) => {
  const got = Array.isArray(results[i]) ? JSON.stringify(sorted(JSON.parse(results[i][0]))) : results[i];
  const wanted = JSON.stringify(sorted(result));
  if (got === wanted) console.log('passed ' + name);
  else console.log('FAILED ' + name + '\\n  called with ' + JSON.stringify(args) + '\\n  expected ' + wanted + '\\n  got ' + got);
});
`;

const CHECK = `// node check.mjs APP: exits with 0 if the program in APP gives every hidden result.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const [app, here] = [realpathSync(process.argv[2]), realpathSync(import.meta.dirname)];
const { folder, entry, unchanged, tests } = JSON.parse(readFileSync(join(here, 'hidden.json'), 'utf8'));
for (const [name, hash] of Object.entries(unchanged)) {
  const found = createHash('sha256').update(readFileSync(join(app, name))).digest('hex');
  if (found !== hash) process.exit(1);
}
const program = join(app, folder);
const allowed = [program, join(app, 'package.json'), join(here, 'call.mjs')];
const run = spawnSync(
  process.execPath,
  [
    '--experimental-permission',
    ...allowed.map((path) => '--allow-fs-read=' + path),
    join(here, 'call.mjs'),
    join(program, entry),
  ],
  { input: JSON.stringify(tests.map(({ args }) => args)), timeout: 20000, cwd: app },
);
if (run.status !== 0) process.exit(1);
const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;
const spelled = (value) => JSON.stringify(sorted(value));
const results = JSON.parse(String(run.stdout));
const isRight = tests.every(
  ({ result }, i) => Array.isArray(results[i]) && spelled(JSON.parse(results[i][0])) === spelled(result),
);
process.exit(isRight ? 0 : 1);
`;

/** APP_DIR and LOGS_DIR are for running it outside of a container. */
const TEST = `#!/bin/bash
set -u
here="$(cd "$(dirname "$0")" && pwd)"
logs="\${LOGS_DIR:-/logs/verifier}"
mkdir -p "$logs"
echo 0 > "$logs/reward.txt"
node "$here/check.mjs" "\${APP_DIR:-/app}" && echo 1 > "$logs/reward.txt"
exit 0
`;
