// Stock first in, first out, with the profit of sales.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const stockCost: ProgramTemplate = {
  id: 'stock-cost',
  make(random, { thing }) {
    const low = random.int(4, 8);
    return {
      files: {
        'lots.js': source(`
/**
 * Takes a quantity out of lots { quantity, price }, the oldest first; used up lots are removed.
 * @returns what it cost, or null and nothing taken if there is too little
 */
export function takeOut(lots, quantity) {
  const there = lots.reduce((sum, lot) => sum + lot.quantity, 0);
  if (there < quantity) return null;
  let cost = 0;
  let left = quantity;
  while (left > 0) {
    const lot = lots[0];
    const taken = Math.min(lot.quantity, left);
    cost += taken * lot.price;
    lot.quantity -= taken;
    left -= taken;
    if (lot.quantity === 0) lots.shift();
  }
  return cost;
}
`),
        'value.js': source(`
export function quantityOf(lots) {
  return lots.reduce((sum, lot) => sum + lot.quantity, 0);
}

export function valueOf(lots) {
  return lots.reduce((sum, lot) => sum + lot.quantity * lot.price, 0);
}
`),
        'index.js': source(`
import { takeOut } from './lots.js';
import { quantityOf, valueOf } from './value.js';

/** At or below this quantity the ${thing} is to be ordered again. */
const LOW = ${low};

/**
 * Stock and profit after moves in order: { buy, price } and { sell, price }. What is sold costs what it was
 * bought for, first in, first out. Sales of more than is there do not take place.
 * @returns quantity, value at cost, profit, lost sales, and after which moves (from 1) it became low
 */
export default function stockAfter(moves) {
  const lots = [];
  let profit = 0;
  let lost = 0;
  const orders = [];
  moves.forEach((move, i) => {
    const before = quantityOf(lots);
    if (move.buy !== undefined) lots.push({ quantity: move.buy, price: move.price });
    else {
      const cost = takeOut(lots, move.sell);
      if (cost === null) lost += 1;
      else profit += move.sell * move.price - cost;
    }
    if (quantityOf(lots) <= LOW && before > LOW) orders.push(i + 1);
  });
  return { quantity: quantityOf(lots), value: valueOf(lots), profit, lost, orders };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 8, (i) =>
          i === 0 || draw.chance(45)
            ? { buy: near(draw, [low, 5, 3]) + 1, price: draw.int(2, 9) }
            : { sell: near(draw, [low, 3, 2]), price: draw.int(4, 15) },
        ),
      ],
    };
  },
};
