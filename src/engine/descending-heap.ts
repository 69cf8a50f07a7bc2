// The largest values of an array in order, without sorting all of it: building is O(n), each pop
// O(log n). Serves top-p (few pops on a peaked distribution) and the top log-probabilities (<= 20).
// Equal values come out lower index first, so results are deterministic.

export class DescendingHeap {
  #values: Float32Array = new Float32Array(0);
  #size = 0;
  readonly #indices: Uint32Array;

  /** @param capacity the longest array it will be built over. */
  constructor(capacity: number) {
    this.#indices = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Starts over with `values`, which must stay unchanged while popping. */
  build(values: Float32Array): void {
    this.#values = values;
    this.#size = values.length;
    for (let i = 0; i < this.#size; i++) this.#indices[i] = i;
    for (let node = (this.#size >>> 1) - 1; node >= 0; node--) this.#sink(node);
  }

  /** Index of the largest value left. */
  pop(): number {
    const top = this.#indices[0]!;
    this.#size--;
    this.#indices[0] = this.#indices[this.#size]!;
    this.#sink(0);
    return top;
  }

  #sink(start: number): void {
    const indices = this.#indices;
    const moving = indices[start]!;
    let node = start;
    for (;;) {
      let child = 2 * node + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(indices[child + 1]!, indices[child]!)) child++;
      if (!this.#isBefore(indices[child]!, moving)) break;
      indices[node] = indices[child]!;
      node = child;
    }
    indices[node] = moving;
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#values[a]!, this.#values[b]!];
    return x > y || (x === y && a < b);
  }
}
