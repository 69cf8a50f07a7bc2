// What keeps a model's task honest: a solver and a verifier written in conversations that know neither the
// solution nor the first verifier, and a reader that must find the conditions in the text, twice. None of
// them is told what the right answer is, and none is repaired towards it. Source: agents reference §7.1.

import { z } from 'zod';
import { canonicalJson, sameJson } from '../canonical.js';
import { Database, DataError } from '../database.js';
import { MAX_RIGHT_ENDS, type RightEnd } from '../families/family.js';
import { weakerRequests } from '../gates/weaker-requests.js';
import type { Verifier } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import { cleanSubmission } from '../verify.js';
import type { Environment, Json, JsonObject, Value } from '../world-types.js';
import { converse } from './converse.js';
import { shownTables } from './describe-world.js';
import { sourceProblems } from './program-source.js';
import { readerPrompt, secondVerifierPrompt, solverPrompt } from './prompts.js';
import type { Read } from './read-reply.js';
import { readReply } from './read-reply.js';
import { LIMITS, type RunCode } from './solve-with-tools.js';
import { formCheck, irOf, verifierDraft, type TaskDraft } from './task-draft.js';
import type { ModelSource } from './transcript.js';

/** Of programs and expressions that do not run; what they answer is never discussed. */
const MAX_FORM_REPAIRS = 2;
const SOLVER = 'solver.js';

/** Right ends of the request and of each weaker one, by the spelled IR. */
export type EndsByRequest = ReadonlyMap<string, readonly RightEnd[]>;

/** @throws what `source.ask` throws */
export async function solveIndependently(
  source: ModelSource,
  loaded: LoadedEnvironment,
  draft: TaskDraft,
  run: RunCode,
): Promise<Read<EndsByRequest>> {
  const ir = irOf(draft);
  const requests = [ir, ...weakerRequests(ir).map((weaker) => weaker.ir)];
  const written = await converse({
    source,
    purpose: 'solver',
    begin: solverPrompt(loaded, draft),
    schema: z.object({ program: z.string().max(12_000) }).strict(),
    maxRepairs: MAX_FORM_REPAIRS,
    use: async ({ program }): Promise<Read<EndsByRequest>> => {
      const problems = sourceProblems(program);
      if (problems.length > 0) return { ok: false, problems };
      const ends = new Map<string, readonly RightEnd[]>();
      for (const request of requests) {
        const found = await runSolver(loaded, program, request, run);
        if (!found.ok) return found;
        ends.set(canonicalJson(request), found.value);
      }
      return { ok: true, value: ends };
    },
  });
  return written.ok ? { ok: true, value: written.result } : written;
}

const solverResult = z
  .array(
    z
      .object({
        answer: z.json(),
        changes: z
          .array(
            z
              .object({
                table: z.string(),
                key: z.string(),
                set: z.record(z.string(), z.union([z.null(), z.boolean(), z.int(), z.string()])),
              })
              .strict(),
          )
          .max(200)
          .optional(),
      })
      .strict(),
  )
  .max(60);

async function runSolver(
  loaded: LoadedEnvironment,
  program: string,
  ir: JsonObject,
  run: RunCode,
): Promise<Read<readonly RightEnd[]>> {
  const { clock } = loaded.env;
  const input = { tables: shownTables(loaded), clock, conditions: ir['constraints']! };
  const ended = await run(
    { files: { [SOLVER]: program }, entry: SOLVER },
    JSON.stringify(input),
    LIMITS,
  );
  if (!ended.ok)
    return { ok: false, problems: [`the program fails: ${ended.failure}: ${ended.message}`] };
  const parsed = solverResult.safeParse(cleanSubmission(JSON.parse(ended.output)));
  if (!parsed.success) {
    return { ok: false, problems: ['it must return a list of {"answer", "changes"}, at most 60'] };
  }
  const ends: RightEnd[] = [];
  for (const { answer, changes } of parsed.data.slice(0, MAX_RIGHT_ENDS + 1)) {
    const db = new Database(loaded.base);
    try {
      for (const { table, key, set } of changes ?? []) {
        db.update(table, key, set as Record<string, Value>);
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { ok: false, problems: [error.message] };
    }
    ends.push({ submission: answer as Json, changes: db.diff() });
  }
  return { ok: true, value: ends };
}

/** A second verifier, of the answer alone. @throws what `source.ask` throws */
export async function verifyIndependently(
  source: ModelSource,
  loaded: LoadedEnvironment,
  draft: TaskDraft,
): Promise<Read<Verifier>> {
  const written = await converse({
    source,
    purpose: 'second verifier',
    begin: secondVerifierPrompt(loaded, draft),
    schema: verifierDraft(loaded),
    maxRepairs: MAX_FORM_REPAIRS,
    use: ({ checks }): Read<Verifier> => ({
      ok: true,
      value: { submissionChecks: [formCheck(draft), ...checks] },
    }),
  });
  return written.ok ? { ok: true, value: written.result } : written;
}

const readings = z
  .object({
    conditions: z.array(z.record(z.string(), z.json())).max(24),
    others: z.array(z.string()).max(24).optional(),
  })
  .strict();

/**
 * The meaning that two readings of the request agree on, if there is one.
 * @throws what `source.ask` throws
 */
export async function readTwice(
  source: ModelSource,
  env: Environment,
  draft: TaskDraft,
): Promise<Read<JsonObject>> {
  const irs: JsonObject[] = [];
  for (let reading = 1; reading <= 2; reading++) {
    const text = await source.ask('reader', readerPrompt(env, draft));
    const read = readReply(text, readings);
    if (!read.ok) return { ok: false, problems: [`reading ${reading}: ${read.problems[0]}`] };
    const { conditions, others = [] } = read.value;
    if (others.length > 0) {
      return { ok: false, problems: [`the text says more than the conditions: ${others[0]}`] };
    }
    irs.push({ constraints: conditions as unknown as Json });
  }
  const [first, second] = irs as [JsonObject, JsonObject];
  if (!sameJson(first, second)) return { ok: false, problems: ['two readings differ'] };
  return { ok: true, value: first };
}
