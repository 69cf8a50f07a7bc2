// F7, plans in a network: the way with the lowest total cost between two places under stated conditions,
// as a list of names and its cost. Places and conditions are drawn so that every condition changes the
// best way. Any best way is right: the verifier adds the legs up. Source: agents reference §6.4 F7.

import type { Random } from '../random.js';
import type { Candidate, Language, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import type { TaskFamily } from './family.js';
import { MAX_RIGHT_ENDS } from './family.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { finish, formOf, record, TEXTS, tried, WHOLE } from './operate/finish.js';
import { affordancesOf } from './operate/operation.js';
import { Simulation } from './operate/simulation.js';
import { routeChecks } from './plan-checks.js';
import { cheapest, Network, type Route } from './plan-network.js';
import { nearWays } from './plan-near.js';
import { bestWays } from './plan-solver.js';
import { graphsOf, readRoute, renderRoute, type RouteIr } from './plan-text.js';

const MAX_DRAWS = 150;
const MIN_LEGS = 3;

export const plan: TaskFamily = {
  id: 'plan',
  applies: (env) => graphsOf(env).length > 0,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readRoute(text, env, language) as unknown as JsonObject | null,
  solve(loaded, patch, ir) {
    const world = new Simulation(loaded, patch);
    const ways = bestWays(world, ir as unknown as RouteIr, MAX_RIGHT_ENDS + 1);
    return ways.map((submission) => ({ submission, changes: [] }));
  },
  near(loaded, patch, ir) {
    const world = new Simulation(loaded, patch);
    const [way] = bestWays(world, ir as unknown as RouteIr, 1);
    if (!way) return undefined;
    const { route, cost } = way as { readonly route: readonly string[]; readonly cost: number };
    return nearWays(world, ir as unknown as RouteIr, cost, route.length - 1);
  },
};

const answerOf = ({ names, cost }: Route): JsonObject => ({ route: names, cost });

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const drawn = drawRoute(loaded, random, level);
  if (!drawn) return null;
  const { ir, network, best } = drawn;
  const world = new Simulation(loaded, []);
  const ways = bestWays(world, ir, MAX_RIGHT_ENDS + 1);
  if (ways.length === 0 || ways.length > MAX_RIGHT_ENDS) return null;
  const answer = answerOf(best);
  const graph = affordancesOf(loaded.env, 'graph').find(({ edgeTable }) => edgeTable === ir.edges)!;
  const columns = [
    graph.to,
    graph.cost,
    ...(ir.mode ? [ir.mode.column] : []),
    ...(ir.shut ? [ir.shut] : []),
  ];
  const route = (order: readonly string[], submission: JsonObject = answer): SolutionPlan | null =>
    record(loaded, [], submission, (reader) => {
      const nodes = reader.list(graph.nodeTable, {}, [graph.nodeName]);
      const byName = new Map(
        nodes.map((row) => [String(row.fields.get(graph.nodeName)!.value), row]),
      );
      return order.flatMap((name) => {
        const row = byName.get(name);
        const legs = row ? reader.list(graph.edgeTable, { [graph.from]: row.key }, columns) : [];
        return legs.flatMap((leg) => columns.map((column) => leg.fields.get(column)!));
      });
    });
  const names = network.names;
  const solution = route(names);
  if (!solution) return null;
  const request = renderRoute(ir, loaded.env, language, random);
  const others = ways.slice(1, 4) as JsonObject[];
  return finish(
    loaded,
    {
      family: 'plan',
      skeleton: `plan/${best.names.length - 1}/${conditionsOf(ir).toSorted().join('+')}`,
      language,
      ir: ir as unknown as JsonObject,
      request,
      patch: [],
      submissionSchema: formOf({ route: TEXTS, cost: WHOLE }),
      verifier: { submissionChecks: routeChecks(loaded.env, ir, best.cost), allowedWrites: [] },
      solution,
      alternatives: [
        route(names.toReversed()),
        route(random.shuffled(names)),
        route(random.shuffled(names)),
        ...others.map((other) => route(names, other)),
      ],
      decoys: decoysOf(drawn, random),
      size: {
        constraints: 2 + conditionsOf(ir).length,
        candidatesLog10: Math.round((best.names.length - 2) * Math.log10(names.length)),
        solverNodes: world.nodes,
      },
    },
    false,
  );
}

function conditionsOf({ via, avoid, shut, mode, legs }: RouteIr): string[] {
  return [
    ...(via === null ? [] : ['via']),
    ...(avoid.length > 0 ? ['avoid'] : []),
    ...(shut === null ? [] : ['shut']),
    ...(mode === null ? [] : ['mode']),
    ...(legs === null ? [] : ['legs']),
  ];
}

interface Drawn {
  readonly ir: RouteIr;
  readonly network: Network;
  readonly best: Route;
}

function drawRoute(loaded: LoadedEnvironment, random: Random, level: number): Drawn | null {
  const trial = new Trial(loaded);
  for (let i = 0; i < MAX_DRAWS; i++) {
    const graph = random.pick(graphsOf(loaded.env));
    const network = new Network(trial.db, graph);
    if (network.hasParallels || network.names.length < 8) return null;
    const [from, to, via, ...rest] = random.shuffled(network.names);
    const spec = trial.db.spec(graph.edgeTable);
    const shut =
      spec.columns.find(({ type, hidden }) => type === 'bool' && hidden !== true)?.name ?? null;
    const modes = spec.columns.find(({ type, hidden }) => type === 'enum' && hidden !== true);
    const free: RouteIr = {
      edges: graph.edgeTable,
      from: from!,
      to: to!,
      via: null,
      avoid: [],
      shut,
      mode: null,
      legs: null,
    };
    const straight = cheapest(network, free);
    if (!straight || straight.names.length - 1 < MIN_LEGS) continue;
    const inner = straight.names.slice(1, -1);
    const conditions = random.sample<Partial<RouteIr>>(
      [
        { via: inner.includes(via!) ? rest.find((name) => !inner.includes(name))! : via! },
        { avoid: random.sample(inner, 1 + (level >= 2 ? 1 : 0)).toSorted() },
        ...(modes
          ? [{ mode: { column: modes.name, value: random.pick(modes.values ?? []) } }]
          : []),
        { legs: straight.names.length - 2 },
      ],
      1 + Math.min(2, level),
    );
    const ir = conditions.reduce<RouteIr>((sum, one) => ({ ...sum, ...one }), free);
    if (ir.via !== null && ir.avoid.includes(ir.via)) continue;
    const best = cheapest(network, ir);
    if (!best || best.names.length - 1 < MIN_LEGS || best.names.length > 14) continue;
    if (relaxations(ir).every((one) => differs(network, one, best))) return { ir, network, best };
  }
  return null;
}

/** The request without one of its conditions. */
function relaxations(ir: RouteIr): RouteIr[] {
  return [
    ...(ir.via === null ? [] : [{ ...ir, via: null }]),
    ...(ir.avoid.length > 0 ? [{ ...ir, avoid: [] }] : []),
    ...(ir.mode === null ? [] : [{ ...ir, mode: null }]),
    ...(ir.shut === null ? [] : [{ ...ir, shut: null }]),
    ...(ir.legs === null ? [] : [{ ...ir, legs: null }]),
  ];
}

function differs(network: Network, ir: RouteIr, best: Route): boolean {
  return (cheapest(network, ir)?.cost ?? 0) < best.cost;
}

function decoysOf({ ir, network, best }: Drawn, random: Random) {
  const submit = (id: string, answer: Json) => ({ id, plan: rawPlan([], answer) });
  const { names, cost } = best;
  const without = names.slice(1, -1).flatMap((name, i) => {
    if (name === ir.via) return [];
    const found = cheapest(network, { ...ir, avoid: [...ir.avoid, name] });
    return found && found.cost > cost ? [submit(`second-best:${i}`, answerOf(found))] : [];
  });
  const fewest = cheapest(network, ir, true);
  const swapped = [names[0]!, names[2]!, names[1]!, ...names.slice(3)];
  return [
    { id: 'nothing', plan: { steps: [] } },
    ...relaxations(ir).map((one, i) => {
      const found = cheapest(network, one)!;
      return submit(`condition-dropped:${i}`, answerOf(found));
    }),
    ...(fewest && fewest.cost > cost ? [submit('fewest-legs', answerOf(fewest))] : []),
    ...without,
    submit('swapped', { route: swapped, cost }),
    submit('turned', { route: names.toReversed(), cost }),
    submit('gap', { route: [names[0]!, ...names.slice(2)], cost }),
    submit('direct', { route: [ir.from, ir.to], cost }),
    submit('cost+1', { route: names, cost: cost + 1 }),
    submit('cost-1', { route: names, cost: cost - 1 }),
    submit('cost-as-text', { route: names, cost: String(cost) }),
    submit('no-cost', { route: names }),
    submit('extra-field', { route: names, cost, note: 'ok' }),
    submit('detour', {
      route: [...names.slice(0, -1), random.pick(network.names), names.at(-1)!],
      cost,
    }),
    submit('empty', { route: [], cost: 0 }),
    submit('long', { route: Array.from({ length: 200 }, () => ir.from), cost }),
  ];
}
