// What a generated tool is, and how it looks in a request.

import type { Rng } from './rng.js';
import type { Split } from './words.js';

export type Value = string | number | boolean;

export interface Param {
  name: string;
  /** How a person says the parameter: `customer id`. */
  label: string;
  type: 'string' | 'integer' | 'number' | 'boolean';
  options?: string[];
  description?: string;
  required: boolean;
  make(rng: Rng, split: Split): Value;
}

export interface ResultField {
  key: string;
  label: string;
  make(rng: Rng, split: Split): Value;
}

export interface ToolSpec {
  name: string;
  description: string;
  params: Param[];
  /** What a person wants of it, without arguments: `look up the invoice`. */
  purposes: string[];
  /** Whole sentences with {param} places for all required parameters; else built from purposes. */
  sentences?: { train: string[]; eval: string[] };
  result: ResultField[];
  /** Answer with {param} and {field} places; else built from the fields. */
  answer?: string;
  /** Changes something: answered with "Done." first. */
  isAction: boolean;
}

export const toLabel = (name: string) =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();

export type NameStyle = 'snake' | 'camel' | 'kebab';

export function joinName(words: string[], style: NameStyle): string {
  if (style === 'snake') return words.join('_');
  if (style === 'kebab') return words.join('-');
  return words.map((w, i) => (i === 0 ? w : w.charAt(0).toUpperCase() + w.slice(1))).join('');
}

export interface SchemaStyle {
  withDescriptions: boolean;
  strict: boolean;
}

/** The `function` object of a tool definition. Key order is the usual one of clients. */
export function toFunctionObject(tool: ToolSpec, style: SchemaStyle): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const param of tool.params) {
    properties[param.name] = {
      type: param.type,
      ...(param.options ? { enum: param.options } : {}),
      ...(style.withDescriptions && param.description ? { description: param.description } : {}),
    };
  }
  const required = tool.params.filter((param) => param.required).map((param) => param.name);
  return {
    name: tool.name,
    description: tool.description,
    parameters: {
      type: 'object',
      properties,
      ...(required.length > 0 || style.strict ? { required } : {}),
      ...(style.strict ? { additionalProperties: false } : {}),
    },
    ...(style.strict ? { strict: true } : {}),
  };
}

/** Puts values into `{name}` places. */
export function fill(template: string, values: Record<string, Value>): string {
  return template.replaceAll(/\{(\w+)\}/g, (place, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`template place ${place} has no value: ${template}`);
    return String(value);
  });
}
