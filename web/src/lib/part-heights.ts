// Heights of the parts of a long text, measured or guessed, and which parts a window shows. A part that
// was never drawn is guessed from its length and from what the measured ones came to, so the guesses get
// better while the reader goes on. Knows no DOM.

/** Before anything was measured: a line of 60 characters, 24 pixels high. */
const FIRST_PIXELS_PER_CHARACTER = 24 / 60;

export interface PartWindow {
  first: number;
  /** Behind the last part that is shown. */
  end: number;
  /** Pixels of the parts before and behind the window. */
  before: number;
  after: number;
}

export class PartHeights {
  /** Measured pixels; NaN = never measured at this width. */
  readonly #measured: number[] = [];
  readonly #lengths: number[] = [];
  #measuredPixels = 0;
  #measuredCharacters = 0;

  get count(): number {
    return this.#lengths.length;
  }

  get total(): number {
    return this.top(this.count);
  }

  /** Characters of a part; a new part is added at the end only. */
  setLength(index: number, length: number): void {
    if (index > this.count) throw new RangeError(`part ${index} after ${this.count} parts`);
    if (this.#lengths[index] === length) return;
    this.#forget(index);
    this.#lengths[index] = length;
    this.#measured[index] = NaN;
  }

  /** Drops the parts from `count` on. */
  cutTo(count: number): void {
    while (this.count > count) {
      this.#forget(this.count - 1);
      this.#lengths.pop();
      this.#measured.pop();
    }
  }

  measure(index: number, pixels: number): void {
    this.#forget(index);
    this.#measured[index] = pixels;
    this.#measuredPixels += pixels;
    this.#measuredCharacters += this.#lengths[index]!;
  }

  isMeasured(index: number): boolean {
    return !Number.isNaN(this.#measured[index] ?? NaN);
  }

  /** At another width every height is another. */
  forgetAll(): void {
    this.#measured.fill(NaN);
    this.#measuredPixels = 0;
    this.#measuredCharacters = 0;
  }

  heightOf(index: number): number {
    const pixels = this.#measured[index]!;
    if (!Number.isNaN(pixels)) return pixels;
    const each =
      this.#measuredCharacters > 0
        ? this.#measuredPixels / this.#measuredCharacters
        : FIRST_PIXELS_PER_CHARACTER;
    return Math.max(1, Math.round(this.#lengths[index]! * each));
  }

  /** Pixels above a part. */
  top(index: number): number {
    let top = 0;
    for (let each = 0; each < index; each++) top += this.heightOf(each);
    return top;
  }

  /** The part at this height and how far into it that is. */
  at(pixels: number): { index: number; offset: number } {
    const { first, before } = this.window(pixels, pixels);
    return { index: first, offset: pixels - before };
  }

  /** The parts that the pixels from `from` to `to` touch; at least one where there is any. */
  window(from: number, to: number): PartWindow {
    const { count } = this;
    let first = 0;
    let before = 0;
    while (first < count - 1 && before + this.heightOf(first) <= from) {
      before += this.heightOf(first++);
    }
    let end = first;
    let below = before;
    while (end < count && (end === first || below < to)) below += this.heightOf(end++);
    let after = 0;
    for (let each = end; each < count; each++) after += this.heightOf(each);
    return { first, end, before, after };
  }

  #forget(index: number): void {
    const pixels = this.#measured[index] ?? NaN;
    if (Number.isNaN(pixels)) return;
    this.#measuredPixels -= pixels;
    this.#measuredCharacters -= this.#lengths[index]!;
    this.#measured[index] = NaN;
  }
}
