// The structure of an environment before it has names and rows: which modules, which variant of every
// axis, and the stream that chooses among tools and rules. Everything that makes environments distinct is
// here; seed and theme are not.

import type { DomainModule } from '../module-types.js';
import { Random } from '../random.js';
import { listModules } from './list-modules.js';

export interface Blueprint {
  /** In the order in which they are built. */
  readonly modules: readonly string[];
  /** By module and axis. */
  readonly variants: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names the stream of choices among tools and rules. */
  readonly choices: number;
}

/** Modules that need many tools or join little come off less often: they are drawn more often instead. */
const SCARCE: Readonly<Record<string, number>> = {
  pricing: 3,
  orders: 2,
  permissions: 3,
  approvals: 2,
  subscriptions: 2,
  calendar: 3,
  tickets: 2,
  devices: 7,
  measurements: 5,
  inventory: 2,
  routes: 4,
  bookings: 2,
  ledger: 2,
  workspace: 6,
};

/** Rules to be read in documents need something that they are about: so often both are drawn together. */
const RULED_CHOICE = 30;
const RULEBOOKS = ['documents', 'contracts'];
const CHOICES = ['catalogue', 'assembly', 'lending', 'bookings', 'pricing', 'subscriptions'];
/** Most of what can be asked is about a choice: in so many of 100 draws it is seen to. */
const CHOICE = 70;

/** A variant of this name refers to a table of another module, if there is one. */
const REFERRING = 'ref';
const REFER = 75;

/** A blueprint of 3 to 5 modules of which at least one may refer to another. */
export function drawBlueprint(random: Random): Blueprint {
  const all = listModules();
  const chosen = drawModules(random);
  const modules = all.filter((one) => chosen.has(one));
  const variants = modules.map((module) => {
    const { id, axes } = module;
    const joins = modules.some((other) => other !== module && refersTo(module, other));
    return [
      id,
      Object.fromEntries(
        Object.entries(axes).map(([axis, of]) => {
          const refers = of.includes(REFERRING) && joins && random.chance(REFER);
          return [axis, refers ? REFERRING : random.pick(of)];
        }),
      ),
    ] as const;
  });
  return {
    modules: modules.map(({ id }) => id),
    variants: Object.fromEntries(variants),
    choices: random.uint32(),
  };
}

function drawModules(random: Random): ReadonlySet<DomainModule> {
  const all = listModules();
  const size = random.weighted([
    { item: 3, weight: 65 },
    { item: 4, weight: 28 },
    { item: 5, weight: 7 },
  ]);
  const pick = (from: readonly DomainModule[]): DomainModule =>
    random.weighted(from.map((item) => ({ item, weight: SCARCE[item.id] ?? 1 })));
  const among = (ids: readonly string[]) => all.filter(({ id }) => ids.includes(id));
  const chosen = new Set<DomainModule>();
  if (random.chance(RULED_CHOICE)) chosen.add(pick(among(RULEBOOKS))).add(pick(among(CHOICES)));
  else chosen.add(pick(all));
  while (chosen.size < size) {
    const there = [...chosen];
    const rest = all.filter((one) => !chosen.has(one));
    const near = rest.filter((one) => there.some((other) => joinable(one, other)));
    const apart = !there.some((one) =>
      there.some((other) => one !== other && refersTo(one, other)),
    );
    const lacking = !there.some(({ id }) => CHOICES.includes(id)) && random.chance(CHOICE);
    // The second, half of the others, and the last one if need be, can be joined to what is there.
    if (apart || random.chance(50)) chosen.add(pick(near.length > 0 ? near : rest));
    else chosen.add(pick(lacking ? among(CHOICES) : rest));
  }
  return chosen;
}

const joinable = (a: DomainModule, b: DomainModule): boolean => refersTo(a, b) || refersTo(b, a);

/** Whether one may refer to the other, which is then built before it. */
function refersTo(later: DomainModule, earlier: DomainModule): boolean {
  const all = listModules();
  if (all.indexOf(earlier) > all.indexOf(later)) return false;
  return later.needs.some((need) => earlier.offers[need] !== undefined);
}
