// Source files of small programs with their tests, and issues that people have raised about them. What
// the programs are is in programs/library.ts; here they become rows with the names of the environment.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { LIBRARY, makeProgram } from '../../programs/library.js';
import { ENTRY, type Words } from '../../programs/program.js';
import { visibleCases } from '../../programs/sample-cases.js';
import { choice, date, flag, int, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { argument, constant, eq, field, rowOf } from '../exprs.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { children, count, find, get, keyParam, searchText } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';
import { remove, transition, update } from '../write-makers.js';

const PRIORITIES = ['low', 'normal', 'high', 'urgent'];
const STATES = ['open', 'waiting', 'solved', 'closed'];

export const workspace: DomainModule = {
  id: 'workspace',
  offers: {},
  needs: ['person'],
  axes: {
    issues: ['none', 'issues', 'issues'],
    tests: ['filtered', 'of-file'],
    search: ['none', 'search'],
    removal: ['none', 'removal'],
    owner: ['none', 'ref'],
    frozen: ['none', 'frozen'],
    origin: ['none', 'regression'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('workspace', context);
  const { random } = kit;
  const people =
    kit.is('issues', 'issues') || kit.is('owner', 'ref') ? partner(kit, 'person', 40) : undefined;
  const owners = kit.is('owner', 'ref') ? people : undefined;
  const files = kit.table('source_file', [
    text('path', { unique: true }),
    text('source_code'),
    ...when(kit.is('frozen', 'frozen'), flag('frozen')),
    ...(owners ? [ref('owner', owners)] : []),
  ]);
  const tests = kit.table('test_case', [
    text('test_name', { unique: true }),
    ref('source_file', files),
    text('test_arguments'),
    text('test_result'),
  ]);
  const words = wordsOf(context);
  const chosen = random.sample(LIBRARY, random.int(4, 6));
  const programs = chosen.map(({ id }, i) => {
    const seed = random.uint32();
    const folder = `${kebab(words.thing)}-${id}/`;
    const draft = makeProgram({ id, seed }, words);
    const owner = owners ? random.pick(owners.keys()) : null;
    for (const [name, source] of Object.entries(draft.files)) {
      const row = kit.add(files, {
        path: folder + name,
        source_code: source,
        frozen: i === 0,
        owner,
      });
      if (name !== ENTRY) continue;
      visibleCases({ id, seed }, draft).forEach(({ args, result }, nth) =>
        kit.add(tests, {
          test_name: `${folder.slice(0, -1)} ${nth + 1}`,
          source_file: files.key(row),
          test_arguments: JSON.stringify(args),
          test_result: JSON.stringify(result),
        }),
      );
    }
    return { id, folder, seed };
  });
  const param = keyParam(files);
  const findTool = find(kit, files, ['path~', 'owner'], { sort: 'path', omit: ['source_code'] });
  get(kit, files, { omit: ['source_code'], extra: true });
  const column = files.col('source_code');
  const readTool = kit.tool('read', [files.name], {
    archetype: 'read-lines',
    table: files.name,
    param,
    column,
    linesPerPage: random.int(6, 9),
  });
  const replaceTool = kit.tool('replace', [files.name, 'text'], {
    archetype: 'replace-text',
    table: files.name,
    param,
    column,
    oldParam: 'old_text',
    newParam: 'new_text',
  });
  const testTool = kit.tool('run', [tests.name], {
    archetype: 'run-tests',
    table: files.name,
    param,
    path: files.col('path'),
    source: column,
    testTable: tests.name,
    file: tests.col('source_file'),
    name: tests.col('test_name'),
    args: tests.col('test_arguments'),
    result: tests.col('test_result'),
  });
  if (kit.is('search', 'search')) {
    searchText(kit, files, ['path', 'source_code'], ['path'], { extra: true });
  }
  if (kit.is('tests', 'of-file')) children(kit, tests, 'source_file', { sort: 'test_name' });
  else find(kit, tests, ['source_file', 'test_name~'], { sort: 'test_name' });
  get(kit, tests, { extra: true });
  if (kit.is('removal', 'removal')) remove(kit, tests);
  if (files.has('frozen')) {
    const row = rowOf(files.name, argument(param));
    kit.rule({
      code: 'frozen_file',
      tools: [replaceTool],
      allows: eq(field(row, files.col('frozen')), constant(false)),
      text: {
        en: 'Source files that are frozen must not be changed.',
        zh: '已冻结的源文件不得修改。',
      },
    });
  }
  kit.affords({
    kind: 'programs',
    fileTable: files.name,
    path: files.col('path'),
    source: column,
    testTable: tests.name,
    file: tests.col('source_file'),
    name: tests.col('test_name'),
    args: tests.col('test_arguments'),
    result: tests.col('test_result'),
    findTool,
    readTool,
    replaceTool,
    testTool,
    frozen: files.has('frozen') ? files.col('frozen') : null,
    programs,
    words,
  });
  if (kit.is('issues', 'issues')) addIssues(kit, people!);
  return kit.finish();
}

function addIssues(kit: Kit, people: TableHandle): void {
  const { random } = kit;
  const table = kit.table('issue', [
    text('title', { unique: true }),
    choice('priority', PRIORITIES),
    choice('status', STATES),
    int('estimate'),
    date('opened'),
    ref('requester', people),
    ...when(kit.is('origin', 'regression'), flag('regression')),
  ]);
  for (let i = random.int(60, 90); i > 0; i--) {
    kit.add(table, {
      title: kit.name('title'),
      priority: random.pick(PRIORITIES),
      status: random.pick(STATES),
      estimate: random.int(1, 40),
      opened: dateAt(kit.clock, -random.int(1, 200)),
      requester: random.pick(people.keys()),
      regression: random.chance(30),
    });
  }
  find(kit, table, ['status', 'priority', 'requester', 'opened>=', 'estimate>='], {
    sort: 'opened',
    hide: ['estimate'],
  });
  get(kit, table);
  children(kit, table, 'requester', { extra: true, sort: 'opened' });
  count(kit, table, ['status', 'priority']);
  const solve = transition(kit, 'solve', table, ['open', 'waiting'], 'solved');
  const close = transition(kit, 'close', table, ['solved'], 'closed');
  kit.affords({
    kind: 'workflow',
    table: table.name,
    column: table.col('status'),
    moves: [
      { from: ['open', 'waiting'], to: 'solved', tool: solve },
      { from: ['solved'], to: 'closed', tool: close },
    ],
  });
  const tool = update(kit, table, ['priority', 'estimate']);
  const columns = table.cols('priority', 'estimate');
  kit.affords({ kind: 'editable', table: table.name, tool, columns });
  kit.affords({
    kind: 'measure',
    table: table.name,
    measure: table.col('estimate'),
    filters: table.cols('priority', 'status', 'requester', 'regression'),
    time: table.col('opened'),
  });
  kit.rule({
    code: 'urgent_estimate',
    tools: [solve],
    allows: {
      op: 'or',
      of: [
        { op: '!=', left: field(issueOf(table), table.col('priority')), right: constant('urgent') },
        { op: '<=', left: field(issueOf(table), table.col('estimate')), right: constant(20) },
      ],
    },
    text: {
      en: 'Urgent issues planned with more than 20 hours may not be marked as solved.',
      zh: '预计工时超过20小时的紧急问题单不得标为已解决。',
    },
  });
}

const issueOf = (table: TableHandle) => rowOf(table.name, argument(keyParam(table)));

const parts = (word: string): string[] => word.split(/[_ ]/);
const kebab = (word: string): string =>
  word.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (word: string): string =>
  parts(word)
    .map((part, i) => (i === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('');

function wordsOf({ theme }: ModuleContext): Words {
  const word = (meaning: keyof Words): string => camel(theme.words[meaning]?.en ?? meaning);
  return { thing: word('thing'), person: word('person'), place: word('place') };
}
