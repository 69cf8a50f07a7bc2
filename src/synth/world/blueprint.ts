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
  pricing: 4,
  orders: 2,
  permissions: 3,
  approvals: 2,
  subscriptions: 3,
  calendar: 2,
  tickets: 2,
  devices: 3,
  measurements: 2,
  contracts: 2,
};

/** A blueprint of 3 to 5 modules of which at least one may refer to another. */
export function drawBlueprint(random: Random): Blueprint {
  const all = listModules();
  const size = random.weighted([
    { item: 3, weight: 50 },
    { item: 4, weight: 40 },
    { item: 5, weight: 10 },
  ]);
  const pick = (from: readonly DomainModule[]): DomainModule =>
    random.weighted(from.map((item) => ({ item, weight: SCARCE[item.id] ?? 1 })));
  const first = pick(all);
  // Half of the places go to modules that can be joined to what is there.
  const chosen = new Set([first]);
  while (chosen.size < size) {
    const rest = all.filter((one) => !chosen.has(one));
    const near = rest.filter((one) => [...chosen].some((other) => joinable(one, other)));
    chosen.add(pick(near.length > 0 && (chosen.size === 1 || random.chance(50)) ? near : rest));
  }
  const modules = all.filter((one) => chosen.has(one));
  const variants = modules.map(
    ({ id, axes }) =>
      [
        id,
        Object.fromEntries(Object.entries(axes).map(([axis, of]) => [axis, random.pick(of)])),
      ] as const,
  );
  return {
    modules: modules.map(({ id }) => id),
    variants: Object.fromEntries(variants),
    choices: random.uint32(),
  };
}

function joinable(a: DomainModule, b: DomainModule): boolean {
  const all = listModules();
  const [earlier, later] = all.indexOf(a) < all.indexOf(b) ? [a, b] : [b, a];
  return later.needs.some((need) => earlier.offers[need] !== undefined);
}
