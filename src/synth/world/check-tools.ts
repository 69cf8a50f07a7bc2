// What can be told of an environment's tools without calling them: names and schemas that every client
// takes, words in both languages, every refusal documented, and nothing shown, filtered or sorted by that is
// hidden. Source: agents reference §8.1.

import { parametersOf } from '../tools/parameters.js';
import { sameJson } from '../canonical.js';
import type { Environment, JsonObject, ToolImpl, ToolSpec } from '../world-types.js';

/** What OpenAI and MCP clients take as names. */
const TOOL_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean', 'array', undefined]);

/** What is wrong, in words; empty = nothing was found. */
export function toolProblems(env: Environment): string[] {
  const names = new Set<string>();
  return env.tools.flatMap((tool) => {
    const problems = [
      ...spellingProblems(tool),
      ...schemaProblems(tool.parameters),
      ...undocumented(tool, env),
      ...shownProblems(tool.impl, env),
    ];
    if (names.has(tool.name)) problems.push('is there twice');
    names.add(tool.name);
    if (!sameJson(tool.parameters, parametersOf(tool.impl, env))) {
      problems.push('has a schema that is not of its implementation');
    }
    return problems.map((problem) => `${tool.name} ${problem}`);
  });
}

function spellingProblems({ name, description }: ToolSpec): string[] {
  const problems: string[] = [];
  if (!TOOL_NAME.test(name)) problems.push('has a name that clients refuse');
  if (description.en === '' || description.zh === '') problems.push('lacks words in a language');
  return problems;
}

/** A JSON Schema of an object that names all its arguments. */
function schemaProblems(schema: JsonObject): string[] {
  const { type, properties, required, additionalProperties } = schema as {
    type?: unknown;
    properties?: Readonly<Record<string, JsonObject>>;
    required?: readonly string[];
    additionalProperties?: unknown;
  };
  if (type !== 'object' || additionalProperties !== false || !properties || !required) {
    return ['has a schema that is no closed object'];
  }
  const problems = required
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => `demands ${name}, which it does not describe`);
  for (const [name, property] of Object.entries(properties)) {
    if (!TYPES.has(property['type'])) problems.push(`has ${name} of an unknown type`);
    if (typeof property['description'] !== 'string') problems.push(`does not say what ${name} is`);
    const allowed = property['enum'];
    if (Array.isArray(allowed) && (allowed.length === 0 || property['type'] !== 'string')) {
      problems.push(`leaves nothing for ${name}`);
    }
  }
  return problems;
}

function undocumented({ name, errorCodes }: ToolSpec, { rules }: Environment): string[] {
  return rules
    .filter(({ enforced, tools }) => enforced && tools.includes(name))
    .filter(({ errorCode }) => !errorCodes.includes(errorCode))
    .map(({ errorCode }) => `does not document ${errorCode}`);
}

/** Tables and columns that a result lets one see, be it by filter or order. */
function shownProblems(impl: ToolImpl, { tables }: Environment): string[] {
  const table = shownTable(impl);
  if (table === null) return [];
  const spec = tables.find(({ name }) => name === table);
  if (!spec) return [`shows ${table}, which is not there`];
  const problems = spec.visible ? [] : [`shows the hidden table ${table}`];
  for (const name of shownColumns(impl)) {
    const column = spec.columns.find((one) => one.name === name);
    if (!column || column.hidden === true) problems.push(`shows ${name}`);
  }
  return problems;
}

/** The table whose rows a tool shows, if it is one that reads. */
export function shownTable(impl: ToolImpl): string | null {
  switch (impl.archetype) {
    case 'get':
    case 'get-by':
    case 'find':
    case 'children':
    case 'search-text':
    case 'read-field':
    case 'read-setting':
    case 'read-lines':
    case 'list-values':
    case 'count':
    case 'extreme':
    case 'compare':
    case 'history':
      return impl.table;
    case 'neighbours':
      return impl.edgeTable;
    case 'availability':
      return impl.bookingTable;
    default:
      return null;
  }
}

function shownColumns(impl: ToolImpl): string[] {
  return [
    ...('returns' in impl ? impl.returns : []),
    ...('columns' in impl ? impl.columns : []),
    ...('textColumns' in impl ? impl.textColumns : []),
    ...('filters' in impl ? impl.filters.map(({ column }) => column) : []),
    ...('filter' in impl ? [impl.filter.column] : []),
    ...('sort' in impl ? [impl.sort] : []),
    ...('column' in impl ? [impl.column] : []),
    ...('parentColumn' in impl ? [impl.parentColumn] : []),
    ...('timeColumn' in impl ? [impl.timeColumn] : []),
    ...(impl.archetype === 'availability' ? [impl.startColumn, impl.endColumn] : []),
  ];
}
