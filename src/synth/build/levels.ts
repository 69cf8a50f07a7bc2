// Which level a family is tried at in one environment. A candidate that is too easy is drawn again one
// level up, one that is too hard one level down, until the gates' band is met or there is no further
// level; a level that failed the same way twice and never came off is not begun at again.
// Source: agents reference §6.6.

export const NUM_LEVELS = 4;
/** Failures in one direction after which a level is no starting point. */
const GIVES_UP = 2;

export type Verdict = 'accepted' | 'too easy' | 'too hard' | 'other';

export class Levels {
  readonly #failed = Array.from({ length: NUM_LEVELS }, () => 0);
  readonly #cameOff = new Set<number>();

  /** Takes turns among the levels that are of use here. */
  begin(turn: number): number {
    const all = Array.from({ length: NUM_LEVELS }, (_, level) => level);
    const useful = all.filter(
      (level) => this.#cameOff.has(level) || this.#failed[level]! < GIVES_UP,
    );
    const among = useful.length > 0 ? useful : all;
    return among[turn % among.length]!;
  }

  /** The level to draw the same again at; undefined = this candidate is done with. */
  after(level: number, verdict: Verdict, before: number | undefined): number | undefined {
    if (verdict === 'accepted') this.#cameOff.add(level);
    if (verdict !== 'too easy' && verdict !== 'too hard') return undefined;
    this.#failed[level]!++;
    const next = verdict === 'too easy' ? level + 1 : level - 1;
    // Too easy below and too hard above: between the two there is nothing.
    return next < 0 || next >= NUM_LEVELS || next === before ? undefined : next;
  }
}
