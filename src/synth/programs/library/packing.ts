// Pieces packed into boxes, best fit of the heaviest first.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const packing: ProgramTemplate = {
  id: 'packing',
  make(random, { thing }) {
    const weight = random.int(18, 26);
    const pieces = random.int(3, 5);
    return {
      files: {
        'box.js': source(`
/** A box takes so much weight and so many pieces. */
const MOST_WEIGHT = ${weight};
const MOST_PIECES = ${pieces};

export function newBox() {
  return { weight: 0, pieces: [], fragile: false };
}

/** Fragile pieces go only with fragile ones; an empty box takes any piece that is not too heavy. */
export function fits(box, piece) {
  if (box.pieces.length >= MOST_PIECES) return false;
  if (box.weight + piece.weight > MOST_WEIGHT) return false;
  return box.pieces.length === 0 || box.fragile === piece.fragile;
}

export function putIn(box, piece) {
  box.weight += piece.weight;
  box.pieces.push(piece.id);
  box.fragile = piece.fragile;
}
`),
        'order.js': source(`
/** Heavier pieces first; equally heavy ones in the order of their ids. */
export function heaviestFirst(pieces) {
  return [...pieces].sort((a, b) => b.weight - a.weight || a.id - b.id);
}
`),
        'index.js': source(`
import { fits, newBox, putIn } from './box.js';
import { heaviestFirst } from './order.js';

/**
 * Packs ${thing} pieces { id, weight, fragile }: the heaviest first, each into the fullest box (by weight) that it
 * fits into, of equally full ones the earliest; a new box where it fits into none.
 * @returns ids by box, and ids of pieces that no box can take
 */
export default function pack(pieces) {
  const boxes = [];
  const left = [];
  for (const piece of heaviestFirst(pieces)) {
    let best = null;
    for (const box of boxes) {
      if (fits(box, piece) && (best === null || box.weight > best.weight)) best = box;
    }
    if (best === null) {
      best = newBox();
      if (!fits(best, piece)) {
        left.push(piece.id);
        continue;
      }
      boxes.push(best);
    }
    putIn(best, piece);
  }
  return { boxes: boxes.map((box) => box.pieces), left };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, (i) => ({
          id: i + 1,
          weight: near(draw, [weight, weight >> 1, 3, 5]),
          fragile: draw.chance(35),
        })),
      ],
    };
  },
};
