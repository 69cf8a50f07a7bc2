// A store of documents with numbered clauses, in versions, that are drafted, published and withdrawn.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, ref, when, int } from '../columns.js';
import { argument, field, isIn, rowOf } from '../exprs.js';
import { Kit } from '../kit.js';
import { clauses } from '../parts/clauses.js';
import { partner } from '../parts/partners.js';
import { children, count, find, keyParam } from '../read-makers.js';
import { transition, update } from '../write-makers.js';

const SUBJECTS = ['safety', 'travel', 'privacy', 'storage', 'training'];
const TOPICS = [
  'visitors',
  'hours',
  'weight',
  'distance',
  'copies',
  'days_off',
  'noise',
  'deposits',
];

export const documents: DomainModule = {
  id: 'documents',
  offers: { document: 'document' },
  needs: ['person'],
  axes: {
    body: ['inline', 'subjects'],
    numbering: ['none', 'number'],
    author: ['none', 'ref'],
    draft: ['none', 'draft'],
    pages: ['none', 'pages'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('documents', context);
  const { random } = kit;
  const authors = kit.is('author', 'ref') ? partner(kit, 'person', 40) : undefined;
  const draft = kit.is('draft', 'draft');
  const states = [...(draft ? ['draft'] : []), 'published', 'withdrawn'];
  const { documents: table } = clauses(kit, {
    document: 'document',
    clause: 'clause',
    topics: TOPICS,
    families: random.int(24, 32),
    inline: kit.is('body', 'inline'),
    numbered: kit.is('numbering', 'number'),
    columns: [
      choice('subject_area', SUBJECTS),
      choice('status', states),
      ...when(kit.is('pages', 'pages'), int('pages')),
      ...(authors ? [ref('author', authors)] : []),
    ],
    values: (superseded) => ({
      subject_area: random.pick(SUBJECTS),
      status: superseded ? 'withdrawn' : random.pick(['published', 'published', states[0]!]),
      pages: random.int(1, 40),
      author: authors ? random.pick(authors.keys()) : null,
    }),
  });
  find(kit, table, ['subject_area', 'status', 'title~', 'issued>=', 'author'], {
    sort: 'issued',
    omit: ['body'],
    hide: ['supersedes', 'pages'],
  });
  if (authors) children(kit, table, 'author', { extra: true, omit: ['body'], sort: 'issued' });
  count(kit, table, ['subject_area', 'status']);
  const withdraw = transition(kit, 'withdraw', table, ['published'], 'withdrawn');
  const moves = [{ from: ['published'], to: 'withdrawn', tool: withdraw }];
  if (draft) {
    const tool = transition(kit, 'publish', table, ['draft'], 'published');
    moves.push({ from: ['draft'], to: 'published', tool });
  }
  const row = rowOf(table.name, argument(keyParam(table)));
  kit.rule({
    code: 'protected_subject',
    tools: [withdraw],
    allows: isIn(
      field(row, table.col('subject_area')),
      SUBJECTS.filter((one) => one !== 'privacy'),
    ),
    text: {
      en: 'Documents on privacy may not be withdrawn.',
      zh: '隐私类文件不得撤回。',
    },
  });
  kit.affords({ kind: 'workflow', table: table.name, column: table.col('status'), moves });
  const edit = update(kit, table, ['subject_area', 'pages'], { extra: !table.has('pages') });
  if (table.has('pages')) {
    const columns = table.cols('subject_area', 'pages');
    kit.affords({ kind: 'editable', table: table.name, tool: edit, columns });
    kit.affords({
      kind: 'measure',
      table: table.name,
      measure: table.col('pages'),
      filters: table.cols('subject_area', 'status', 'author'),
      time: table.col('issued'),
    });
  }
  return kit.finish();
}
