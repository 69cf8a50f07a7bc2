// Answers questions on the rows themselves: the solver's side. The verifier has its own, in expressions
// (query/checks.ts); the two share no code.

import type { Database } from '../../database.js';
import type { Row, Value } from '../../world-types.js';
import { compare } from '../choose/truth.js';
import type { Condition, Question } from './ir.js';

export function valueOf(db: Database, table: string, row: Row, path: readonly string[]): Value {
  const own = row[path[0]!] ?? null;
  if (path.length === 1) return own;
  const parent = db.spec(table).columns.find(({ name }) => name === path[0])?.references;
  if (parent === undefined || typeof own !== 'string') return null;
  return db.get(parent, own)?.[path[1]!] ?? null;
}

export function meets(
  db: Database,
  table: string,
  row: Row,
  { path, op, value }: Condition,
): boolean {
  return compare(valueOf(db, table, row, path), op, value as Value);
}

export function matching(
  db: Database,
  table: string,
  where: readonly Condition[],
  rows: readonly Row[] = db.rows(table),
): Row[] {
  return rows.filter((row) => where.every((condition) => meets(db, table, row, condition)));
}

/** null where the question has no answer, or several. */
export function answer(db: Database, question: Question, rows?: readonly Row[]): Value {
  const { table, where } = question;
  const found = matching(db, table, where, rows);
  switch (question.kind) {
    case 'count':
      return found.length;
    case 'sum':
    case 'max':
    case 'min': {
      const numbers = found.map((row) => row[question.column]);
      if (numbers.length === 0 || !numbers.every((one) => typeof one === 'number')) return null;
      if (question.kind === 'sum') return numbers.reduce((sum, one) => sum + one, 0);
      return question.kind === 'max' ? Math.max(...numbers) : Math.min(...numbers);
    }
    case 'only':
      return found.length === 1 ? valueOf(db, table, found[0]!, question.ask) : null;
    case 'extreme': {
      const sign = question.order === 'highest' ? -1 : 1;
      const rank = (row: Row): number => sign * (row[question.column] as number);
      if (found.some((row) => typeof row[question.column] !== 'number')) return null;
      const [first, second] = found.toSorted((a, b) => rank(a) - rank(b));
      if (!first || (second && rank(first) === rank(second))) return null;
      return valueOf(db, table, first, question.ask);
    }
  }
}
