// Documents with numbered clauses: newer versions supersede older ones, and a clause of the newest version
// is what counts. The same subject has different numbers in different versions.

import type { Value } from '../../world-types.js';
import { choice, date, int, ref, text, when, type ColumnDraft } from '../columns.js';
import { dateAt } from '../dates.js';
import type { Kit } from '../kit.js';
import { children, get, searchText } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';
import { valueLabel } from '../words.js';

interface ClauseOptions {
  readonly document: string;
  readonly clause: string;
  readonly topics: readonly string[];
  readonly families: number;
  /** Whether the body repeats the clauses in words, or only names the subjects. */
  readonly inline: boolean;
  readonly numbered: boolean;
  readonly columns?: readonly ColumnDraft[];
  /** Values of the module's own columns for one document. */
  values(superseded: boolean): Readonly<Record<string, Value>>;
}

/** Both tables with their rows, reading tools and the affordance. */
export function clauses(
  kit: Kit,
  options: ClauseOptions,
): { readonly documents: TableHandle; readonly clauses: TableHandle; readonly readTool: string } {
  const { random, clock } = kit;
  const documents = kit.table(options.document, [
    text('title'),
    text('body'),
    date('issued'),
    ...(options.columns ?? []),
  ]);
  // It refers to itself, so its column comes once the table is there.
  const withLink = kit.extend(documents, ref('supersedes', documents, { nullable: true }));
  const table = kit.table(options.clause, [
    ref('document', withLink),
    choice('topic', options.topics),
    int('limit'),
    ...when(options.numbered, int('number')),
  ]);
  for (let family = 0; family < options.families; family++) {
    const title = kit.name('title');
    const topics = random.sample(options.topics, random.int(3, 5));
    const versions = random.int(1, 4);
    let day = -random.int(500, 1500);
    let supersedes: string | null = null;
    for (let version = 1; version <= versions; version++) {
      const terms = topics.map((topic) => ({ topic, limit: random.int(2, 90) }));
      const row = kit.add(withLink, {
        title,
        body: bodyOf(kit, terms, options.inline),
        issued: dateAt(clock, day),
        supersedes,
        ...options.values(version < versions),
      });
      supersedes = withLink.key(row);
      terms.forEach((term, i) =>
        kit.add(table, { ...term, document: withLink.key(row), number: i + 1 }),
      );
      day += random.int(30, 120);
    }
  }
  const searchTool = searchText(kit, withLink, ['title', 'body'], ['title', 'issued']);
  const readTool = get(kit, withLink);
  children(kit, table, 'document');
  kit.affords({
    kind: 'documents',
    table: withLink.name,
    title: withLink.col('title'),
    body: withLink.col('body'),
    issued: withLink.col('issued'),
    supersedes: withLink.col('supersedes'),
    clauseTable: table.name,
    searchTool,
    readTool,
  });
  return { documents: withLink, clauses: table, readTool };
}

function bodyOf(
  kit: Kit,
  terms: readonly { readonly topic: string; readonly limit: number }[],
  inline: boolean,
): string {
  const language = kit.context.dataLanguage;
  const name = ({ topic }: { readonly topic: string }): string => valueLabel(topic)[language];
  if (!inline) {
    const subjects = terms.map(name);
    return language === 'en' ? `On ${subjects.join(', ')}.` : `关于${subjects.join('、')}。`;
  }
  return terms
    .map((term, i) =>
      language === 'en'
        ? `${i + 1}. The limit for ${name(term)} is ${term.limit}.`
        : `${i + 1}．${name(term)}的上限为${term.limit}。`,
    )
    .join('\n');
}
