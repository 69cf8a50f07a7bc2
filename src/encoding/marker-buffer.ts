// The sliding window of an incremental parser: text that has arrived and is not yet consumed, and
// the search for markers in it. It owns two rules: text that may be the beginning of a marker is
// held back (only true prefixes are), and a marker counts only where its distinguishing part came
// from control tokens. It knows nothing of what markers mean.

import { DSML } from './markers.js';

/** A stretch of completion text. */
export interface CompletionPiece {
  text: string;
  /**
   * Whether the text is a control token's. Absent when tokens are unknown (a recorded text): then
   * every spelled marker counts. Present: markers spelled with ordinary tokens are data.
   */
  control?: boolean;
}

/** Strings to stop at. None may be a prefix of another. */
export class MarkerSet {
  readonly pattern: RegExp;
  /** A character that some marker begins with: text without one needs no search. */
  readonly beginning: RegExp;
  readonly longest: number;
  /** Every proper prefix, with the markers that it may become. */
  readonly prefixes = new Map<string, string[]>();

  constructor(readonly markers: readonly string[]) {
    this.pattern = new RegExp(markers.map(escapeRegExp).join('|'), 'g');
    this.beginning = new RegExp(markers.map((marker) => escapeRegExp(marker[0]!)).join('|'));
    this.longest = Math.max(...markers.map(({ length }) => length));
    for (const marker of markers) {
      for (let length = 1; length < marker.length; length++) {
        const prefix = marker.slice(0, length);
        this.prefixes.set(prefix, [...(this.prefixes.get(prefix) ?? []), marker]);
      }
    }
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[|\\{}()[\]^$+*?.]/g, '\\$&');
}

/**
 * The part that ordinary text must not be able to fake. In tags it is the DSML mark alone: the
 * bracket before it and the name after it are ordinary tokens in V3.2's vocabulary, while a small
 * vocabulary may hold a whole tag as one token. Other special tokens are atomic. Markers without
 * either (attribute text inside a tag) have no such part.
 */
function distinguishingRange(marker: string): [start: number, end: number] {
  const mark = marker.indexOf(DSML);
  if (mark >= 0) return [mark, mark + DSML.length];
  return /^<.*>$/.test(marker) ? [0, marker.length] : [0, 0];
}

export interface ReadResult {
  /** Text before the marker, or all that is certainly not the beginning of one. */
  text: string;
  /** The marker that was reached and consumed. */
  marker?: string;
}

const CONTROL = '1';
const ORDINARY = '0';

export class MarkerBuffer {
  private text = '';
  /** One character per character of `text`: CONTROL or ORDINARY. */
  private kinds = '';

  push({ text, control = true }: CompletionPiece): void {
    this.text += text;
    this.kinds += (control ? CONTROL : ORDINARY).repeat(text.length);
  }

  get length(): number {
    return this.text.length;
  }

  /** The next characters, at most `length`, without consuming them. */
  peek(length: number): string {
    return this.text.slice(0, length);
  }

  /** Consumes and returns up to `length` characters. */
  take(length: number): string {
    if (length >= this.text.length) {
      const all = this.text;
      this.text = this.kinds = '';
      return all;
    }
    const taken = this.text.slice(0, length);
    this.text = this.text.slice(length);
    this.kinds = this.kinds.slice(length);
    return taken;
  }

  /**
   * Reads to the earliest marker. Without one it reads everything except what may still become a
   * marker; `retreat` may move that cut further back (it gets the text and the cut).
   */
  readUntil(set: MarkerSet, retreat?: (text: string, cut: number) => number): ReadResult {
    // Most tokens hold no beginning of a marker.
    const canHoldMarker = set.beginning.test(this.text);
    const found = canHoldMarker ? this.find(set) : undefined;
    const held = canHoldMarker ? this.heldFrom(set) : this.wholeCharacters();
    // A prefix that starts earlier may still become the longer marker around this one.
    if (found !== undefined && found.position < held) {
      const text = this.take(found.position);
      this.take(found.marker.length);
      return { text, marker: found.marker };
    }
    return { text: this.take(retreat === undefined ? held : retreat(this.text, held)) };
  }

  private find(set: MarkerSet): { position: number; marker: string } | undefined {
    set.pattern.lastIndex = 0;
    for (let match = set.pattern.exec(this.text); match; match = set.pattern.exec(this.text)) {
      if (this.isGenuine(match[0], match.index)) return { position: match.index, marker: match[0] };
      set.pattern.lastIndex = match.index + 1;
    }
    return undefined;
  }

  /** Where the longest suffix begins that may become a marker; the text's length if none may. */
  private heldFrom(set: MarkerSet): number {
    const { length } = this.text;
    for (let start = Math.max(0, length - set.longest + 1); start < length; start++) {
      const markers = set.prefixes.get(this.text.slice(start));
      if (markers?.some((marker) => this.isGenuine(marker, start))) return start;
    }
    return this.wholeCharacters();
  }

  /** The text's length without half a surrogate pair at its end: a pair is one character. */
  private wholeCharacters(): number {
    const { length } = this.text;
    return isHighSurrogate(this.text.charCodeAt(length - 1)) ? length - 1 : length;
  }

  /** Whether the marker's distinguishing part, as far as it has arrived, is control text. */
  private isGenuine(marker: string, position: number): boolean {
    const [start, end] = distinguishingRange(marker);
    return !this.kinds.slice(position + start, position + end).includes(ORDINARY);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
