// Reads limits from a document store through its tools: search by title, find out which version is the
// newest, list its clauses.

import { PAGE_PARAM } from '../../tools/parameters.js';
import { derived, literal, PlanError, type Traced } from '../../plan-recorder.js';
import type { JsonObject } from '../../world-types.js';
import type { Reading } from '../reading.js';
import type { Ruled, Rulebook } from './ruled.js';

/** @throws PlanError where the tools do not lead to a limit */
export function readLimits(
  reading: Reading,
  ruled: readonly Ruled[],
  books: readonly Rulebook[],
): void {
  const done = new Set<string>();
  for (const { title } of ruled) {
    if (done.has(title)) continue;
    done.add(title);
    if (!books.some((book) => readBook(reading, book, title))) {
      throw new PlanError(`no search finds ${JSON.stringify(title)}`);
    }
  }
}

/** Whether the store has a document of this title. */
function readBook(reading: Reading, book: Rulebook, title: string): boolean {
  const { db } = reading.recorder.session;
  if (!db.rows(book.table).some((row) => row[book.title] === title)) return false;
  const versions = found(reading, book, title).map((key) => {
    const row = reading.row(book.table, key, [book.title, book.issued]);
    return { key, title: row.fields.get(book.title)!, issued: row.fields.get(book.issued)! };
  });
  const [newest] = versions
    .filter((one) => one.title.value === title)
    .toSorted((a, b) => (String(a.issued.value) < String(b.issued.value) ? 1 : -1));
  if (!newest) throw new PlanError(`the search does not show ${JSON.stringify(title)}`);
  reading.rowsBy(book.clauseTable, book.document, newest.key, [book.topic, book.limit]);
  return true;
}

/** Keys of everything that the search shows for the title. */
function found(reading: Reading, book: Rulebook, title: string): Traced[] {
  const { recorder } = reading;
  const tool = recorder.session.environment.tools.get(book.searchTool);
  if (tool?.impl.archetype !== 'search-text') throw new PlanError('there is no search');
  const keys: Traced[] = [];
  for (let page = 1; ; page++) {
    const turned: Record<string, Traced> = page === 1 ? {} : { [PAGE_PARAM]: derived(page, []) };
    const result = recorder.call(tool.name, { [tool.impl.param]: literal(title), ...turned });
    const { items, pages } = result.value as { items: readonly JsonObject[]; pages: number };
    items.forEach((_, i) => keys.push(recorder.at(result, 'items', i, book.key)));
    if (page >= pages) return keys;
  }
}
