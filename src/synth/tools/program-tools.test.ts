// Tools over sources: lines in pages, replacements that are unambiguous, tests that run on what is there.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import type { Affordance, Json } from '../world-types.js';
import { composeEnvironment } from '../world/compose.js';
import { callTool } from './call-tool.js';
import { Session } from './session.js';

before(loadProgramRunner);

type Programs = Extract<Affordance, { kind: 'programs' }>;

function workspace() {
  for (let seed = 0; ; seed++) {
    const env = composeEnvironment(seed);
    const programs = env.affordances.find((one): one is Programs => one.kind === 'programs');
    if (!programs || programs.frozen !== null) continue;
    const loaded = loadEnvironment(env);
    const session = new Session(loaded);
    const { key } = session.db.spec(programs.fileTable);
    const row = session.db
      .rows(programs.fileTable)
      .find((one) => String(one[programs.path]).endsWith('/index.js'))!;
    const id = String(row[key]);
    const param = `${programs.fileTable}_id`;
    const call = (tool: string, args: Record<string, Json> = {}) =>
      callTool(session, tool, { [param]: id, ...args });
    const source = () => String(session.db.get(programs.fileTable, id)![programs.source]);
    return { programs, call, source };
  }
}

test('the pages of a file are the file', () => {
  const { programs, call, source } = workspace();
  const shown: string[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const result = call(programs.readTool, { page });
    assert.ok(result.ok);
    const value = result.value as { text: string; pages: number; first_line: number };
    assert.equal(value.first_line, shown.join('\n').split('\n').length + (page > 1 ? 1 : 0));
    ({ pages } = value);
    shown.push(value.text);
  }
  assert.equal(shown.join('\n'), source());
  const beyond = call(programs.readTool, { page: 99 });
  assert.equal(beyond.ok ? '' : beyond.code, 'no_such_page');
});

test('a text is replaced where it occurs once, and only there', () => {
  const { programs, call, source } = workspace();
  const before = source();
  const codeOf = (old: string, text: string): string => {
    const result = call(programs.replaceTool, { old_text: old, new_text: text });
    return result.ok ? 'ok' : result.code;
  };
  assert.equal(codeOf('no such text', 'x'), 'text_not_found');
  assert.equal(codeOf('', 'x'), 'text_not_found');
  assert.equal(codeOf('e', 'x'), 'text_not_unique');
  assert.equal(codeOf('export default', 'export default'), 'nothing_to_change');
  assert.equal(source(), before);
  // What looks like a pattern of String.replace is text.
  assert.equal(codeOf('export default', "/* $& $1 $' */ export default"), 'ok');
  assert.equal(
    source(),
    before.replace('export default', () => "/* $& $1 $' */ export default"),
  );
  assert.equal(codeOf("/* $& $1 $' */ ", 'y'.repeat(3999)), 'ok');
  for (let i = 0; i < 4; i++) codeOf('yexport', `${'y'.repeat(3900)}export`);
  assert.equal(codeOf('yexport', `${'y'.repeat(3900)}export`), 'too_long');
});

test('tests run on the files as they are, and say what came out', () => {
  const { programs, call } = workspace();
  const run = () => {
    const result = call(programs.testTool);
    assert.ok(result.ok);
    return result.value as unknown as {
      passed: number;
      failed: number;
      tests: { name: string; passed: boolean; message?: string }[];
    };
  };
  const first = run();
  assert.ok(first.passed >= 3);
  assert.equal(first.failed, 0);
  assert.ok(first.tests.every(({ message }) => message === undefined));
  const put = (old: string, text: string): void => {
    assert.ok(call(programs.replaceTool, { old_text: old, new_text: text }).ok);
  };
  put('export default function', 'export default () => { for (;;) {} };\nfunction');
  const endless = run();
  assert.equal(endless.passed, 0);
  assert.match(endless.tests[0]!.message!, /^expected .*steps/);
  put('for (;;) {}', 'throw new Error("later")');
  assert.match(run().tests[0]!.message!, /it threw: later|it threw: Error/);
  put('export default () =>', 'export default ( =>');
  assert.match(run().tests[0]!.message!, /syntax/);
});
