// Draws of arguments that several programs share.

import type { Random } from '../../random.js';

export const NODES = ['a', 'b', 'c', 'd', 'e', 'f'];
export const two = (draw: Random): [string, string] => draw.sample(NODES, 2) as [string, string];

export const span = (draw: Random): { from: number; to: number } => {
  const from = draw.int(0, 20);
  return { from, to: from + draw.pick([0, 1, 2, 3, 5, 8]) };
};
