// The basic parts of a recipe of recipes.

import { many, source, type ProgramTemplate } from '../program.js';

export const partsList: ProgramTemplate = {
  id: 'parts',
  make(random, { thing }) {
    const spare = random.int(10, 25);
    return {
      files: {
        'explode.js': source(`
/** Adds to \`counts\` how many of each basic part go into so many of one; deeper than 8 levels is an error. */
export function explode(recipes, name, quantity, counts, depth = 0) {
  if (depth > 8) throw new Error('too deep');
  const recipe = recipes[name];
  if (recipe === undefined) {
    counts[name] = (counts[name] ?? 0) + quantity;
    return;
  }
  // What a recipe makes at once may be more than one; begun batches are made in full.
  const batches = Math.ceil(quantity / (recipe.makes ?? 1));
  for (const part of recipe.parts) {
    explode(recipes, part.name, batches * part.quantity, counts, depth + 1);
  }
}
`),
        'stock.js': source(`
/** Basic parts are ordered with ${spare} percent more than needed, rounded up. */
const SPARE_PERCENT = ${spare};

/** How many to order of a part, given what is there; never less than nothing. */
export function toOrder(needed, inStock) {
  const wanted = needed + Math.ceil((needed * SPARE_PERCENT) / 100);
  return Math.max(0, wanted - inStock);
}
`),
        'index.js': source(`
import { explode } from './explode.js';
import { toOrder } from './stock.js';

/**
 * What must be ordered to make so many of a ${thing}, by name.
 * @param recipes by name: { parts: [{ name, quantity }], makes } (makes is 1 where it is absent)
 * @returns null where a recipe goes round in circles
 */
export default function order(recipes, name, quantity, stock) {
  const counts = {};
  try {
    explode(recipes, name, quantity, counts);
  } catch {
    return null;
  }
  const lines = [];
  for (const part of Object.keys(counts).sort()) {
    const missing = toOrder(counts[part], stock[part] ?? 0);
    if (missing > 0) lines.push({ part, quantity: missing });
  }
  return lines;
}
`),
      },
      args: (draw) => {
        const part = (names: readonly string[]) => ({
          name: draw.pick(names),
          quantity: draw.int(1, 4),
        });
        const recipes = {
          top: { parts: many(draw, 1, 3, () => part(['mid', 'low', 'bolt', 'nut'])) },
          mid: {
            makes: draw.int(1, 3),
            parts: many(draw, 1, 2, () => part(['low', 'bolt', 'wire'])),
          },
          low: {
            ...(draw.chance(50) && { makes: draw.int(2, 5) }),
            parts: many(draw, 1, 2, () => part(draw.chance(8) ? ['top'] : ['nut', 'wire'])),
          },
        };
        return [
          recipes,
          draw.pick(['top', 'top', 'mid', 'bolt']),
          draw.int(0, 7),
          { bolt: draw.int(0, 9), nut: draw.int(0, 20) },
        ];
      },
    };
  },
};
