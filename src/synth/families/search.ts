// Search: several things to find out, each about a row that is described by what it and its surroundings
// are like, or that is first among those. Answers are values of the row or of what it refers to.
// Source: agents reference §6.4 F4 (multi-hop retrieval).

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
import { plainTables, readQuery } from './query/sentences.js';

export const search: TaskFamily = {
  id: 'search',
  applies: (env) => plainTables(env).length >= 2,
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readQuery(text, env, language);
    return ir && isSearch(ir) ? (ir as unknown as JsonObject) : null;
  },
  solve: (loaded, _patch, ir) => solveQuery(loaded, ir),
};

const isSearch = ({ asked }: QueryIr): boolean =>
  asked.every(({ question: { kind } }) => kind === 'only' || kind === 'extreme');

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const draw = new QuestionDraw(loaded.env, new Database(loaded.base), random);
  const wanted = 3 + (level >= 2 ? 1 : 0);
  const drawn = drawQuestions(loaded, { least: 3, wanted }, () =>
    draw.lookUp(random.chance(60) ? 'only' : 'extreme', random.int(1, 2)),
  );
  return drawn && assembleQuery({ family: 'search', loaded, drawn, language, random });
}
