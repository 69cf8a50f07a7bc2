// The arguments of a tool, derived from its archetype and the tables: one place makes the JSON Schema
// that models see and checks calls against it, so the two cannot differ. The schemas are a small
// subset (object of text, whole numbers, booleans, enums and lists of text); nothing else is checked.

import type { Column, Environment, Filter, JsonObject, Json, ToolImpl } from '../world-types.js';

export type Arguments = Readonly<Record<string, Json>>;

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** Name of the argument that selects a page, from 1. */
export const PAGE_PARAM = 'page';

type Tables = Pick<Environment, 'tables'>;

/** JSON Schema of the tool's arguments. @throws RangeError for names the tables do not have */
export function parametersOf(impl: ToolImpl, env: Tables): JsonObject {
  const parameters = describe(impl, env);
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** What is wrong with the arguments, in words; null if they fit the schema. */
export function checkArguments(schema: JsonObject, args: unknown): string | null {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    return 'the arguments are not a JSON object';
  }
  const properties = schema['properties'] as Record<string, JsonObject>;
  const given = args as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(properties, name)) continue;
    const known = Object.keys(properties).join(', ') || 'none';
    return `there is no argument ${JSON.stringify(name.slice(0, 64))}; known: ${known}`;
  }
  for (const name of schema['required'] as readonly string[]) {
    if (!Object.hasOwn(given, name)) return `the argument ${name} is missing`;
  }
  for (const [name, value] of Object.entries(given)) {
    const problem = checkValue(properties[name]!, value);
    if (problem !== null) return `${name} ${problem}`;
  }
  return null;
}

function checkValue(schema: JsonObject, value: unknown): string | null {
  switch (schema['type']) {
    case 'string': {
      if (typeof value !== 'string') return 'is not text';
      if (value.length > (schema['maxLength'] as number)) return 'is too long';
      const { enum: allowed, pattern } = schema as { enum?: readonly string[]; pattern?: string };
      if (allowed && !allowed.includes(value)) return `is not one of ${allowed.join(', ')}`;
      if (pattern !== undefined && !patternOf(pattern).test(value)) {
        return `is not written like ${String(schema['description'])}`;
      }
      return null;
    }
    case 'integer':
      if (!Number.isSafeInteger(value)) return 'is not a whole number';
      if (typeof schema['minimum'] === 'number' && (value as number) < schema['minimum']) {
        return `is below ${schema['minimum']}`;
      }
      return null;
    case 'boolean':
      return typeof value === 'boolean' ? null : 'is not true or false';
    case 'array': {
      if (!Array.isArray(value)) return 'is not a list';
      if (value.length > (schema['maxItems'] as number)) return 'has too many items';
      const items = schema['items'] as JsonObject;
      for (const item of value as unknown[]) {
        const problem = checkValue(items, item);
        if (problem !== null) return `has an item that ${problem}`;
      }
      return null;
    }
    default:
      return null; // submissions: any JSON, judged by the verifier
  }
}

const patterns = new Map<string, RegExp>();

/** There are two: of dates and of times. */
function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (!pattern) patterns.set(source, (pattern = new RegExp(source)));
  return pattern;
}

const MAX_TEXT = 4000;
const MAX_LIST = 20;

const text = (description: string): JsonObject => ({
  type: 'string',
  description,
  maxLength: MAX_TEXT,
});
const integer = (description: string, minimum?: number): JsonObject => ({
  type: 'integer',
  description,
  ...(minimum !== undefined && { minimum }),
});
const required = (name: string, schema: JsonObject): Parameter => ({
  name,
  schema,
  required: true,
});
const optional = (name: string, schema: JsonObject): Parameter => ({
  name,
  schema,
  required: false,
});

const page = optional(PAGE_PARAM, integer('page number, from 1', 1));

function describe(impl: ToolImpl, env: Tables): Parameter[] {
  const key = (param: string, table: string): Parameter =>
    required(param, text(`id of a row of ${table}`));
  const column = (table: string, name: string): Column => columnOf(env, table, name);
  const ofColumns = (
    table: string,
    params: readonly { param: string; column: string; required: boolean }[],
  ): Parameter[] =>
    params.map((one) => ({
      name: one.param,
      required: one.required,
      schema: schemaOf(column(table, one.column)),
    }));
  const ofFilters = (table: string, filters: readonly Filter[]): Parameter[] =>
    filters.map((filter) => ({
      name: filter.param,
      required: filter.required,
      schema: filterSchema(column(table, filter.column), filter.op),
    }));
  switch (impl.archetype) {
    case 'get':
    case 'read-field':
    case 'delete':
    case 'transition':
    case 'set-flag':
    case 'unassign':
    case 'read-setting':
    case 'toggle-setting':
    case 'reboot':
    case 'probe':
      return [key(impl.param, impl.table)];
    case 'get-by':
      return ofFilters(impl.table, [{ ...impl.filter, required: true }]);
    case 'find':
      return [...ofFilters(impl.table, impl.filters), page];
    case 'children':
    case 'history':
      return [key(impl.param, referenced(env, impl.table, impl.parentColumn)), page];
    case 'search-text':
      return [required(impl.param, text('words to look for')), page];
    case 'list-values':
      return [];
    case 'count':
    case 'extreme':
      return ofFilters(impl.table, impl.filters);
    case 'neighbours':
      return [key(impl.param, referenced(env, impl.edgeTable, impl.from))];
    case 'availability':
      return [
        key(impl.resourceColumn, impl.resourceTable),
        required(impl.startColumn, schemaOf(column(impl.bookingTable, impl.startColumn))),
        required(impl.endColumn, schemaOf(column(impl.bookingTable, impl.endColumn))),
      ];
    case 'compare':
      return [
        required(impl.param, {
          type: 'array',
          description: `ids of rows of ${impl.table}`,
          items: text('id'),
          maxItems: MAX_LIST,
        }),
      ];
    case 'create':
    case 'post-message':
      return ofColumns(impl.table, impl.params);
    case 'update':
      return [key(impl.param, impl.table), ...ofColumns(impl.table, impl.params)];
    case 'transfer':
    case 'move-quantity':
      return [
        key(impl.fromParam, impl.table),
        key(impl.toParam, impl.table),
        required(impl.amountParam, integer('how much', 1)),
      ];
    case 'adjust':
      return [
        key(impl.param, impl.table),
        required(impl.amountParam, integer('change, negative to lower')),
      ];
    case 'book':
      return [
        key(impl.resourceColumn, impl.resourceTable),
        key(impl.ownerColumn, referenced(env, impl.bookingTable, impl.ownerColumn)),
        required(impl.startColumn, schemaOf(column(impl.bookingTable, impl.startColumn))),
        required(impl.endColumn, schemaOf(column(impl.bookingTable, impl.endColumn))),
      ];
    case 'assign':
      return [key(impl.param, impl.table), key(impl.targetParam, impl.targetTable)];
    case 'link':
    case 'unlink':
      return [
        key(impl.leftParam, referenced(env, impl.table, impl.leftColumn)),
        key(impl.rightParam, referenced(env, impl.table, impl.rightColumn)),
      ];
    case 'set-setting':
      return [
        key(impl.param, impl.table),
        required(impl.valueParam, schemaOf(column(impl.table, impl.column))),
      ];
    case 'read-lines':
      return [key(impl.param, impl.table), page];
    case 'replace-text':
      return [
        key(impl.param, impl.table),
        required(impl.oldParam, text('the text to be replaced, exactly as it stands there')),
        required(impl.newParam, text('the text to put in its place')),
      ];
    case 'run-tests':
      return [key(impl.param, impl.table)];
    case 'compute':
      return impl.params.map(({ param, type, about }) => {
        const schemas = {
          text: text(about),
          integer: integer(about),
          boolean: { type: 'boolean', description: about },
        };
        return required(param, schemas[type]);
      });
    case 'calculate':
      return [required('expression', text('whole numbers with + - * / % and parentheses'))];
    case 'date-add':
      return [
        required('date', dateSchema('date', 'YYYY-MM-DD')),
        required('days', integer('days to add, negative to go back')),
      ];
    case 'note-write':
      return [required('text', text('what to remember'))];
    case 'current-time':
    case 'note-read':
    case 'list-policies':
      return [];
    case 'escalate':
      return [required(impl.reasonParam, text('why a person must take over'))];
    case 'submit':
      return [required(impl.schemaParam, { description: 'the result, in the form asked for' })];
    case 'run-code':
      return [required('code', text('a JavaScript program; what it prints is the result'))];
  }
}

function filterSchema(column: Column, op: Filter['op']): JsonObject {
  if (op === 'contains') return text(`part of the ${column.name}`);
  const schema = schemaOf(column);
  if (op === 'eq') return schema;
  return { ...schema, description: `${op === 'ge' ? 'lowest' : 'highest'} ${column.name}` };
}

/** Schema of a value of this column. */
function schemaOf(column: Column): JsonObject {
  const { name } = column;
  switch (column.type) {
    case 'id':
      return text('id');
    case 'ref':
      return text(`id of a row of ${column.references ?? 'another table'}`);
    case 'text':
      return text(name);
    case 'int':
      return integer(name);
    case 'money':
      return integer(`${name}, in cents`);
    case 'enum':
      return { ...text(name), enum: column.values ?? [] };
    case 'bool':
      return { type: 'boolean', description: name };
    case 'date':
    case 'datetime':
      return dateSchema(column.type, column.type === 'date' ? 'YYYY-MM-DD' : 'YYYY-MM-DDTHH:MM');
  }
}

function dateSchema(type: 'date' | 'datetime', form: string): JsonObject {
  const pattern =
    type === 'date' ? '^\\d{4}-\\d{2}-\\d{2}$' : '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$';
  return { ...text(form), pattern };
}

/** @throws RangeError if there is none */
export function columnOf(env: Tables, table: string, name: string): Column {
  const spec = env.tables.find((one) => one.name === table);
  const column = spec?.columns.find((one) => one.name === name);
  if (!column) throw new RangeError(`there is no column ${table}.${name}`);
  return column;
}

function referenced(env: Tables, table: string, name: string): string {
  return columnOf(env, table, name).references ?? table;
}
