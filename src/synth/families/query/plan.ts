// Reads what questions need, through the tools, by several routes that all end with the same answers.

import { PlanRecorder, type TracedRow } from '../../plan-recorder.js';
import type { SolutionPlan } from '../../task-types.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import type { Json, JsonObject } from '../../world-types.js';
import { listParents, look } from '../look.js';
import { Reading, submitted } from '../reading.js';
import { detour, type Route } from '../routes.js';
import type { Asked, Question } from './ir.js';

/** @throws PlanError if the tools do not show what is needed */
export function planQuery(
  loaded: LoadedEnvironment,
  asked: readonly Asked[],
  answer: JsonObject,
  route: Route,
): SolutionPlan {
  const recorder = new PlanRecorder(new Session(loaded));
  const reading = new Reading(recorder);
  if (route.detour === 'first') detour(recorder);
  for (const { question } of route.reversed ? asked.toReversed() : asked) {
    read(reading, question, route);
  }
  if (route.detour === 'last') detour(recorder);
  return submitted(recorder, answer, reading.evidence);
}

function read(reading: Reading, question: Question, route: Route): void {
  const { table, where } = question;
  const known: Record<string, Json> = {};
  for (const { path, op, value } of where) {
    if (route.rows === 'narrow' && op === '=' && path.length === 1) known[path[0]!] = value;
  }
  const paths = where.map(({ path }) => path);
  if (question.kind !== 'count' && question.kind !== 'only') paths.push([question.column]);
  if (route.parents === 'list') listParents(reading, table, paths);
  const found = reading.rows(table, known, []).filter((row) => look(reading, row, paths, [where]));
  const row = chosen(question, found);
  if (row && 'ask' in question) look(reading, row, [question.ask], [[]]);
}

/** The row that something is asked about. */
function chosen(question: Question, found: readonly TracedRow[]): TracedRow | undefined {
  if (question.kind !== 'extreme') return found[0];
  const { column, order } = question;
  const sign = order === 'highest' ? -1 : 1;
  const rank = (row: TracedRow): number => sign * (row.fields.get(column)!.value as number);
  return found.toSorted((a, b) => rank(a) - rank(b))[0];
}
