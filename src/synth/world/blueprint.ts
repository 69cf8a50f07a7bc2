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

/** A blueprint of 3 to 5 modules of which at least one may refer to another. */
export function drawBlueprint(random: Random): Blueprint {
  const all = listModules();
  const size = random.weighted([
    { item: 3, weight: 30 },
    { item: 4, weight: 45 },
    { item: 5, weight: 25 },
  ]);
  const order = random.shuffled(all);
  const first = order[0]!;
  // Half of the places go to modules that can be joined to what is there.
  const chosen = new Set([first]);
  while (chosen.size < size) {
    const rest = order.filter((one) => !chosen.has(one));
    const near = rest.filter((one) => [...chosen].some((other) => joinable(one, other)));
    chosen.add(
      random.pick(near.length > 0 && (chosen.size === 1 || random.chance(50)) ? near : rest),
    );
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
