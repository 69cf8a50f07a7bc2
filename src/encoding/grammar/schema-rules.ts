// JSON values that follow a schema, as grammar rules. Properties come in the order of the schema;
// those that are not required may be left out. Rules are shared by schema object, so references may
// be recursive. What a grammar cannot hold (an unsupported pattern, a multiple of something large)
// is left open here; docs/decisions has the list.

import { stringifyJson } from '../json-writer.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { writeAutomaton, type Automaton } from './automaton.js';
import { anyOf, literal } from './grammar-text.js';
import { AFTER_JSON_STRING, type JsonRules } from './json-rules.js';
import { numberAutomaton, type NumberLimits } from './number-automaton.js';
import { regexAutomaton } from './regex-automaton.js';
import {
  schemaAlternatives,
  type SchemaAlternative,
  type SchemaProperty,
} from './schema-alternatives.js';
import { formatPattern } from './string-formats.js';

export class SchemaRules {
  readonly #rules = new Map<JsonObject, string>();

  /** @param root where the references of its schemas start */
  constructor(
    readonly json: JsonRules,
    readonly root: JsonValue | undefined,
  ) {}

  /** The rule for values of a schema. @throws GrammarTooLargeError */
  value(schema: JsonValue | undefined): string {
    if (!isJsonObject(schema)) return this.json.value;
    const known = this.#rules.get(schema);
    if (known !== undefined) return known;
    const { grammar } = this.json;
    const name = grammar.reserve('schema');
    this.#rules.set(schema, name);
    const alternatives = schemaAlternatives(schema, this.root).map((one) => this.alternative(one));
    return grammar.define(name, [...new Set(alternatives)].join(' | '));
  }

  /** EBNF of one alternative. */
  alternative(alternative: SchemaAlternative): string {
    const { json } = this;
    switch (alternative.kind) {
      case 'any':
        return json.value;
      case 'boolean':
        return json.boolean;
      case 'null':
        return '"null"';
      case 'literal':
        return literal(stringifyJson(alternative.value));
      case 'number':
        return this.#number(alternative.limits);
      case 'string':
        return this.#string(alternative);
      case 'array':
        return `( ${json.arrayOf(this.value(alternative.items))} )`;
      case 'map': {
        const member = `${json.string} ${json.space} ":" ${json.space}`;
        return `( ${json.objectOf(`${member} ${this.value(alternative.values)}`)} )`;
      }
      case 'object':
        return this.#object(alternative.properties);
      default:
        return alternative satisfies never;
    }
  }

  #number(limits: NumberLimits): string {
    const { json } = this;
    const open = limits.isInteger ? json.integer : json.number;
    if (!limits.min && !limits.max && !limits.multipleOf) return open;
    return json.grammar.shared(`number ${keyOf(limits)}`, 'limited', () => {
      const { spelling } = json;
      const automaton = limitedNumber(limits);
      const options = { spelling, tail: '', lookahead: '' };
      return (automaton && writeAutomaton(json.grammar, automaton, options)) ?? open;
    });
  }

  #string(form: StringForm): string {
    const { json } = this;
    if (form.pattern === undefined && form.format === undefined) return json.string;
    return json.grammar.shared(`string ${keyOf(form)}`, 'formed', () => {
      const { spelling } = json;
      const automaton = stringAutomaton(form);
      const options = { spelling, tail: '"\\""', lookahead: AFTER_JSON_STRING };
      const rest = automaton && writeAutomaton(json.grammar, automaton, options);
      return rest === undefined ? json.string : `"\\"" ${rest}`;
    });
  }

  #object(properties: readonly SchemaProperty[]): string {
    const { space } = this.json;
    const members = properties.map(({ name, schema, isRequired }) => ({
      text: `${literal(stringifyJson(name))} ${space} ":" ${space} ${this.value(schema)}`,
      isRequired,
    }));
    const separator = `${space} "," ${space} `;
    const body = inOrder(this.json.grammar, members, { separator });
    return `( "{" ${space} ${body} ${space} "}" )`;
  }
}

/** Without the multiple, where it cannot be had together with the bounds. */
function limitedNumber(limits: NumberLimits): Automaton | undefined {
  const { multipleOf, ...bounds } = limits;
  return numberAutomaton(limits) ?? (multipleOf && numberAutomaton(bounds));
}

export interface StringForm {
  pattern?: string;
  format?: string;
}

/** The same demands, wherever they stand, are written once. */
export function keyOf(demands: NumberLimits | StringForm): string {
  return JSON.stringify(demands, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

/** What a string must look like; undefined for any text. */
export function stringAutomaton({ pattern, format }: StringForm): Automaton | undefined {
  const automaton = pattern === undefined ? undefined : regexAutomaton(pattern);
  if (automaton || format === undefined) return automaton;
  const ofFormat = formatPattern(format);
  return ofFormat === undefined ? undefined : regexAutomaton(ofFormat);
}

/** Members in their order, separated, the optional ones perhaps left out. May be nothing at all. */
export function inOrder(
  grammar: JsonRules['grammar'],
  members: readonly { text: string; isRequired: boolean }[],
  { separator }: { separator: string },
): string {
  // From the end: what may follow when something stands before it, and when nothing does.
  let rest = '""';
  let restAtStart = '""';
  for (const { text, isRequired } of members.toReversed()) {
    const member = grammar.rule('member', text);
    const here = `${separator}${member} ${rest}`;
    const hereAtStart = `${member} ${rest}`;
    [rest, restAtStart] = [
      grammar.rule('rest', isRequired ? here : anyOf([here, rest])),
      grammar.rule('start', isRequired ? hereAtStart : anyOf([hereAtStart, restAtStart])),
    ];
  }
  return restAtStart;
}
