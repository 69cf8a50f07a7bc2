// Chooses among what the modules offer: as many affordances as the tools allow, always enough for tasks of
// many kinds, and only then the tools that the environment could do without. All draws come from the
// blueprint's stream, so equal blueprints give equal structure.

import type { ModuleInstance, ToolDraft } from '../module-types.js';
import type { Random } from '../random.js';
import type { Affordance, TableSpec } from '../world-types.js';
import { toolsOf } from './affordance-tools.js';
import { numFamilies } from './askable.js';
import { narrowed } from './narrow.js';

/** Tools that the environment could do without and that it has all the same, if there is room. */
const SPARE = [1, 4] as const;
/** Tools that may be left out are, in so many of 100 cases. */
const LEAVE_OUT = 50;
/** Of a module, so many affordances stay at least while only the number wanted is passed. */
const LEAST_AFFORDANCES = 2;
/** Without these tools of other affordances still read and write the same tables. */
const DROPPABLE: readonly Affordance['kind'][] = [
  'editable',
  'balance',
  'workflow',
  'stock',
  'total',
  'permission',
  'assignment',
  'booking',
];
/** An environment offers less than this to too few. */
const MIN_FAMILIES = 7;
const MIN_KINDS = 5;

export interface Chosen {
  readonly tools: readonly ToolDraft[];
  readonly affordances: readonly Affordance[];
}

/**
 * The affordances and tools that stay, narrowed.
 * @param wanted number of tools to come down to where only what is there twice has to go for it
 * @param most tools at all
 * @returns undefined if more are needed, or if what stays is enough for too few kinds of tasks
 */
export function choose(
  instances: readonly ModuleInstance[],
  random: Random,
  wanted: number,
  most: number,
): Chosen | undefined {
  const all = instances.flatMap(({ tools }) => tools);
  const stock = new Stock(instances);
  // Some room is for tools that no affordance needs: counts, comparisons, other ways to look things up.
  const spare = random.int(...SPARE);
  for (const one of stock.droppable(random)) {
    if (stock.needed <= wanted - spare) break;
    if (stock.isSpare(one, LEAST_AFFORDANCES) && stock.hasAnother(one)) stock.drop(one);
  }
  for (const one of stock.droppable(random)) {
    if (stock.needed <= most) break;
    if (stock.isSpare(one, 1) && stock.isRichWithout(one)) stock.drop(one);
  }
  if (stock.needed > most || !stock.isRichWithout(undefined)) return undefined;
  const extras = random
    .shuffled(all.filter(({ name }) => stock.isFree(name)))
    .filter(() => !random.chance(LEAVE_OUT));
  const room = Math.max(wanted - stock.needed, Math.min(spare, most - stock.needed));
  const stay = new Set(extras.slice(0, room).map(({ name }) => name));
  const chosen = all.filter(({ name }) => stay.has(name) || stock.isNeeded(name));
  return { tools: narrowed(instances, chosen, random), affordances: stock.left };
}

/** The affordances that are left while some are being dropped, and the tools that they need. */
class Stock {
  readonly #tables: readonly TableSpec[];
  readonly #owner = new Map<Affordance, ModuleInstance>();
  readonly #dropped = new Set<Affordance>();
  readonly #free: ReadonlySet<string>;
  /** Neither free nor gone. */
  readonly #needed: Set<string>;

  constructor(instances: readonly ModuleInstance[]) {
    this.#tables = instances.flatMap(({ tables }) => tables);
    const resolving = resolvers(this.#tables);
    const [free, needed] = [new Set<string>(), new Set<string>()];
    for (const instance of instances) {
      for (const affordance of instance.affordances) this.#owner.set(affordance, instance);
      for (const tool of instance.tools) {
        const spare = instance.freedom[tool.name]?.leaveOut === true && !resolving(tool);
        (spare ? free : needed).add(tool.name);
      }
    }
    this.#free = free;
    this.#needed = needed;
  }

  get left(): Affordance[] {
    return [...this.#owner.keys()].filter((one) => !this.#dropped.has(one));
  }

  get needed(): number {
    return this.#needed.size;
  }

  isNeeded(tool: string): boolean {
    return this.#needed.has(tool);
  }

  isFree(tool: string): boolean {
    return this.#free.has(tool);
  }

  /** In random order; those with a status last, since policies speak of them. */
  droppable(random: Random): Affordance[] {
    const late = ({ kind }: Affordance): number => (kind === 'workflow' ? 1 : 0);
    return random
      .shuffled(this.left.filter(({ kind }) => DROPPABLE.includes(kind)))
      .toSorted((a, b) => late(a) - late(b));
  }

  /** Whether the module keeps so many affordances without it. */
  isSpare(one: Affordance, least: number): boolean {
    const own = this.#owner.get(one)!.affordances.filter((other) => !this.#dropped.has(other));
    return own.length > least;
  }

  /** Whether another affordance is like it, and as much can be asked without it. */
  hasAnother(one: Affordance): boolean {
    const others = this.left.filter((other) => other !== one);
    const families = numFamilies(others, this.#tables);
    return (
      others.some(({ kind }) => kind === one.kind) &&
      families === numFamilies(this.left, this.#tables)
    );
  }

  /** Whether what is left without it is enough for tasks of many kinds. */
  isRichWithout(one: Affordance | undefined): boolean {
    const others = this.left.filter((other) => other !== one);
    const kinds = new Set(others.map(({ kind }) => kind)).size;
    return kinds >= MIN_KINDS && numFamilies(others, this.#tables) >= MIN_FAMILIES;
  }

  /** Its tools go with it, unless another affordance of the module names them. */
  drop(one: Affordance): void {
    this.#dropped.add(one);
    const instance = this.#owner.get(one)!;
    const toolsIn = (affordance: Affordance): string[] =>
      toolsOf(affordance, (rule) => instance.rules.find(({ id }) => id === rule)?.tools ?? []);
    const others = instance.affordances.filter((other) => !this.#dropped.has(other));
    const used = new Set(others.flatMap(toolsIn));
    for (const tool of toolsIn(one)) if (!used.has(tool)) this.#needed.delete(tool);
  }
}

/** Says of a tool whether it shows what an id in another table stands for: that stays. */
function resolvers(tables: readonly TableSpec[]): (tool: ToolDraft) => boolean {
  const referred = new Set(
    tables.flatMap(({ columns }) => columns.map(({ references }) => references)),
  );
  return ({ impl }) => impl.archetype === 'get' && referred.has(impl.table);
}
