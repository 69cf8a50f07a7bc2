// Demands on single slots, until what is left can be searched: around a planted choice, or strong ones for
// rows that few others are like.

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import type { Draw } from './draw.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Ways to fill the slots that may be left after demands on single slots. */
export const MAX_OPEN = 2000;
/** Demands on one slot that are drawn for each that is used: the one that leaves least is. */
const DRAWN_FOR_ONE = 4;
/** The same where the row is open as well. */
const DRAWN_FOR_STRONG = 16;

/** Demands on single slots, until the rest can be searched. */
export function demandsOnSlots(world: ChoiceWorld, draw: Draw, planted: Pick): Constraint[] {
  const found: Constraint[] = [];
  const open = world.domains.map((rows) => [...rows]);
  for (let round = 0; round < 6; round++) {
    for (const at of world.slots.keys()) {
      const ways = open.reduce((product, rows) => product * rows.length, 1);
      if (round > 0 && ways < MAX_OPEN) return found;
      if (open[at]!.length < 6) continue;
      const pick = [...planted];
      const drawn = Array.from({ length: DRAWN_FOR_ONE }, () => draw.atom(planted, at));
      const [best] = drawn
        .flatMap((atom) => {
          if (!atom) return [];
          const test = world.truth.test(atom);
          const rest = open[at]!.filter((row) => {
            pick[at] = row;
            return test(pick);
          });
          return rest.length === open[at]!.length || rest.length < 2 ? [] : [{ atom, rest }];
        })
        .toSorted((a, b) => a.rest.length - b.rest.length);
      if (!best) continue;
      open[at] = best.rest;
      found.push(best.atom);
    }
  }
  return found;
}

/** Demands on single slots that few rows meet, until the rest can be searched. */
export function strongDemands(
  world: ChoiceWorld,
  draw: Draw,
  random: Random,
): { readonly single: readonly Constraint[]; readonly ways: number } {
  const planted = draw.pick();
  const open = world.domains.map((rows) => [...rows]);
  const single: Constraint[] = [];
  const ways = (): number => open.reduce((product, rows) => product * rows.length, 1);
  const order = random.shuffled([...world.slots.keys()]);
  // Once the row is the slot's own; further demands on it must let it in.
  for (const [turn, at] of [...order, ...order].entries()) {
    if (ways() < MAX_OPEN) break;
    const rows = open[at]!;
    if (rows.length < 4) continue;
    let best: { atom: Constraint; row: Pick[number]; rest: Pick[number][] } | undefined;
    for (let drawn = 0; drawn < DRAWN_FOR_STRONG; drawn++) {
      const row = turn < order.length ? random.pick(rows) : planted[at]!;
      const isTaken = planted.some((one, i) => one === row && i !== at);
      const pick = planted.with(at, row);
      const atom = isTaken ? null : draw.atom(pick, at, rows.length);
      if (!atom) continue;
      const test = world.truth.test(atom);
      const rest = rows.filter((one) => {
        pick[at] = one;
        return test(pick);
      });
      if (rest.length >= 2 && (!best || rest.length < best.rest.length)) best = { atom, row, rest };
    }
    if (!best || best.rest.length === rows.length) continue;
    planted[at] = best.row;
    open[at] = best.rest;
    single.push(best.atom);
  }
  return { single, ways: ways() };
}
