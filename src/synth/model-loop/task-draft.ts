// Steps 3 to 5: a task as a model writes it. The request in words, its conditions as data (the IR), the
// form of the answer, a solution that calls tools, and a verifier as expressions. Parsed by a schema,
// bounded, and made into a candidate by carrying the solution out. Source: agents reference §7.1.

import { z } from 'zod';
import { Database } from '../database.js';
import { Domains } from '../gates/domains.js';
import { knownValues } from '../gates/check-reference.js';
import { replay } from '../replay.js';
import type { Candidate, Language, SolutionPlan, Verifier, VerifierCheck } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import { verify } from '../verify.js';
import type { Expr, Json, JsonObject } from '../world-types.js';
import { sourceProblems } from './program-source.js';
import { exprSchema } from './read-expr.js';
import { solveWithTools, type RunCode } from './solve-with-tools.js';

const identifier = z.string().regex(/^[a-z][a-z0-9_]{1,30}$/);
/** Names that the gates take for optional clauses of grammar tasks. */
const RESERVED = [
  'skip',
  'via',
  'legs',
  'shut',
  'mode',
  'constraints',
  'where',
  'ruled',
  'avoid',
  'id',
];
const scalar = z.union([z.string().max(200), z.int(), z.boolean()]);

const field = z.union([
  z.object({ type: z.enum(['integer', 'boolean']), description: z.string().max(300) }).strict(),
  z
    .object({
      type: z.literal('string'),
      description: z.string().max(300),
      enum: z.array(z.string().max(80)).min(2).max(40).optional(),
    })
    .strict(),
  z
    .object({
      type: z.literal('array'),
      description: z.string().max(300),
      items: z.object({ type: z.enum(['string', 'integer']) }).strict(),
    })
    .strict(),
]);

const check = (loaded: LoadedEnvironment) =>
  z
    .object({
      id: identifier,
      expr: exprSchema({ tables: loaded.env.tables, variables: ['submission'] }),
    })
    .strict();

export const verifierDraft = (loaded: LoadedEnvironment) =>
  z.object({ checks: z.array(check(loaded)).min(1).max(20) }).strict();

export const taskDraft = (loaded: LoadedEnvironment) =>
  z
    .object({
      request: z.string().min(60).max(2400),
      conditions: z
        .array(
          z
            .object({ id: identifier })
            .catchall(scalar)
            .refine(
              (fields) =>
                !Object.keys(fields).some((name) => name !== 'id' && RESERVED.includes(name)),
              `names of values must not be ${RESERVED.join(', ')}`,
            ),
        )
        .min(2)
        .max(12),
      submission: z.record(identifier, field).refine((fields) => {
        const { length } = Object.keys(fields);
        return length >= 1 && length <= 8;
      }, 'one to eight fields'),
      solution: z.string().max(12_000),
      checks: z.array(check(loaded)).min(1).max(20),
    })
    .strict();
export type TaskDraft = z.infer<ReturnType<typeof taskDraft>>;

export type Made =
  | { readonly ok: true; readonly candidate: Candidate; readonly submission: Json }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The candidate of a draft: its solution carried out and accepted by its verifier. */
export async function makeCandidate(
  loaded: LoadedEnvironment,
  draft: TaskDraft,
  language: Language,
  run: RunCode,
): Promise<Made> {
  const ir = irOf(draft);
  const problems = [...sourceProblems(draft.solution), ...keysShown(loaded, draft.request)];
  if (problems.length > 0) return { ok: false, problems };
  const known = knownValues(loaded, ir);
  const solved = await solveWithTools({
    loaded,
    source: draft.solution,
    conditions: ir,
    known,
    run,
  });
  if (!solved.ok) return solved;
  const { plan, submission } = solved;
  const misfit = misfitOf(draft, submission);
  if (misfit !== undefined) return { ok: false, problems: [misfit] };
  const session = new Session(loaded);
  const { problems: broken } = replay(plan, session, known);
  if (broken.length > 0) return { ok: false, problems: broken };
  const submissionSchema = schemaOf(draft);
  const verifier: Verifier = {
    // Whatever the reference leaves is the one right end state: also where it writes nothing.
    expectedStateHash: session.db.stateHash(),
    submissionChecks: [formCheck(draft), ...draft.checks],
  };
  const { reward, checks } = verify(verifier, {
    before: new Database(loaded.base),
    after: session.db,
    submission,
    finalMessage: '',
  });
  if (reward !== 1) {
    const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
    const why = `the solution hands in ${JSON.stringify(submission).slice(0, 400)}, and these checks refuse it`;
    return { ok: false, problems: [`${why}: ${failed.join(', ')}`] };
  }
  return {
    ok: true,
    submission,
    candidate: {
      family: 'proposed',
      skeleton: skeletonOf(loaded, draft, plan),
      language,
      ir,
      request: draft.request,
      patch: [],
      submissionSchema,
      verifier,
      solution: plan,
      alternatives: [],
      size: {
        constraints: draft.conditions.length,
        candidatesLog10: candidatesLog10(loaded, submissionSchema, submission),
        solverNodes: plan.steps.length,
      },
      decoys: [],
    },
  };
}

/** The request's meaning: its conditions, in the form that the gates leave out one by one. */
export function irOf({ conditions }: Pick<TaskDraft, 'conditions'>): JsonObject {
  return { constraints: conditions };
}

export function schemaOf({ submission }: Pick<TaskDraft, 'submission'>): JsonObject {
  return {
    type: 'object',
    properties: submission as unknown as JsonObject,
    required: Object.keys(submission),
    additionalProperties: false,
  };
}

/** A model forgets what an answer must not have besides. */
export function formCheck({ submission }: Pick<TaskDraft, 'submission'>): VerifierCheck {
  const names: Expr = { op: 'keys', of: { op: 'var', name: 'submission' } };
  const wanted: Expr = { op: 'const', value: Object.keys(submission).toSorted() };
  return { id: 'form', expr: { op: '=', left: names, right: wanted } };
}

/** Ids are found, never told. */
function keysShown({ env, base }: LoadedEnvironment, request: string): string[] {
  const words = new Set(request.match(/[\p{L}\p{N}_-]+/gu) ?? []);
  return env.tables.flatMap(({ name }) => {
    const key = [...base.table(name).keys()].find((one) => words.has(one));
    return key === undefined ? [] : [`the request names the id ${key}; describe the row instead`];
  });
}

function misfitOf({ submission: fields }: TaskDraft, value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'the solution must return an object with the fields of "submission"';
  }
  const given = value as JsonObject;
  const names = Object.keys(given).toSorted();
  const wanted = Object.keys(fields).toSorted();
  if (names.join() !== wanted.join()) {
    return `the solution returns the fields ${names.join(', ')}; "submission" has ${wanted.join(', ')}`;
  }
  const wrong = wanted.find((name) => !fits(fields[name]!.type, given[name]!));
  return wrong === undefined ? undefined : `${wrong} is no ${fields[wrong]!.type}`;
}

function fits(type: TaskDraft['submission'][string]['type'], value: Json): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}

/** Tools in order of first use, and the kinds of conditions: what the task is, without its values. */
function skeletonOf(
  { tools }: LoadedEnvironment,
  draft: TaskDraft,
  { steps }: SolutionPlan,
): string {
  const used = [...new Set(steps.map(({ tool }) => tools.get(tool)!.impl.archetype))];
  return `proposed:${draft.conditions.length}:${used.join('+')}:${Math.ceil(steps.length / 8)}`;
}

/** log10 of the well-formed answers that a guesser chooses among. */
function candidatesLog10(loaded: LoadedEnvironment, schema: JsonObject, submission: Json): number {
  const domains = new Domains(loaded, schema);
  const of = (name: string, value: Json): number => {
    if (typeof value === 'boolean') return Math.log10(2);
    if (typeof value === 'number') return Math.log10(Math.max(20, 2 * Math.abs(value)) + 1);
    if (typeof value === 'string')
      return Math.log10(Math.max(1, domains.texts(name, value).length));
    if (!Array.isArray(value)) return 0;
    const list = value as readonly Json[];
    return (
      list.reduce((sum: number, item) => sum + of(name, item), 0) - log10Factorial(list.length)
    );
  };
  const fields = Object.entries(submission as JsonObject);
  return Math.min(
    30,
    fields.reduce((sum, [name, value]) => sum + of(name, value), 0),
  );
}

function log10Factorial(count: number): number {
  let sum = 0;
  for (let i = 2; i <= count; i++) sum += Math.log10(i);
  return sum;
}
