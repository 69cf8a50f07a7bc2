// An environment as a model is told about it: what an agent could find out (tables as the tools show them,
// tools with an example of each) and never a hidden column. Examples are calls that were carried out.

import { callTool } from '../tools/call-tool.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject, Row, TableSpec } from '../world-types.js';

const NUM_SAMPLES = 2;
const MAX_EXAMPLE = 700;

/** Columns that a model may know of. */
export function shownColumns({ columns }: TableSpec): TableSpec['columns'] {
  return columns.filter(({ hidden }) => hidden !== true);
}

/** Rows of the visible tables, without hidden columns: what an independent solver looks at. */
export function shownTables({ env, base }: LoadedEnvironment): Record<string, Row[]> {
  const tables = env.tables.filter(({ visible }) => visible);
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      [...base.table(table.name).values()].map((row) => shownRow(table, row)),
    ]),
  );
}

export function describeTables({ env, base }: LoadedEnvironment): Json {
  return env.tables
    .filter(({ visible }) => visible)
    .map((table) => {
      const rows = [...base.table(table.name).values()];
      return {
        table: table.name,
        key: table.key,
        rows: rows.length,
        columns: shownColumns(table).map(({ name, type, references, values, nullable }) => ({
          name,
          type,
          ...(references !== undefined && { references }),
          ...(values && { values }),
          ...(nullable === true && { nullable }),
        })),
        examples: rows.slice(0, NUM_SAMPLES).map((row) => shownRow(table, row)),
      };
    });
}

export function describeTools(loaded: LoadedEnvironment): Json {
  return loaded.env.tools
    .filter(({ side, impl }) => side === 'agent' && impl.archetype !== 'submit')
    .map(({ name, description, parameters, effect, errorCodes }) => {
      const example = effect === 'read' ? exampleOf(loaded, name) : undefined;
      return {
        name,
        description: description.en,
        effect,
        parameters,
        errors: errorCodes,
        ...(example && { example }),
      };
    });
}

function shownRow(table: TableSpec, row: Row): Row {
  return Object.fromEntries(shownColumns(table).map(({ name }) => [name, row[name] ?? null]));
}

/** A call with what it must have and nothing else; undefined where that cannot be made up. */
function exampleOf(loaded: LoadedEnvironment, tool: string): Json | undefined {
  const { parameters } = loaded.tools.get(tool)!;
  const properties = parameters['properties'] as Record<string, JsonObject>;
  const args: Record<string, Json> = {};
  for (const name of parameters['required'] as readonly string[]) {
    const value = exampleValue(properties[name]!, loaded);
    if (value === undefined) return undefined;
    args[name] = value;
  }
  const result = callTool(new Session(loaded), tool, args);
  if (!result.ok) return undefined;
  const shown = JSON.stringify(result.value);
  const isLong = shown.length > MAX_EXAMPLE;
  return { arguments: args, result: isLong ? `${shown.slice(0, MAX_EXAMPLE)}…` : result.value };
}

const ID_OF = /^ids? of (?:a row|rows) of (.+)$/;

function exampleValue(schema: JsonObject, { env, base }: LoadedEnvironment): Json | undefined {
  const [, table] = ID_OF.exec(String(schema['description'] ?? '')) ?? [];
  const key =
    table !== undefined && base.specs.has(table) ? firstKey(base.table(table)) : undefined;
  if (schema['type'] === 'array') return key === undefined ? undefined : [key];
  if (schema['type'] === 'integer') return 1;
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] !== 'string') return undefined;
  const { enum: allowed, pattern } = schema as { enum?: readonly string[]; pattern?: string };
  if (allowed) return allowed[0]!;
  if (pattern !== undefined) return pattern.includes('T') ? env.clock : env.clock.slice(0, 10);
  return key;
}

function firstKey(rows: ReadonlyMap<string, Row>): string | undefined {
  const [key] = rows.keys();
  return key;
}
