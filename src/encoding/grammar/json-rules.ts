// JSON as grammar rules: any value, and the spelling of strings. Whitespace is bounded, so that a
// model cannot write blanks until its tokens are used up (api reference §14, pitfall 5).

import { ANY_CHARACTER, intersect, rangesOf, subtract, type CharRanges } from './char-ranges.js';
import type { Spelling } from './automaton.js';
import { charClass, type GrammarText } from './grammar-text.js';

const CONTROL_CHARACTERS: CharRanges = [[0, 0x1f]];
const NEEDS_ESCAPE = rangesOf('"\\');

/** A character inside a JSON string. */
export const JSON_STRING_SPELLING: Spelling = {
  plain: subtract(subtract(ANY_CHARACTER, CONTROL_CHARACTERS), NEEDS_ESCAPE),
  escaped: [
    [0x22, '\\"'],
    [0x5c, '\\\\'],
    [0x08, '\\b'],
    [0x09, '\\t'],
    [0x0a, '\\n'],
    [0x0c, '\\f'],
    [0x0d, '\\r'],
  ],
};

/** What follows any string inside JSON; the compiler decides tokens like `",` by it. */
export const AFTER_JSON_STRING = '[ \\n\\t]* [,}\\]:]';

/** No lone surrogates: half a pair is text that most readers refuse. */
const ESCAPE =
  '"\\\\" ( ["\\\\/bfnrt] | "u" ( [0-9a-cA-CefEF] [0-9a-fA-F] | [dD] [0-7] ) [0-9a-fA-F] [0-9a-fA-F] )';

/** `text` limits the characters of strings, for formats whose markup must not appear in them. */
export class JsonRules {
  constructor(
    readonly grammar: GrammarText,
    readonly text: CharRanges = ANY_CHARACTER,
  ) {}

  /** At most one blank, or a line break and an indentation. */
  get space(): string {
    return this.grammar.shared('json space', 'space', () => '( " " | "\\n" [ \\t]{0,20} )?');
  }

  get spelling(): Spelling {
    const plain = intersect(JSON_STRING_SPELLING.plain, this.text);
    return { plain, escaped: JSON_STRING_SPELLING.escaped };
  }

  get string(): string {
    return this.grammar.shared('json string', 'string', () => `"\\"" ${this.stringRest}`);
  }

  /** Behind the opening quote, with the closing one inside the rule (automaton.ts says why). */
  get stringRest(): string {
    const plain = charClass(this.spelling.plain);
    return this.grammar.shared(
      'json string rest',
      'chars',
      (name) => `( "\\"" | ${plain} ${name} | ${this.#escape} ${name} ) (= ${AFTER_JSON_STRING})`,
    );
  }

  get #escape(): string {
    return this.grammar.shared('json escape', 'escape', () => ESCAPE);
  }

  get integer(): string {
    return this.grammar.shared('json integer', 'integer', () => '"0" | "-"? [1-9] [0-9]{0,18}');
  }

  get number(): string {
    return this.grammar.shared(
      'json number',
      'number',
      () => `"-"? ( "0" | [1-9] [0-9]{0,18} ) ( "." [0-9]{1,18} )? ( [eE] [+-]? [0-9]{1,2} )?`,
    );
  }

  get boolean(): string {
    return '( "true" | "false" )';
  }

  get object(): string {
    const member = () => `${this.string} ${this.space} ":" ${this.space} ${this.value}`;
    return this.grammar.shared('json object', 'object', () => this.objectOf(member()));
  }

  get array(): string {
    return this.grammar.shared('json array', 'array', () => this.arrayOf(this.value));
  }

  /** Anything but a string: how a parameter that is no string is written. */
  get nonString(): string {
    return this.grammar.shared(
      'json non-string',
      'plain',
      () => `${this.object} | ${this.array} | ${this.number} | ${this.boolean} | "null"`,
    );
  }

  get value(): string {
    return this.grammar.shared('json value', 'value', () => `${this.string} | ${this.nonString}`);
  }

  /** @param member EBNF of a whole member */
  objectOf(member: string): string {
    return `"{" ${this.space} ${this.#list(member)} "}"`;
  }

  arrayOf(item: string): string {
    return `"[" ${this.space} ${this.#list(item)} "]"`;
  }

  #list(item: string): string {
    const next = `${this.space} "," ${this.space} ${item}`;
    return `( ${item} ( ${next} )* ${this.space} )?`;
  }
}
