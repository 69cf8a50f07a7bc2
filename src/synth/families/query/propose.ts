// What the families that look things up have in common: the questions drawn become a candidate with
// plans by several routes and wrong answers that tempt.

import { canonicalJson } from '../../canonical.js';
import { Database } from '../../database.js';
import type { Random } from '../../random.js';
import type { Candidate, Language } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Json, JsonObject } from '../../world-types.js';
import { hasFields } from '../choose/checks.js';
import type { RightEnd } from '../family.js';
import { MIN_DECOYS } from '../horizon.js';
import { onlySubmits } from '../reading.js';
import { byRoutes, fewestCalls } from '../routes.js';
import { answer } from './answers.js';
import { answerChecks } from './checks.js';
import type { Drawn } from './draw.js';
import { fieldName, type Asked, type QueryIr, type Question } from './ir.js';
import { planQuery } from './plan.js';
import { canonicalQuery, renderQuery } from './sentences.js';

/** Fewer possible answers than this (log10) could be guessed. */
const MIN_ANSWERS_LOG10 = 4.6;
/** Questions that are drawn for one request, most of which come to nothing. */
const MAX_TRIES = 40;
/** Calls for questions one by one: together they take fewer, since they share what they read. */
const MAX_CALLS_ALONE = 64;

interface Parts {
  readonly family: Candidate['family'];
  readonly loaded: LoadedEnvironment;
  readonly drawn: readonly Drawn[];
  readonly language: Language;
  readonly random: Random;
}

/**
 * Questions that one plan of wanted length can answer, drawn one after the other; null where there are
 * not even the least of them.
 */
export function drawQuestions(
  loaded: LoadedEnvironment,
  { least, wanted }: { readonly least: number; readonly wanted: number },
  draw: (drawn: readonly Drawn[]) => Drawn | null,
): readonly Drawn[] | null {
  const drawn: Drawn[] = [];
  let left = MAX_CALLS_ALONE;
  for (let tries = 0; drawn.length < wanted && tries < MAX_TRIES; tries++) {
    const one = draw(drawn);
    if (!one) continue;
    const asked = [{ field: fieldName(1), question: one.question }];
    const calls = fewestCalls((route) => planQuery(loaded, asked, {}, route));
    if (calls > left) continue;
    left -= calls;
    drawn.push(one);
  }
  return drawn.length < least ? null : drawn;
}

/** null where the answers could be guessed, tools are missing, or the plan is too short or too long. */
export function assembleQuery({
  family,
  loaded,
  drawn,
  language,
  random,
}: Parts): Candidate | null {
  const log10 = drawn.reduce((sum, one) => sum + one.log10, 0);
  const distinct = new Set(drawn.map(({ question }) => canonicalJson(question)));
  if (log10 < MIN_ANSWERS_LOG10 || distinct.size < drawn.length) return null;
  const ir = canonicalQuery({
    asked: drawn.map(({ question }, i) => ({ field: fieldName(i + 1), question })),
  });
  const { asked } = ir;
  const db = new Database(loaded.base);
  const right = answersTo(db, asked);
  if (!right) return null;
  const routed = byRoutes((route) => planQuery(loaded, asked, right, route));
  if (!routed) return null;
  const [solution, ...alternatives] = routed.plans;
  const decoys = wrongAnswers(db, asked, right);
  if (alternatives.length < 3 || decoys.length < MIN_DECOYS) return null;
  return {
    family,
    skeleton: skeletonOf(family, loaded, asked),
    language,
    ir: ir as unknown as JsonObject,
    request: renderQuery(ir, loaded.env, language, random),
    patch: [],
    submissionSchema: schemaOf(asked, right),
    verifier: {
      submissionChecks: [
        hasFields(asked.map(({ field }) => field)),
        ...answerChecks(asked, loaded.env),
      ],
      allowedWrites: [],
    },
    solution: solution!,
    alternatives,
    size: {
      constraints: asked.reduce((sum, { question }) => sum + question.where.length, 0),
      candidatesLog10: Math.floor(log10 * 10) / 10,
      solverNodes: asked.reduce((sum, { question }) => sum + db.rows(question.table).length, 0),
    },
    decoys,
  };
}

/** The one right end of questions, for solvers. */
export function solveQuery(loaded: LoadedEnvironment, ir: JsonObject): RightEnd[] {
  const { asked } = ir as unknown as QueryIr;
  const submission = answersTo(new Database(loaded.base), asked);
  return submission ? [{ submission, changes: [] }] : [];
}

function answersTo(db: Database, asked: readonly Asked[]): JsonObject | null {
  const found = asked.map(({ field, question }) => [field, answer(db, question)] as const);
  return found.every(([, value]) => value !== null) ? Object.fromEntries(found) : null;
}

function schemaOf(asked: readonly Asked[], right: JsonObject): JsonObject {
  const fields = asked.map(({ field }) => field);
  const types = fields.map((field) => {
    const type = typeof right[field] === 'number' ? 'integer' : typeof right[field];
    return [field, { type }] as const;
  });
  const properties = Object.fromEntries(types);
  return { type: 'object', properties, required: fields, additionalProperties: false };
}

/** Kinds of questions with what their conditions compare. */
function skeletonOf(family: string, { env }: LoadedEnvironment, asked: readonly Asked[]): string {
  const spell = ({ table, kind, where }: Question): string => {
    const spec = env.tables.find(({ name }) => name === table)!;
    const conditions = where.map(({ path, op }) => {
      const column = spec.columns.find(({ name }) => name === path[0]);
      return `${column?.meaning ?? ''}${path.length > 1 ? '.' : ''}${op}`;
    });
    return `${kind} ${spec.meaning}[${conditions.toSorted().join(' ')}]`;
  };
  return `${family}/${asked
    .map(({ question }) => spell(question))
    .toSorted()
    .join('/')}`;
}

/** Rows that a first page shows. */
const FIRST_PAGE = 10;

/** Answers of someone who overlooks a condition or a page, miscounts, or mixes fields up. */
function wrongAnswers(
  db: Database,
  asked: readonly Asked[],
  right: JsonObject,
): Candidate['decoys'] {
  const found = new Map<string, { id: string; answer: JsonObject }>();
  const add = (id: string, changed: Readonly<Record<string, Json | null>>): void => {
    const wrong = { ...right, ...changed };
    const spelled = canonicalJson(wrong);
    if (spelled !== canonicalJson(right) && !found.has(spelled)) {
      found.set(spelled, { id, answer: wrong });
    }
  };
  for (const { field, question } of asked) {
    for (const [i, one] of question.where.entries()) {
      const where = question.where.filter((other) => other !== one);
      const loose = answer(db, { ...question, where });
      if (loose !== null) add(`without-condition:${field}:${i + 1}`, { [field]: loose });
    }
    const value = right[field]!;
    const page = db.rows(question.table).slice(0, FIRST_PAGE);
    const early = answer(db, question, page);
    if (early !== null) add(`first-page:${field}`, { [field]: early });
    if (typeof value === 'number') {
      add(`one-more:${field}`, { [field]: value + 1 });
      add(`one-less:${field}`, { [field]: value - 1 });
      add(`as-text:${field}`, { [field]: String(value) });
    } else {
      add(`number:${field}`, { [field]: 0 });
      add(`shortened:${field}`, { [field]: String(value).slice(0, -1) });
      add(`spaced:${field}`, { [field]: `${String(value)} ` });
    }
    add(`nothing:${field}`, { [field]: null });
  }
  const [first, second] = asked.map(({ field }) => field);
  if (first !== undefined && second !== undefined) {
    add('swapped', { [first]: right[second]!, [second]: right[first]! });
  }
  return [...found.values()].map(({ id, answer: wrong }) => ({ id, plan: onlySubmits(wrong) }));
}
