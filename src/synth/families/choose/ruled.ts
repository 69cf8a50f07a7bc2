// Demands whose numbers stand in documents: a limit of some subject in the newest version of a document,
// to be looked up. Resolved against the tables they become plain constraints. Source: agents reference
// §6.4 F12.

import type { Database } from '../../database.js';
import type { Affordance, Environment, Row } from '../../world-types.js';
import type { Comparison, Constraint, Slots } from '../constraint.js';

type Where = { readonly title: string; readonly topic: string; readonly op: Comparison };

/** The total cost against the limit times an amount of money, or a whole number against the limit. */
export type Ruled =
  | (Where & { readonly kind: 'ruled-total'; readonly of: Slots; readonly unit: number })
  | (Where & {
      readonly kind: 'ruled-atom';
      readonly of: string;
      readonly path: readonly string[];
    });

/** A document store as its tables have it. */
export interface Rulebook {
  readonly table: string;
  readonly key: string;
  readonly title: string;
  readonly issued: string;
  readonly supersedes: string;
  readonly searchTool: string;
  readonly clauseTable: string;
  /** Column of the clause that refers to its document. */
  readonly document: string;
  readonly topic: string;
  readonly limit: string;
}

type Documents = Extract<Affordance, { kind: 'documents' }>;

/** The document stores whose clauses are limits by subject. */
export function rulebooks(env: Pick<Environment, 'affordances' | 'tables'>): Rulebook[] {
  return env.affordances
    .filter((one): one is Documents => one.kind === 'documents')
    .flatMap((one) => {
      const table = env.tables.find(({ name }) => name === one.table)!;
      const clauses = env.tables.find(({ name }) => name === one.clauseTable)!;
      const named = (meaning: string, type: string): string | undefined =>
        clauses.columns.find((column) => column.meaning === meaning && column.type === type)?.name;
      const document = clauses.columns.find(({ references }) => references === one.table)?.name;
      const topic = named('topic', 'enum');
      const limit = named('limit', 'int');
      if (document === undefined || topic === undefined || limit === undefined) return [];
      const { title, issued, supersedes, searchTool, clauseTable } = one;
      const { name, key } = table;
      return [
        {
          table: name,
          key,
          title,
          issued,
          supersedes,
          searchTool,
          clauseTable,
          document,
          topic,
          limit,
        },
      ];
    });
}

/** Versions of a document by title, newest first; empty unless dates and succession agree. */
export function versionsOf(book: Rulebook, db: Database, title: string): Row[] {
  const rows = db
    .rows(book.table)
    .filter((row) => row[book.title] === title)
    .toSorted((a, b) => (String(a[book.issued]) < String(b[book.issued]) ? 1 : -1));
  const isChain = rows.every((row, i) => {
    const next = rows[i + 1];
    const later = next === undefined || String(next[book.issued]) < String(row[book.issued]);
    return later && (row[book.supersedes] ?? null) === (next?.[book.key] ?? null);
  });
  return isChain ? rows : [];
}

/** The limit of a subject in one version; undefined where it has none, or several. */
export function limitIn(
  book: Rulebook,
  db: Database,
  version: Row,
  topic: string,
): number | undefined {
  const clauses = db
    .rowsBy(book.clauseTable, book.document, String(version[book.key]))
    .filter((row) => row[book.topic] === topic);
  return clauses.length === 1 ? (clauses[0]![book.limit] as number) : undefined;
}

/** The plain constraint for a limit. */
export function withLimit(ruled: Ruled, limit: number): Constraint {
  const { op } = ruled;
  return ruled.kind === 'ruled-total'
    ? { kind: 'total', of: ruled.of, op, value: limit * ruled.unit }
    : { kind: 'atom', of: ruled.of, path: ruled.path, op, value: limit };
}

/**
 * The plain constraint that a ruled one comes to.
 * @param age which version counts: 0 = the newest, as it should be
 * @returns undefined where no document has the limit
 */
export function resolved(
  ruled: Ruled,
  books: readonly Rulebook[],
  db: Database,
  age = 0,
): Constraint | undefined {
  for (const book of books) {
    const version = versionsOf(book, db, ruled.title)[age];
    const limit = version && limitIn(book, db, version, ruled.topic);
    if (limit !== undefined) return withLimit(ruled, limit);
  }
  return undefined;
}
