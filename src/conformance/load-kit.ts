// Reads the contract from conformance/*.json and checks it: shapes, unique ids, citations that
// exist, operators that exist. A broken kit is an error at start, never a requirement that passes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageFile } from '../package-root.js';
import { isMap, type Json } from './json-value.js';
import { isOperators, OPERATOR_NAMES } from './matcher.js';
import type { Requirement, Statement } from './requirement.js';

export interface Kit {
  statements: Statement[];
  requirements: Requirement[];
}

/** The data files do not describe a contract. */
export class KitError extends Error {
  override name = 'KitError';
}

const json = z.json() as z.ZodType<Json>;
const map = z.record(z.string(), json);

const statement = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9.-]+$/),
  section: z.string().regex(/^\d+(\.\d+)?$/),
  page: z.string().optional(),
  statement: z.string().min(8),
  excused: z.string().min(8).optional(),
});

const stream = z.strictObject({
  sequence: z
    .array(z.strictObject({ is: json, count: z.enum(['1', '?', '*', '+']).optional() }))
    .optional(),
  first: json.optional(),
  last: json.optional(),
  each: json.optional(),
  some: json.optional(),
  joined: json.optional(),
  same: z.array(z.string()).optional(),
});

const step = z.strictObject({
  request: z.strictObject({
    method: z.string().optional(),
    path: z.string().startsWith('/').optional(),
    headers: z.record(z.string(), z.string().nullable()).optional(),
    auth: z
      .enum(['key', 'none', 'bad', 'second', 'empty', 'agents', 'x-api-key', 'both'])
      .optional(),
    with: map.optional(),
    without: z.array(z.string()).optional(),
    raw: z.string().optional(),
  }),
  expect: z.strictObject({
    status: z.union([z.number(), z.array(z.number())]).optional(),
    headers: z.record(z.string(), json).optional(),
    json: json.optional(),
    text: json.optional(),
    error: json.optional(),
    chunks: stream.optional(),
    events: stream.optional(),
    keepAlive: z.boolean().optional(),
    cut: z.boolean().optional(),
  }),
});

const requirement = z.strictObject({
  id: z.string().regex(/^[a-z0-9.-]+$/),
  title: z.string().min(4),
  cites: z.array(z.string()).min(1),
  level: z.enum(['must', 'should', 'ours']),
  dialect: z.enum(['chat', 'fim', 'anthropic', 'responses', 'platform']),
  needs: z.enum(['lab', 'second-key', 'empty-key', 'agents-key']).optional(),
  scenario: z.string().optional(),
  steps: z.array(step).min(1),
});

/** The kit that ships with this package. @throws KitError naming file and fault. */
export function loadKit(folder = packageFile('conformance')): Kit {
  const sections = readFile(join(folder, 'sections.json'), z.array(statement));
  const files = readdirSync(join(folder, 'requirements')).filter((name) => name.endsWith('.json'));
  const requirements = files
    .toSorted()
    .flatMap((name) => readFile(join(folder, 'requirements', name), z.array(requirement)));
  const kit = { statements: sections as Statement[], requirements: requirements as Requirement[] };
  checkKit(kit);
  return kit;
}

function readFile<T>(path: string, schema: z.ZodType<T>): T {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new KitError(`${path}: ${(error as Error).message}`, { cause: error });
  }
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new KitError(`${path}: ${z.prettifyError(result.error)}`);
}

/** @throws KitError */
export function checkKit({ statements, requirements }: Kit): void {
  requireUnique(statements.map(({ id }) => id));
  requireUnique(requirements.map(({ id }) => id));
  const known = new Set(statements.map(({ id }) => id));
  for (const { id, cites, needs, scenario, steps } of requirements) {
    const unknown = cites.find((cited) => !known.has(cited));
    if (unknown !== undefined)
      throw new KitError(`${id} cites ${unknown}, which no section states`);
    if (needs === 'lab' && scenario === undefined) throw new KitError(`${id} needs a scenario`);
    for (const { expect } of steps) {
      if (Object.keys(expect).length === 0) throw new KitError(`${id} expects nothing`);
      requireWellFormed(expect as unknown as Json, id);
    }
  }
}

function requireUnique(ids: readonly string[]): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new KitError(`the id ${twice} is there twice`);
}

/** An operator that does not exist, or one among ordinary keys, would silently mean a literal. */
function requireWellFormed(value: Json, id: string): void {
  if (Array.isArray(value)) for (const item of value) requireWellFormed(item, id);
  if (!isMap(value)) return;
  const operators = Object.keys(value).filter((key) => key.startsWith('$'));
  const unknown = operators.find((key) => !OPERATOR_NAMES.has(key));
  if (unknown !== undefined) throw new KitError(`${id}: unknown operator ${unknown}`);
  if (operators.length > 0 && !isOperators(value)) {
    throw new KitError(`${id}: ${operators[0]} stands beside ordinary keys`);
  }
  for (const item of Object.values(value)) requireWellFormed(item, id);
}
