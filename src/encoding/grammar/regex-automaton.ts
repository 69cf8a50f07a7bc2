// Regular expressions of JSON Schema (`pattern`: ECMAScript, Unicode mode, unanchored) as automata.
// What no automaton can hold, or would blow up, is given up as a whole: look-around, references back,
// word boundaries, anchors inside.

import type { Automaton } from './automaton.js';
import { AutomatonBuilder, AutomatonTooLargeError, type Part } from './automaton-builder.js';
import {
  ANY_CHARACTER,
  rangesOf,
  subtract,
  unite,
  type CharRange,
  type CharRanges,
} from './char-ranges.js';

/** undefined: the pattern is not supported, or no pattern at all. */
export function regexAutomaton(pattern: string): Automaton | undefined {
  try {
    return new RegexReader(pattern).read();
  } catch (error) {
    if (error instanceof UnsupportedPattern || error instanceof AutomatonTooLargeError) {
      return undefined;
    }
    throw error;
  }
}

class UnsupportedPattern extends Error {}

const DIGIT: CharRanges = [[0x30, 0x39]];
const WORD = unite([...DIGIT, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
const LINE_ENDS = rangesOf('\n\r\u2028\u2029');
const SPACE = unite([
  ...rangesOf('\t\v\f \u00a0\ufeff\u1680\u202f\u205f\u3000'),
  [0x2000, 0x200a],
  ...LINE_ENDS,
]);
const CLASSES: Readonly<Record<string, CharRanges>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  D: subtract(ANY_CHARACTER, DIGIT),
  W: subtract(ANY_CHARACTER, WORD),
  S: subtract(ANY_CHARACTER, SPACE),
};
const CONTROL: Readonly<Record<string, string>> = { t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };
const SYNTAX = '^$\\.*+?()[]{}|/';
const MAX_GROUPS = 50;

/** Writes a part of the automaton; called once for every copy that a quantifier asks for. */
type Writer = () => Part;

class RegexReader {
  readonly #builder = new AutomatonBuilder();
  #at = 0;
  #depth = 0;

  constructor(readonly pattern: string) {}

  read(): Automaton {
    const alternatives = [this.#topAlternative()];
    while (this.#take('|')) alternatives.push(this.#topAlternative());
    if (this.#at < this.pattern.length) this.#fail();
    return this.#builder.finish(this.#choice(alternatives)());
  }

  /** Unanchored on either side, any text may stand there. */
  #topAlternative(): Writer {
    const anything = this.#repeat(this.#char(ANY_CHARACTER), 0, Infinity);
    const parts: Writer[] = this.#take('^') ? [] : [anything];
    parts.push(this.#sequence());
    if (!this.#take('$')) parts.push(anything);
    return () => this.#builder.sequence(parts.map((write) => write()));
  }

  #sequence(): Writer {
    const parts: Writer[] = [];
    while (this.#at < this.pattern.length && !'|)$'.includes(this.pattern[this.#at]!)) {
      const atom = this.#atom();
      const [min, max] = this.#quantifier();
      parts.push(min === 1 && max === 1 ? atom : this.#repeat(atom, min, max));
    }
    return () => this.#builder.sequence(parts.map((write) => write()));
  }

  #char(chars: CharRanges): Writer {
    return () => this.#builder.char(chars);
  }

  #choice(alternatives: readonly Writer[]): Writer {
    return () => this.#builder.choice(alternatives.map((write) => write()));
  }

  #repeat(atom: Writer, min: number, max: number): Writer {
    return () => this.#builder.repeat(atom, min, max);
  }

  #quantifier(): [min: number, max: number] {
    const bounds = this.#bounds();
    if (bounds) this.#take('?'); // lazy or not, the language is the same
    return bounds ?? [1, 1];
  }

  #bounds(): [min: number, max: number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(
      this.pattern.slice(this.#at, this.#at + 12),
    );
    if (!counted) return undefined;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    if (counted[2] === undefined) return [min, min];
    return [min, counted[3] === undefined ? Infinity : Number(counted[3])];
  }

  #atom(): Writer {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '[') return this.#char(this.#class());
    if (char === '.') return this.#char(subtract(ANY_CHARACTER, LINE_ENDS));
    if (char === '\\') return this.#char(this.#escape());
    if (SYNTAX.includes(char) && char !== '/') this.#fail();
    return this.#char(rangesOf(char));
  }

  #group(): Writer {
    if (++this.#depth > MAX_GROUPS) this.#fail();
    if (this.#take('?')) {
      const named = /^<[A-Za-z_$][\w$]*>/.exec(this.pattern.slice(this.#at));
      if (named) this.#at += named[0].length;
      else if (!this.#take(':')) this.#fail(); // look-around
    }
    const alternatives = [this.#sequence()];
    while (this.#take('|')) alternatives.push(this.#sequence());
    if (!this.#take(')')) this.#fail();
    this.#depth--;
    return this.#choice(alternatives);
  }

  #class(): CharRanges {
    const isNegated = this.#take('^');
    const ranges: CharRange[] = [];
    while (!this.#take(']')) {
      const first = this.#classMember();
      if (this.pattern[this.#at] !== '-' || this.pattern[this.#at + 1] === ']') {
        ranges.push(...first);
        continue;
      }
      this.#at++;
      ranges.push([onlyChar(first), onlyChar(this.#classMember())]);
    }
    const united = unite(ranges);
    return isNegated ? subtract(ANY_CHARACTER, united) : united;
  }

  #classMember(): CharRanges {
    const char = this.#next();
    if (char !== '\\') return rangesOf(char);
    if (this.#take('b')) return rangesOf('\b');
    if (this.#take('-')) return rangesOf('-');
    return this.#escape();
  }

  #escape(): CharRanges {
    const char = this.#next();
    if (Object.hasOwn(CLASSES, char)) return CLASSES[char]!;
    if (Object.hasOwn(CONTROL, char)) return rangesOf(CONTROL[char]!);
    if (SYNTAX.includes(char)) return rangesOf(char);
    const hex = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})/i.exec(
      char + this.pattern.slice(this.#at, this.#at + 8),
    );
    if (!hex) this.#fail();
    this.#at += hex[0].length - 1;
    const code = parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) this.#fail();
    return [[code, code]];
  }

  #take(char: string): boolean {
    if (this.pattern[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const code = this.pattern.codePointAt(this.#at);
    if (code === undefined) this.#fail();
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }

  #fail(): never {
    throw new UnsupportedPattern(this.pattern);
  }
}

function onlyChar(ranges: CharRanges): number {
  const [only, ...others] = ranges;
  if (!only || others.length > 0 || only[0] !== only[1]) throw new UnsupportedPattern();
  return only[0];
}
