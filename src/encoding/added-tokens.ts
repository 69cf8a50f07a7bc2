// Added tokens: which of them are control, and finding them in text. Control tokens steer the model,
// so text from outside must never become one; the other added tokens are only abbreviations.

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** The file's own flag; V3 leaves it off for <｜User｜> and others that are control all the same. */
  readonly special: boolean;
}

const FAMILY_MARKER = /<｜[^｜]*｜>|｜DSML｜|<\/?think>/;

/** Ids of the control tokens: flagged special, spelled like one of the family's markers (any
 *  <｜...｜>, the DSML mark, a think tag), or containing a token that is control. */
export function findControlIds(tokens: readonly AddedToken[]): Set<number> {
  const marked = tokens.filter(({ special, content }) => special || FAMILY_MARKER.test(content));
  const contents = marked.map(({ content }) => content);
  const control = tokens.filter(({ content }) => contents.some((part) => content.includes(part)));
  return new Set(control.map(({ id }) => id));
}

interface TrieNode {
  id: number; // -1: no token ends here
  readonly children: Map<number, TrieNode>;
}

/** One occurrence of an added token in a range of UTF-16 units. */
export interface AddedTokenMatch {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Finds added tokens in UTF-16 units: leftmost, then longest (encoding reference, section 2). */
export class AddedTokenTrie {
  readonly #root: TrieNode = { id: -1, children: new Map() };
  /** 1 for each unit some token starts with: almost every position is dismissed by this alone. */
  readonly #firstUnits = new Uint8Array(0x10000);
  readonly #isEmpty: boolean;

  constructor(tokens: readonly AddedToken[]) {
    this.#isEmpty = tokens.length === 0;
    for (const { id, content } of tokens) {
      let node = this.#root;
      for (let i = 0; i < content.length; i++) {
        const unit = content.charCodeAt(i);
        let child = node.children.get(unit);
        if (!child) node.children.set(unit, (child = { id: -1, children: new Map() }));
        node = child;
      }
      node.id = id;
      this.#firstUnits[content.charCodeAt(0)] = 1;
    }
  }

  /** The first match that starts in [start, end) and lies inside it. */
  next(units: Uint16Array, start: number, end: number): AddedTokenMatch | undefined {
    if (this.#isEmpty) return undefined;
    const firstUnits = this.#firstUnits;
    for (let at = start; at < end; at++) {
      if (firstUnits[units[at]!] === 0) continue;
      const match = this.#longestAt(units, at, end);
      if (match) return match;
    }
    return undefined;
  }

  #longestAt(units: Uint16Array, start: number, end: number): AddedTokenMatch | undefined {
    let match: AddedTokenMatch | undefined;
    let node: TrieNode | undefined = this.#root;
    for (let at = start; at < end; at++) {
      node = node.children.get(units[at]!);
      if (!node) break;
      if (node.id >= 0) match = { id: node.id, start, end: at + 1 };
    }
    return match;
  }
}
