// F4, counting and adding up: counts, sums, highest and lowest values over rows that meet conditions of
// their own or of what they refer to, over all pages. Source: agents reference §6.4 F4.

import { Database } from '../database.js';
import type { Random } from '../random.js';
import type { Candidate, Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';
import { attempt } from './choose/propose.js';
import type { TaskFamily } from './family.js';
import { QuestionDraw } from './query/draw.js';
import type { QueryIr } from './query/ir.js';
import { assembleQuery, drawQuestions, solveQuery } from './query/propose.js';
import { readQuery } from './query/sentences.js';

const KINDS = ['count', 'sum', 'max', 'min'] as const;

export const aggregate: TaskFamily = {
  id: 'aggregate',
  applies: (env) => env.affordances.some(({ kind }) => kind === 'measure'),
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readQuery(text, env, language);
    return ir && isAggregate(ir) ? (ir as unknown as JsonObject) : null;
  },
  solve: (loaded, _patch, ir) => solveQuery(loaded, ir),
};

const isAggregate = ({ asked }: QueryIr): boolean =>
  asked.every(({ question }) => (KINDS as readonly string[]).includes(question.kind));

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const draw = new QuestionDraw(loaded.env, new Database(loaded.base), random);
  const wanted = 2 + (level >= 1 ? 1 : 0) + (level >= 3 ? 1 : 0);
  const drawn = drawQuestions(loaded, { least: 2, wanted }, ({ length }) => {
    // A sum comes first: nobody guesses it.
    const kind = length === 0 ? 'sum' : random.pick(KINDS);
    return draw.aggregate(kind, random.int(2, 3));
  });
  if (!drawn) return null;
  const shuffled = random.shuffled(drawn);
  return assembleQuery({ family: 'aggregate', loaded, drawn: shuffled, language, random });
}
