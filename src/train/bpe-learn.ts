// Learns BPE merges from word counts. Each word is kept once as a list of symbols; a merge rewrites
// only the words that hold its pair and adjusts the counts of the neighbouring pairs, so the cost is
// that of the changes, not of the text.

import { BYTE_CHARACTERS } from '../encoding/bpe-bytes.js';

/** A merge of two tokens, spelled in the byte alphabet. */
export interface Merge {
  left: string;
  right: string;
}

export interface LearnOptions {
  /** Word -> how often it occurs. Merges never leave a word. */
  words: ReadonlyMap<string, number>;
  /** Stop after this many new tokens, or when no pair occurs twice. */
  maxTokens: number;
  /** Spellings no merge may make (they belong to added tokens). */
  reserved: ReadonlySet<string>;
}

const KEY_BASE = 2 ** 21; // above every symbol number; keys stay exact below 2^53
const MIN_COUNT = 2;

interface Pair {
  readonly key: number; // left symbol * KEY_BASE + right symbol
  count: number;
  /** Words that held the pair when it appeared there; may be stale. */
  readonly words: Set<number>;
}

/** Merges in rank order. Contract: the same counts give the same merges, in any order of words. */
export function learnMerges({ words, maxTokens, reserved }: LearnOptions): Merge[] {
  const spellings: string[] = [...BYTE_CHARACTERS];
  const symbols = new Map(spellings.map((spelling, symbol) => [spelling, symbol]));
  const corpus = new Corpus(words);
  const queue = new PairQueue(corpus.pairs.values());
  const merges: Merge[] = [];
  const listed = new Set<number>();
  const maxSymbols = spellings.length + maxTokens;
  while (spellings.length < maxSymbols) {
    const pair = queue.pop();
    if (!pair || pair.count < MIN_COUNT) break;
    const left = Math.floor(pair.key / KEY_BASE);
    const right = pair.key % KEY_BASE;
    const spelling = spellings[left]! + spellings[right]!;
    if (reserved.has(spelling)) continue;
    // Two pairs may spell the same token; it keeps its first number.
    let symbol = symbols.get(spelling);
    if (symbol === undefined) {
      symbol = spellings.length;
      symbols.set(spelling, symbol);
      spellings.push(spelling);
    }
    // A pair can appear anew once its left token is made in a second way; it is listed once.
    if (!listed.has(pair.key)) merges.push({ left: spellings[left]!, right: spellings[right]! });
    listed.add(pair.key);
    for (const changed of corpus.merge(pair, left, right, symbol)) queue.push(changed);
  }
  return merges;
}

class Corpus {
  readonly pairs = new Map<number, Pair>();
  readonly #words: Int32Array[] = []; // symbols; shrinks from the end as pairs merge
  readonly #counts: number[] = [];

  constructor(words: ReadonlyMap<string, number>) {
    for (const [word, count] of words) {
      const index = this.#words.length;
      const symbols = Int32Array.from(new TextEncoder().encode(word));
      this.#words.push(symbols);
      this.#counts.push(count);
      for (let i = 0; i + 1 < symbols.length; i++) {
        this.#add(symbols[i]!, symbols[i + 1]!, count, index);
      }
    }
  }

  /** Replaces every (left, right) by `symbol`. Returns the pairs whose count changed. */
  merge(pair: Pair, left: number, right: number, symbol: number): Set<Pair> {
    const changed = new Set<Pair>();
    for (const index of pair.words) {
      const word = this.#words[index]!;
      const count = this.#counts[index]!;
      let length = 0; // of the rewritten front; each step is one merge applied by itself
      for (let i = 0; i < word.length; i++) {
        if (word[i] !== left || i + 1 >= word.length || word[i + 1] !== right) {
          word[length++] = word[i]!;
          continue;
        }
        const before = length > 0 ? word[length - 1]! : -1;
        const after = i + 2 < word.length ? word[i + 2]! : -1;
        if (before >= 0) {
          this.#note(changed, this.#add(before, left, -count, index));
          this.#note(changed, this.#add(before, symbol, count, index));
        }
        if (after >= 0) {
          this.#note(changed, this.#add(right, after, -count, index));
          this.#note(changed, this.#add(symbol, after, count, index));
        }
        word[length++] = symbol;
        i++;
      }
      this.#words[index] = word.subarray(0, length);
    }
    this.pairs.delete(pair.key);
    pair.count = 0; // makes its queue entries stale
    changed.delete(pair); // noted when it overlaps itself (aaa)
    return changed;
  }

  #note(changed: Set<Pair>, pair: Pair): void {
    if (pair.count > 0) changed.add(pair);
  }

  #add(left: number, right: number, count: number, word: number): Pair {
    const key = left * KEY_BASE + right;
    let pair = this.pairs.get(key);
    if (!pair) this.pairs.set(key, (pair = { key, count: 0, words: new Set() }));
    pair.count += count;
    if (count > 0) pair.words.add(word);
    return pair;
  }
}

interface Entry {
  readonly pair: Pair;
  /** The pair's count when queued; the entry is stale once it differs. */
  readonly count: number;
}

/** Max-heap by count, then lower key. Changed pairs are queued again and old entries skipped. */
class PairQueue {
  readonly #heap: Entry[] = [];

  constructor(pairs: Iterable<Pair>) {
    for (const pair of pairs) this.push(pair);
  }

  push(pair: Pair): void {
    const heap = this.#heap;
    const entry: Entry = { pair, count: pair.count };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** The most frequent pair, or undefined when none is left. */
  pop(): Pair | undefined {
    for (;;) {
      const entry = this.#popEntry();
      if (!entry) return undefined;
      if (entry.count === entry.pair.count) return entry.pair;
    }
  }

  #popEntry(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++;
      if (!precedes(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function precedes(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.pair.key < b.pair.key);
}
