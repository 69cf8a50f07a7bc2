// An amount split by weights so that the parts add up (largest remainder).

import { many, source, type ProgramTemplate } from '../program.js';

export const splitBill: ProgramTemplate = {
  id: 'split-bill',
  make(_random, { person }) {
    return {
      files: {
        'shares.js': source(`
/** The whole part of each share, and what was lost by leaving out the rest. */
export function wholeShares(amount, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => ({
    whole: Math.floor((amount * weight) / total),
    rest: (amount * weight) % total,
  }));
}
`),
        'order.js': source(`
/**
 * Positions in the order in which they get one more unit: the largest rest first, among equal rests
 * the one that comes first in the list.
 */
export function byRest(shares) {
  const positions = shares.map((share, position) => position);
  positions.sort((a, b) => {
    if (shares[a].rest !== shares[b].rest) return shares[b].rest - shares[a].rest;
    return a - b;
  });
  return positions;
}
`),
        'index.js': source(`
import { byRest } from './order.js';
import { wholeShares } from './shares.js';

/**
 * Splits an amount among people by weight so that the parts add up exactly (largest remainder).
 * Who has no weight pays nothing; without any weight the result is null.
 * @param parties list of { ${person}, weight }, weights are whole numbers from 0
 */
export default function splitAmong(amount, parties) {
  const paying = parties.filter((party) => party.weight > 0);
  if (paying.length === 0) return null;
  const shares = wholeShares(amount, paying.map((party) => party.weight));
  let left = amount;
  for (const share of shares) left -= share.whole;
  for (const position of byRest(shares)) {
    if (left === 0) break;
    shares[position].whole += 1;
    left -= 1;
  }
  return parties.map((party) => {
    const at = paying.indexOf(party);
    return { ${person}: party.${person}, pays: at < 0 ? 0 : shares[at].whole };
  });
}
`),
      },
      args: (draw) => [
        draw.int(0, 120),
        many(draw, 0, 6, (i) => ({ [person]: `p${i + 1}`, weight: draw.int(0, 4) })),
      ],
    };
  },
};
