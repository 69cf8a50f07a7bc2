// Step 2: tools that a model adds to an environment. Chosen from the archetypes that only read, or new
// behaviour as an expression, which cannot write, show a hidden column or see anything but the rows. What
// comes of it is checked like every environment: tried out, not trusted. Source: agents reference §7.1.

import { z } from 'zod';
import { parametersOf } from '../tools/parameters.js';
import type {
  ComputeParam,
  Environment,
  Expr,
  Filter,
  ToolImpl,
  ToolSpec,
} from '../world-types.js';
import { environmentProblems } from '../world/check-environment.js';
import { describeTool } from '../world/describe-tool.js';
import { fingerprint } from '../world/fingerprint.js';
import { errorCodesOf } from '../world/tool-facts.js';
import type { Drafted } from './draft-environment.js';
import { exprSchema } from './read-expr.js';

/** Of an environment, with those it has (agents reference §6.3). */
export const MAX_TOOLS = 30;
const MAX_ADDED = 4;

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/)
  .max(48);
const place = z.string().max(64);
const words = z.string().min(1).max(200);
const filter = z.object({ column: place, op: z.enum(['eq', 'ge', 'le', 'contains']) }).strict();

export const toolsDraft = (env: Environment) =>
  z
    .object({
      tools: z
        .array(
          z.discriminatedUnion('archetype', [
            z
              .object({
                archetype: z.literal('find'),
                name: identifier,
                table: place,
                filters: z.array(filter).max(5),
                returns: z.array(place).min(1).max(12),
                sort: place,
                page_size: z.int().min(3).max(20),
              })
              .strict(),
            z
              .object({
                archetype: z.literal('count'),
                name: identifier,
                table: place,
                filters: z.array(filter).min(1).max(5),
              })
              .strict(),
            z
              .object({
                archetype: z.literal('list-values'),
                name: identifier,
                table: place,
                column: place,
              })
              .strict(),
            z
              .object({
                archetype: z.literal('compute'),
                name: identifier,
                description: z.object({ en: words, zh: words }).strict(),
                arguments: z
                  .array(
                    z
                      .object({
                        name: identifier,
                        type: z.enum(['text', 'integer', 'boolean']),
                        description: words,
                      })
                      .strict(),
                  )
                  .min(1)
                  .max(4),
                result: exprSchema({ tables: env.tables, variables: ['args', 'clock'] }),
              })
              .strict(),
          ]),
        )
        .max(MAX_ADDED),
      /** To make room. */
      leave_out: z.array(z.string().max(80)).max(MAX_ADDED).optional(),
    })
    .strict();
export type ToolsDraft = z.infer<ReturnType<typeof toolsDraft>>;

/** Tools that an environment can do without: they only read, and no affordance rests on one by name. */
export function spareTools({ tools, affordances }: Environment): string[] {
  const spelled = JSON.stringify(affordances);
  return tools
    .filter(({ name, effect, impl, side }) => {
      const isWanted = impl.archetype === 'submit' || effect === 'write' || side === 'user';
      return !isWanted && !spelled.includes(JSON.stringify(name));
    })
    .map(({ name }) => name);
}

/** The environment with the tools and without those left out, if it is sound so. */
export function withTools(whole: Environment, draft: ToolsDraft): Drafted {
  const { tools: drafts, leave_out: leftOut = [] } = draft;
  const spare = spareTools(whole);
  const problems = leftOut
    .filter((name) => !spare.includes(name))
    .map((name) => `${name} cannot be left out; these can: ${spare.join(', ')}`);
  const env = { ...whole, tools: whole.tools.filter(({ name }) => !leftOut.includes(name)) };
  const room = MAX_TOOLS - env.tools.length;
  if (drafts.length > room) problems.push(`there is room for ${room} tools; leave some out`);
  const taken = new Set(env.tools.map(({ name }) => name));
  const added: ToolSpec[] = [];
  for (const draft of drafts) {
    if (taken.has(draft.name)) problems.push(`there is a tool ${draft.name}`);
    taken.add(draft.name);
    const misfits = misfitsOf(env, draft);
    problems.push(...misfits.map((misfit) => `${draft.name}: ${misfit}`));
    if (misfits.length === 0) added.push(toolOf(env, draft.name, implOf(draft)));
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 8) };
  const more = { ...env, tools: [...env.tools, ...added] };
  const extended = { ...more, fingerprint: fingerprint(more) };
  const unsound = environmentProblems(extended);
  return unsound.length > 0 ? { ok: false, problems: unsound } : { ok: true, env: extended };
}

type Draft = ToolsDraft['tools'][number];

function implOf(draft: Draft): ToolImpl {
  switch (draft.archetype) {
    case 'find': {
      const { table, returns, sort, page_size: pageSize } = draft;
      return {
        archetype: 'find',
        table,
        filters: filtersOf(draft.filters),
        returns,
        sort,
        pageSize,
      };
    }
    case 'count':
      return { archetype: 'count', table: draft.table, filters: filtersOf(draft.filters) };
    case 'list-values':
      return { archetype: 'list-values', table: draft.table, column: draft.column };
    case 'compute': {
      const params = draft.arguments.map(({ name, type, description }): ComputeParam => ({
        param: name,
        type,
        about: description,
      }));
      return { archetype: 'compute', params, result: draft.result, about: draft.description };
    }
  }
}

const PREFIX: Readonly<Record<Filter['op'], string>> = {
  eq: '',
  ge: 'min_',
  le: 'max_',
  contains: 'part_of_',
};

function filtersOf(filters: readonly { column: string; op: Filter['op'] }[]): Filter[] {
  return filters.map(({ column, op }) => ({
    param: `${PREFIX[op]}${column}`,
    column,
    op,
    required: false,
  }));
}

function toolOf({ tables }: Environment, name: string, impl: ToolImpl): ToolSpec {
  return {
    name,
    description: describeTool(impl, { tables }),
    parameters: parametersOf(impl, { tables }),
    effect: 'read',
    impl,
    errorCodes: errorCodesOf(impl),
    side: 'agent',
  };
}

/** Columns that are not there or not shown, filters that do not fit a type, fields that are hidden. */
function misfitsOf(env: Environment, draft: Draft): string[] {
  if (draft.archetype === 'compute') {
    const hidden = env.tables.flatMap(({ columns }) =>
      columns.filter((one) => one.hidden === true).map(({ name }) => name),
    );
    const named = fieldsIn(draft.result);
    return hidden.filter((name) => named.has(name)).map((name) => `no tool may read ${name}`);
  }
  const table = env.tables.find(({ name, visible }) => visible && name === draft.table);
  if (!table) return [`there is no table ${draft.table}`];
  const types = new Map(
    table.columns.filter(({ hidden }) => hidden !== true).map(({ name, type }) => [name, type]),
  );
  const columns =
    draft.archetype === 'find'
      ? [...draft.returns, draft.sort]
      : draft.archetype === 'list-values'
        ? [draft.column]
        : [];
  const filters = draft.archetype === 'list-values' ? [] : draft.filters;
  const known = [...columns, ...filters.map(({ column }) => column)];
  const missing = known
    .filter((name) => !types.has(name))
    .map((name) => `there is no column ${name}`);
  if (missing.length > 0) return missing;
  const misfits = filters
    .filter(({ column, op }) => !FITTING[op].has(types.get(column)!))
    .map(({ column, op }) => `${column} cannot be compared by ${op}`);
  const params = filtersOf(filters).map(({ param }) => param);
  if (new Set(params).size < params.length) misfits.push('a filter is there twice');
  if (draft.archetype === 'find' && !draft.returns.includes(table.key)) {
    misfits.push(`the rows must show ${table.key}`);
  }
  return misfits;
}

const ORDERED: readonly string[] = ['int', 'money', 'date', 'datetime'];
const FITTING: Readonly<Record<Filter['op'], ReadonlySet<string>>> = {
  eq: new Set(['id', 'ref', 'text', 'int', 'money', 'enum', 'bool', 'date', 'datetime']),
  ge: new Set(ORDERED),
  le: new Set(ORDERED),
  contains: new Set(['text']),
};

function fieldsIn(expr: Expr, found = new Set<string>()): Set<string> {
  if (expr.op === 'field') found.add(expr.name);
  for (const part of Object.values(expr)) {
    const parts: unknown[] = Array.isArray(part) ? part : [part];
    for (const one of parts) {
      if (typeof one === 'object' && one !== null && 'op' in one) fieldsIn(one as Expr, found);
    }
  }
  return found;
}
