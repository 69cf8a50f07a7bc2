// A tool-call block as grammar rules (encoding reference §6): one or more invokes of given tools, each
// parameter written raw (`string="true"`) or as JSON. Knows the format, not why a call is wanted.

import type { JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import { DSML } from '../markers.js';
import { writeAutomaton, type Spelling } from './automaton.js';
import {
  ANY_CHARACTER,
  intersect,
  rangesOf,
  subtract,
  unite,
  type CharRanges,
} from './char-ranges.js';
import { anyOf, charClass, literal } from './grammar-text.js';
import { inOrder, keyOf, SchemaRules, stringAutomaton, type StringForm } from './schema-rules.js';
import { schemaAlternatives, type SchemaAlternative } from './schema-alternatives.js';
import type { JsonRules } from './json-rules.js';

export interface CallableTool {
  name: string;
  /** The schema of the arguments; undefined: there are none. */
  parameters: JsonValue | undefined;
  /**
   * `schema`: all required parameters, in the order of the schema. `names`: parameters of the schema
   * with values of their kind, in any order; of many, any number. `none`: whatever the model writes.
   */
  follows: 'schema' | 'names' | 'none';
}

export interface CallMarkup {
  /** How the DSML mark is written in the grammar. */
  mark: string;
  /** What may stand in prose and in raw values. */
  text: CharRanges;
}

/** Up to here any order is tracked parameter by parameter; the rules double with each. */
const MAX_COUNTED = 6;

/** Names that a model invents for parameters that no schema names. */
const KEY_CHARACTERS = subtract(ANY_CHARACTER, unite([[0x09, 0x1f], ...rangesOf('"<>')]));

export class CallRules {
  readonly #json: JsonRules;
  readonly #markup: CallMarkup;

  constructor(json: JsonRules, markup: CallMarkup) {
    this.#json = json;
    this.#markup = markup;
  }

  /**
   * A block with its two line breaks before it. @throws GrammarTooLargeError
   * @param maxCalls one, or any number
   */
  block(tools: readonly CallableTool[], { maxCalls }: { maxCalls: 1 | 'any' }): string {
    const { grammar } = this.#json;
    const invokes = tools.map((tool) => this.#invoke(tool));
    const invoke = grammar.rule('invoke', anyOf(invokes));
    const calls = maxCalls === 1 ? invoke : `${invoke} ( "\\n" ${invoke} )*`;
    const open = this.#tag(`\n\n<${DSML}function_calls>\n`);
    return grammar.rule('block', `${open} ${calls} ${this.#tag(`\n</${DSML}function_calls>`)}`);
  }

  #invoke({ name, parameters, follows }: CallableTool): string {
    const open = this.#tag(`<${DSML}invoke name="${name}">\n`);
    const body = follows === 'none' ? this.#anyParameters() : this.#parameters(parameters, follows);
    const close = this.#tag(`\n</${DSML}invoke>`);
    return this.#json.grammar.rule('call', `${open} ${body} ${close}`);
  }

  #parameters(schema: JsonValue | undefined, follows: 'schema' | 'names'): string {
    if (schema === undefined) return '""';
    const object = schemaAlternatives(schema, schema).find(
      (one) => one.kind === 'object' || one.kind === 'map',
    );
    if (object?.kind !== 'object') return this.#anyParameters();
    const rules = new SchemaRules(this.#json, schema);
    const members = object.properties.map((property) => ({
      text: this.#parameter(property.name, property.schema, rules),
      isRequired: property.isRequired,
    }));
    const { grammar } = this.#json;
    if (follows === 'schema') return inOrder(grammar, members, { separator: '"\\n" ' });
    if (members.length <= MAX_COUNTED) return this.#inAnyOrder(members);
    const parameter = grammar.rule('parameter', anyOf(members.map(({ text }) => text)));
    const list = `${parameter} ( "\\n" ${parameter} )*`;
    return members.some(({ isRequired }) => isRequired) ? list : `( ${list} )?`;
  }

  /** Each at most once, the required ones all: a rule for every set that has been written. */
  #inAnyOrder(members: readonly { text: string; isRequired: boolean }[]): string {
    const { grammar } = this.#json;
    const parameters = members.map(({ text }) => grammar.rule('parameter', text));
    const sets = Array.from({ length: 1 << members.length }, () => grammar.reserve('after'));
    for (const [set, name] of sets.entries()) {
      const isUnused = (index: number) => (set & (1 << index)) === 0;
      const separator = set === 0 ? '' : '"\\n" ';
      const ways = parameters.flatMap((parameter, index) =>
        isUnused(index) ? [`${separator}${parameter} ${sets[set | (1 << index)]}`] : [],
      );
      if (!members.some(({ isRequired }, index) => isRequired && isUnused(index))) ways.push('""');
      grammar.define(name, ways.join(' | '));
    }
    return sets[0]!;
  }

  #parameter(name: string, schema: JsonValue, rules: SchemaRules): string {
    const raw: string[] = [];
    const plain: string[] = [];
    const alternatives = isJsonObject(schema)
      ? schemaAlternatives(schema, rules.root)
      : [{ kind: 'any' } as const];
    for (const one of alternatives) this.#value(one, rules, { raw, plain });
    const values: string[] = [];
    if (raw.length > 0) values.push(`${literal('" string="true">')} ${unique(raw)}`);
    if (plain.length > 0) {
      values.push(`${literal('" string="false">')} ${unique(plain)} ${this.#close}`);
    }
    return `${this.#tag(`<${DSML}parameter name="${name}`)} ${anyOf(values)}`;
  }

  /** Adds to `raw` what is written as it is, closing tag included; to `plain` what is JSON. */
  #value(
    alternative: SchemaAlternative,
    rules: SchemaRules,
    { raw, plain }: { raw: string[]; plain: string[] },
  ): void {
    if (alternative.kind === 'any') {
      raw.push(this.#rawText);
      plain.push(this.#json.nonString);
    } else if (alternative.kind === 'string') {
      raw.push(this.#rawString(alternative));
    } else if (alternative.kind === 'literal' && typeof alternative.value === 'string') {
      raw.push(`${literal(alternative.value)} ${this.#close}`);
    } else {
      plain.push(rules.alternative(alternative));
    }
  }

  #rawString(form: StringForm): string {
    if (form.pattern === undefined && form.format === undefined) return this.#rawText;
    const { grammar } = this.#json;
    return grammar.shared(`raw ${keyOf(form)}`, 'formed', () => {
      const automaton = stringAutomaton(form);
      const spelling: Spelling = { plain: this.#markup.text, escaped: [] };
      const options = { spelling, tail: this.#close, lookahead: '' };
      return (automaton && writeAutomaton(grammar, automaton, options)) ?? this.#rawText;
    });
  }

  /** Any text and the tag that ends it. */
  get #rawText(): string {
    const char = charClass(this.#markup.text);
    return this.#json.grammar.shared(
      'raw text',
      'raw',
      (name) => `${this.#close} | ${char} ${name}`,
    );
  }

  #anyParameters(): string {
    const { grammar } = this.#json;
    return grammar.shared('any parameters', 'parameters', () => {
      const key = charClass(intersect(KEY_CHARACTERS, this.#markup.text));
      const open = this.#tag(`<${DSML}parameter name="`);
      const raw = `${literal('" string="true">')} ${this.#rawText}`;
      const plain = `${literal('" string="false">')} ${this.#json.nonString} ${this.#close}`;
      const rest = grammar.reserve('key');
      grammar.define(rest, `${key} ( ${rest} | ${raw} | ${plain} )`);
      const parameter = grammar.rule('parameter', `${open} ${rest}`);
      return `( ${parameter} ( "\\n" ${parameter} )* )?`;
    });
  }

  get #close(): string {
    return this.#tag(`</${DSML}parameter>`);
  }

  /** Template text, with the mark as the grammar writes it. */
  #tag(text: string): string {
    return literal(text.replaceAll(DSML, this.#markup.mark));
  }
}

function unique(alternatives: readonly string[]): string {
  return anyOf([...new Set(alternatives)]);
}
