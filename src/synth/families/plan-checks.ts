// The verifier of routes, as expressions: the names lead from place to place over legs that are there and
// allowed, the conditions hold, and the legs add up to the lowest cost.

import type { VerifierCheck } from '../task-types.js';
import type { Environment, Expr, Json } from '../world-types.js';
import { constant, fieldIs, hasFields, submitted } from './choose/checks.js';
import { affordancesOf } from './operate/operation.js';
import type { RouteIr } from './plan-text.js';

/** Longer submissions are wrong in any case. */
export const MOST_PLACES = 30;

const variable = (name: string): Expr => ({ op: 'var', name });
const field = (of: Expr, name: string): Expr => ({ op: 'field', of, name });
const eq = (left: Expr, right: Expr): Expr => ({ op: '=', left, right });
const both = (op: '<=' | '>=' | '-' | '+', left: Expr, right: Expr): Expr => ({ op, left, right });

export function routeChecks(env: Environment, ir: RouteIr, best: number): VerifierCheck[] {
  const graph = affordancesOf(env, 'graph').find(({ edgeTable }) => edgeTable === ir.edges)!;
  const route = submitted('route');
  const places: Expr = { op: 'count', of: route };
  const at = (index: Expr): Expr => ({ op: 'item', of: route, index });
  const nameOf = (key: Expr): Expr =>
    field({ op: 'row', db: 'before', table: graph.nodeTable, key }, graph.nodeName);
  const leg = variable('leg');
  const joining: Expr[] = [
    eq(nameOf(field(leg, graph.from)), at(variable('i'))),
    eq(nameOf(field(leg, graph.to)), at(both('+', variable('i'), constant(1)))),
  ];
  const allowed: Expr[] = [
    ...joining,
    ...(ir.shut === null ? [] : [eq(field(leg, ir.shut), constant(false))]),
    ...(ir.mode === null
      ? []
      : [{ op: '!=', left: field(leg, ir.mode.column), right: constant(ir.mode.value) } as const]),
  ];
  const legs = (of: readonly Expr[]): Expr => ({
    op: 'where',
    of: { op: 'rows', db: 'before', table: graph.edgeTable },
    as: 'leg',
    check: { op: 'and', of },
  });
  const range = constant(Array.from({ length: MOST_PLACES }, (_, i) => i));
  const indices: Expr = {
    op: 'where',
    of: range,
    as: 'i',
    check: { op: '<', left: both('+', variable('i'), constant(1)), right: places },
  };
  const legCost: Expr = {
    op: 'sum',
    // No two legs join the same places, and another check refuses those that may not be used.
    of: { op: 'map', of: legs(joining), as: 'one', to: field(variable('one'), graph.cost) },
  };
  const isIn = (name: string): Expr => ({ op: 'in', left: constant(name as Json), right: route });
  const check = (id: string, expr: Expr): VerifierCheck => ({ id, expr });
  return [
    hasFields(['route', 'cost']),
    fieldIs('cost', best),
    check('length', both('<=', places, constant(MOST_PLACES))),
    check('from', eq(at(constant(0)), constant(ir.from))),
    check('to', eq(at(both('-', places, constant(1))), constant(ir.to))),
    check('legs-exist', {
      op: 'every',
      of: indices,
      as: 'i',
      check: eq({ op: 'count', of: legs(allowed) }, constant(1)),
    }),
    check(
      'adds-up',
      // Behind the last place there are no legs, and nothing is added.
      eq({ op: 'sum', of: { op: 'map', of: range, as: 'i', to: legCost } }, constant(best)),
    ),
    ...(ir.via === null ? [] : [check('via', isIn(ir.via))]),
    ...ir.avoid.map((name, i) => check(`avoids:${i + 1}`, { op: 'not', of: isIn(name) })),
    ...(ir.legs === null
      ? []
      : [check('legs', both('<=', both('-', places, constant(1)), constant(ir.legs)))]),
  ];
}
