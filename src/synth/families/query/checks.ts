// The verifier's side of questions: expressions that work the answers out from the tables and compare
// them with what was submitted.

import type { VerifierCheck } from '../../task-types.js';
import type { Environment, Expr } from '../../world-types.js';
import { constant, submitted } from '../choose/checks.js';
import type { Asked, Question } from './ir.js';

type Tables = Pick<Environment, 'tables'>;

export function answerChecks(asked: readonly Asked[], env: Tables): VerifierCheck[] {
  return asked.map(({ field, question }) => ({
    id: field,
    expr: { op: '=', left: submitted(field), right: valueExpr(question, env) },
  }));
}

const ROW: Expr = { op: 'var', name: 'row' };

function pathExpr(table: string, [first, second]: readonly string[], env: Tables): Expr {
  const own: Expr = { op: 'field', of: ROW, name: first! };
  if (second === undefined) return own;
  const column = env.tables
    .find(({ name }) => name === table)
    ?.columns.find(({ name }) => name === first);
  const parent: Expr = { op: 'row', db: 'before', table: column?.references ?? '', key: own };
  return { op: 'field', of: parent, name: second };
}

function valueExpr(question: Question, env: Tables): Expr {
  const { table, where } = question;
  const checks = where.map(({ path, op, value }): Expr => ({
    op,
    left: pathExpr(table, path, env),
    right: constant(value),
  }));
  const found: Expr = {
    op: 'where',
    of: { op: 'rows', db: 'before', table },
    as: 'row',
    check: checks.length === 1 ? checks[0]! : { op: 'and', of: checks },
  };
  const values = (of: Expr, path: readonly string[]): Expr => ({
    op: 'map',
    of,
    as: 'row',
    to: pathExpr(table, path, env),
  });
  const first = (of: Expr): Expr => ({ op: 'item', of, index: constant(0) });
  switch (question.kind) {
    case 'count':
      return { op: 'count', of: found };
    case 'sum':
    case 'max':
    case 'min':
      return { op: question.kind, of: values(found, [question.column]) };
    case 'only':
      return first(values(found, question.ask));
    case 'extreme': {
      const numbers = values(found, [question.column]);
      const best: Expr = { op: question.order === 'highest' ? 'max' : 'min', of: numbers };
      const isBest: Expr = { op: '=', left: pathExpr(table, [question.column], env), right: best };
      const rows: Expr = { op: 'where', of: found, as: 'row', check: isBest };
      return first(values(rows, question.ask));
    }
  }
}
