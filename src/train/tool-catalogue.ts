// Realistic tools with their own sentences, results and answers: what first-time users try. The
// built-in tools of the terminal chat are among them, with their true schemas and result shapes.
// Entries with `heldOut` are never trained on; evaluation uses them as its familiar-looking set.

import { BUILTIN_TOOLS } from '../agent/builtin-tools.js';
import { evaluateExpression } from '../agent/calculator.js';
import { convertUnits } from '../agent/units.js';
import type { Rng } from './rng.js';
import { toLabel, type Param, type ResultField, type ToolSpec, type Value } from './tool-spec.js';
import { CATALOGUE, type CatalogueEntry } from './tool-catalogue-entries.js';
import type { Split } from './words.js';

const UNIT_PAIRS: readonly [string, string][] = [
  ['km', 'mi'],
  ['mi', 'km'],
  ['kg', 'lb'],
  ['lb', 'kg'],
  ['m', 'ft'],
  ['ft', 'm'],
  ['celsius', 'fahrenheit'],
  ['hours', 'minutes'],
  ['days', 'seconds'],
  ['liters', 'ml'],
  ['liters', 'gallons'],
  ['cm', 'mm'],
  ['inches', 'mm'],
  ['pounds', 'kg'],
  ['miles', 'km'],
  ['km', 'm'],
  ['m', 'km'],
  ['days', 'minutes'],
];

/** Values that fit together: units of one dimension, distinct places. */
export function coherentArguments(toolName: string, args: Record<string, Value>, rng: Rng): void {
  if (toolName === 'convert_units') [args.from, args.to] = rng.pick(UNIT_PAIRS) as [string, string];
}

/** The true result for tools that compute; undefined for the rest. */
export function computedResult(
  toolName: string,
  args: Record<string, Value>,
): Record<string, Value> | undefined {
  const values = Object.values(args);
  switch (toolName) {
    case 'calculator':
      return { result: evaluateExpression(String(args.expression)) };
    case 'convert_units':
      return {
        result: convertUnits(Number(args.value), String(args.from), String(args.to)),
        unit: args.to!,
      };
    case 'add':
    case 'add_numbers':
    case 'sum':
      return { result: Number(values[0]) + Number(values[1]) };
    case 'multiply':
    case 'multiply_numbers':
    case 'mul':
      return { result: Number(values[0]) * Number(values[1]) };
    default:
      return undefined;
  }
}

function instantiate(
  entry: CatalogueEntry,
  rng: Rng,
): ToolSpec & { places: Record<string, string>; definition?: Record<string, unknown> } {
  const places: Record<string, string> = {};
  const params: Param[] = entry.params.map(([names, type, make, description, extra]) => {
    const name = rng.pick(names.split('|'));
    places[names.split('|')[0]!] = name;
    return {
      name,
      label: toLabel(name),
      type,
      ...(Array.isArray(extra) ? { options: extra } : {}),
      description,
      required: extra !== 'optional' && !(name === 'unit'),
      make,
    };
  });
  const result: ResultField[] = entry.result.map(([key, make]) => ({
    key,
    label: toLabel(key),
    make,
  }));
  const cut = Math.max(1, entry.sentences.length - 1);
  return {
    name: rng.pick(entry.names),
    description: rng.chance(0.8) ? entry.description : entry.description.replace(/\.$/, ''),
    params,
    purposes: [entry.purpose],
    sentences: {
      train: entry.sentences.slice(0, cut),
      eval: entry.heldOut ? entry.sentences : entry.sentences.slice(cut),
    },
    result,
    answer: entry.answer,
    isAction: entry.isAction ?? false,
    places,
  };
}

export type CatalogueTool = ReturnType<typeof instantiate>;

export function pickCatalogueTool(
  rng: Rng,
  split: Split,
  options: { heldOutOnly?: boolean } = {},
): CatalogueTool {
  const pool = CATALOGUE.filter((entry) =>
    options.heldOutOnly ? entry.heldOut : split === 'eval' || !entry.heldOut,
  );
  return instantiate(rng.pick(pool), rng);
}

/** The tools of the terminal chat, with their true schemas. */
export function builtinCatalogueTools(rng: Rng): CatalogueTool[] {
  return BUILTIN_TOOLS.map((tool) => {
    const entry = CATALOGUE.find((candidate) => candidate.names[0] === tool.definition.name)!;
    return { ...instantiate(entry, rng), definition: { ...tool.definition } };
  });
}
