// Chooses and narrows what the modules offer: leaves out affordances and tools, hides columns from
// listings where another tool shows them, drops filters, decides which rules hold and which the tools
// enforce. All draws come from the blueprint's stream, so equal blueprints give equal structure.

import type { ModuleInstance } from '../module-types.js';
import type { Random } from '../random.js';
import type { Affordance, RuleSpec, ToolImpl, ToolSpec } from '../world-types.js';
import { toolsOf } from './affordance-tools.js';

const LEAVE_OUT = 50;
const HIDE = 15;
/** Listings of things to choose from may demand that the group is named. */
const REQUIRE_GROUP = 20;
const DROP_FILTER = 20;
const DROP_RULE = 12;
const ENFORCE = 55;

/** Of a module, so many affordances stay at least. */
const LEAST_AFFORDANCES = 2;
/** What others offer too, and what brings tools of its own. */
const DROPPABLE: readonly Affordance['kind'][] = ['editable', 'balance', 'workflow'];

/** With fewer kinds of affordances an environment offers too little to ask for. */
export const MIN_KINDS = 5;

export interface Chosen {
  readonly tools: readonly ToolSpec[];
  readonly affordances: readonly Affordance[];
}

/**
 * The affordances and tools that stay, narrowed.
 * @param wanted number of tools to come down to where that is possible
 * @param most tools at all
 * @returns undefined if more are needed
 */
export function choose(
  instances: readonly ModuleInstance[],
  random: Random,
  wanted: number,
  most: number,
): Chosen | undefined {
  const all = instances.flatMap(({ tools }) => tools);
  const resolving = resolvers(instances);
  const freedom = Object.assign({}, ...instances.map((one) => one.freedom)) as Freedom;
  const freeTools = new Set(
    all
      .filter((tool) => freedom[tool.name]?.leaveOut === true && !resolving(tool))
      .map(({ name }) => name),
  );
  const everything = instances.flatMap(({ affordances }) => affordances);
  const dropped = new Set<Affordance>();
  const goneTools = new Set<string>();
  const needed = (): number =>
    all.filter(({ name }) => !freeTools.has(name) && !goneTools.has(name)).length;
  for (const { affordance, instance } of droppable(instances, random)) {
    if (needed() <= wanted) break;
    const left = instance.affordances.filter((one) => !dropped.has(one));
    const kinds = everything.filter((one) => one !== affordance && !dropped.has(one));
    if (left.length <= LEAST_AFFORDANCES || kindsOf(kinds) < MIN_KINDS) continue;
    dropped.add(affordance);
    const used = new Set(
      left.filter((one) => one !== affordance).flatMap((one) => toolsOf(one, ruleTools(instance))),
    );
    for (const tool of toolsOf(affordance, ruleTools(instance))) {
      if (!used.has(tool)) goneTools.add(tool);
    }
  }
  if (needed() > most) return undefined;
  const extras = random
    .shuffled(all.filter(({ name }) => freeTools.has(name) && !goneTools.has(name)))
    .filter(() => !random.chance(LEAVE_OUT));
  const stay = new Set(extras.slice(0, Math.max(0, wanted - needed())).map(({ name }) => name));
  const chosen = all.filter(
    ({ name }) => !goneTools.has(name) && (!freeTools.has(name) || stay.has(name)),
  );
  const tools = chosen.map((tool) => {
    const hidden = (freedom[tool.name]?.hide ?? []).filter(() => random.chance(HIDE));
    const impl = narrow(tool.impl, hidden, chosen, instances, random);
    return { ...tool, impl: demandGroup(impl, instances, random.chance(REQUIRE_GROUP)) };
  });
  const affordances = everything.filter((one) => !dropped.has(one));
  return { tools, affordances };
}

export function kindsOf(affordances: readonly Affordance[]): number {
  return new Set(affordances.map(({ kind }) => kind)).size;
}

type Freedom = ModuleInstance['freedom'];

/** Says of a tool whether it shows what an id in another table stands for: that stays. */
function resolvers(instances: readonly ModuleInstance[]): (tool: ToolSpec) => boolean {
  const columns = instances.flatMap(({ tables }) => tables.flatMap((table) => table.columns));
  const referred = new Set(columns.map(({ references }) => references));
  return ({ impl }) => impl.archetype === 'get' && referred.has(impl.table);
}

/** Affordances that may go, in random order; those with a status last, since policies speak of them. */
function droppable(
  instances: readonly ModuleInstance[],
  random: Random,
): { readonly affordance: Affordance; readonly instance: ModuleInstance }[] {
  const all = instances.flatMap((instance) =>
    instance.affordances
      .filter(({ kind }) => DROPPABLE.includes(kind))
      .map((affordance) => ({ affordance, instance })),
  );
  const late = ({ affordance }: { affordance: Affordance }): number =>
    affordance.kind === 'workflow' ? 1 : 0;
  return random.shuffled(all).toSorted((a, b) => late(a) - late(b));
}

const ruleTools =
  (instance: ModuleInstance) =>
  (rule: string): readonly string[] =>
    instance.rules.find(({ id }) => id === rule)?.tools ?? [];

function narrow(
  impl: ToolImpl,
  hidden: readonly string[],
  chosen: readonly ToolSpec[],
  instances: readonly ModuleInstance[],
  random: Random,
): ToolImpl {
  if (impl.archetype !== 'find') return impl;
  const spec = instances.flatMap(({ tables }) => tables).find(({ name }) => name === impl.table);
  const hide = (spec?.columns ?? [])
    .filter(({ meaning }) => hidden.includes(meaning))
    .map(({ name }) => name)
    .filter((name) => name !== impl.sort)
    .filter((name) => chosen.some((tool) => showsOne(tool, impl.table, name)));
  // The first filter stays: a listing without any would only be paged through.
  const filters = impl.filters.filter((_, i) => i === 0 || !random.chance(DROP_FILTER));
  return { ...impl, filters, returns: impl.returns.filter((name) => !hide.includes(name)) };
}

/** Of things to choose from: the kind must be named, so that the whole is read kind by kind. */
function demandGroup(
  impl: ToolImpl,
  instances: readonly ModuleInstance[],
  demand: boolean,
): ToolImpl {
  if (impl.archetype !== 'find' || !demand) return impl;
  const { columns } = instances
    .flatMap(({ tables }) => tables)
    .find(({ name }) => name === impl.table)!;
  const isGroup = (column: string): boolean =>
    columns.some(({ name, type }) => name === column && type === 'enum') &&
    instances.some(({ affordances }) =>
      affordances.some(
        (one) => one.kind === 'selectable' && one.table === impl.table && one.group === column,
      ),
    );
  const filters = impl.filters.map((filter) => ({
    ...filter,
    required: filter.op === 'eq' && isGroup(filter.column),
  }));
  return { ...impl, filters };
}

function showsOne({ impl }: ToolSpec, table: string, column: string): boolean {
  return impl.archetype === 'get' && impl.table === table && impl.returns.includes(column);
}

/** The rules that hold, as far as tools that stay are concerned. */
export function chooseRules(
  instances: readonly ModuleInstance[],
  { tools, affordances }: Chosen,
  random: Random,
): RuleSpec[] {
  const names = new Set(tools.map(({ name }) => name));
  const needed = new Set(
    affordances.flatMap((one) => (one.kind === 'permission' ? [one.rule] : [])),
  );
  const rules: RuleSpec[] = [];
  for (const { rules: own, freeRules } of instances) {
    for (const rule of own) {
      const free = freeRules.includes(rule.id);
      const [drop, enforce] = [random.chance(DROP_RULE), random.chance(ENFORCE)];
      const about = rule.tools.filter((name) => names.has(name));
      if (about.length === 0 || (free && drop && !needed.has(rule.id))) continue;
      rules.push({ ...rule, tools: about, enforced: free ? enforce : rule.enforced });
    }
  }
  return rules;
}

/** Pages of a listing of the whole table: fewer are no work, more are nothing but work. */
const FEWEST_PAGES = 8;
const MOST_PAGES = 14;
const PAGE_SIZES = [4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40];

/** Page sizes follow the number of rows; they are no part of the structure. */
export function sized(impl: ToolImpl, rows: number, random: Random): ToolImpl {
  if (!('pageSize' in impl)) return impl;
  const whole = impl.archetype === 'find' && rows > 30;
  const [least, most] = whole
    ? [Math.ceil(rows / MOST_PAGES), Math.ceil(rows / FEWEST_PAGES)]
    : [4, 10];
  const sizes = PAGE_SIZES.filter((size) => size >= least && size <= most);
  return { ...impl, pageSize: sizes.length > 0 ? random.pick(sizes) : least };
}
