// F3, changes under a policy: several changes are asked for, some of them against the rules or the state
// of things. What is allowed must be done, the rest refused and named. Some rules are enforced by no tool.
// The changes come first, drawn near the limits; which of them stand, the rules decide.
// Source: agents reference §6.4 F3.

import type { Random } from '../random.js';
import type { Candidate, Language, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import type { TaskFamily } from './family.js';
import { canChange, changesOf, touched } from './operate/draw.js';
import { decoysFor } from './operate/decoys.js';
import { finish, formOf, record, TEXTS, tried } from './operate/finish.js';
import { callsFor, follow, lookInto } from './operate/follow.js';
import { AMPLE_CALLS, MAX_CALLS } from './horizon.js';
import type { Operation } from './operate/operation.js';
import { isWithinReach } from './operate/reach.js';
import { Simulation } from './operate/simulation.js';
import { Trial } from './operate/attempt.js';
import { readEdits, renderEdits } from './policy-edit-text.js';

const MAX_DRAWS = 120;
/** Requests without anything to refuse, so that refusing something pays no more than doing it. */
const ALL_FINE_PERCENT = 12;

const MAX_EDITS = 8;

interface Sorted {
  /** In the order of the request. */
  readonly operations: readonly Operation[];
  readonly done: readonly Operation[];
  readonly refused: readonly Operation[];
}

export const policyEdit: TaskFamily = {
  id: 'policy-edit',
  applies: canChange,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readEdits(text, env, language),
  solve(loaded, patch, ir) {
    const world = new Simulation(loaded, patch);
    const refused = (ir['operations'] as unknown as Operation[]).filter((op) => !world.do(op));
    return [{ submission: { refused: refused.map(({ row }) => row) }, changes: world.changes() }];
  },
};

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const sorted = drawEdits(loaded, random, level);
  if (!sorted) return null;
  const { operations, done, refused } = sorted;
  const ir: JsonObject = { operations: operations as unknown as Json };
  const names = refused.map(({ row }) => row);
  const answer: JsonObject = { refused: names };
  const route = (order: readonly Operation[], lookFirst = false): SolutionPlan | null =>
    record(loaded, [], answer, (reader) => {
      if (lookFirst) for (const op of order) lookInto(reader, op, done.includes(op));
      for (const op of order) follow(reader, op, done.includes(op));
      return [];
    });
  const solution = route(operations);
  if (!solution) return null;
  const request = renderEdits(operations, loaded.env, language, random);
  const wrong = (list: readonly string[]): Json => ({ refused: list });
  const world = new Simulation(loaded, []);
  operations.forEach((op) => world.do(op));
  return finish(loaded, {
    family: 'policy-edit',
    skeleton: skeletonOf(sorted),
    language,
    ir,
    request,
    patch: [],
    submissionSchema: formOf({ refused: TEXTS }),
    verifier: {
      submissionChecks: [
        hasFields(['refused']),
        {
          id: 'refused',
          expr: { ...fieldIs('refused', names).expr, op: 'same-set' } as never,
        },
      ],
    },
    solution,
    alternatives: [
      route(operations.toReversed()),
      route([...refused, ...done]),
      route([...done, ...refused]),
      route(random.shuffled(operations)),
      route(operations, true),
      route(operations.toReversed(), true),
    ],
    decoys: decoysFor(
      () => new Trial(loaded),
      {
        done,
        refused,
        answer,
        boldAnswer: wrong([]),
        wrongAnswers: [
          wrong(operations.map(({ row }) => row)),
          wrong(names.slice(1)),
          wrong([...names, done[0]!.row]),
          wrong([...names.slice(1), done.at(-1)!.row]),
        ],
      },
      random,
    ),
    size: {
      constraints: operations.length,
      candidatesLog10: candidates(loaded, operations),
      solverNodes: world.nodes,
    },
  });
}

/** Changes of which some are allowed and some are not; null if they cannot be found. */
function drawEdits(loaded: LoadedEnvironment, random: Random, level: number): Sorted | null {
  const wanted = 3 + Math.min(level, 4);
  const toRefuse = random.chance(ALL_FINE_PERCENT) ? 0 : random.int(1, Math.min(3, wanted - 2));
  const draws = changesOf(new Trial(loaded));
  const seen = new Set<string>();
  const picked: { op: Operation; fine: boolean }[] = [];
  const left = { fine: wanted - toRefuse, refused: toRefuse };
  const isLeft = (): boolean => left.fine + left.refused > 0;
  let calls = 0;
  for (let i = 0; i < MAX_DRAWS && isLeft(); i++) {
    const op = random.pick(draws)(random);
    if (!op || touched(op).some((one) => seen.has(one)) || seen.has(`name ${op.row}`)) continue;
    const trial = new Trial(loaded);
    const call = trial.callFor(op);
    if (!call) continue;
    const fine = trial.perform(call);
    const kind = fine ? 'fine' : 'refused';
    if (left[kind] === 0 || (!fine && isWithinReach(loaded, op))) continue;
    const more = callsFor(loaded, (reader) => follow(reader, op, fine));
    if (more === undefined || calls + more > MAX_CALLS) continue;
    calls += more;
    left[kind]--;
    picked.push({ op, fine });
    for (const one of [...touched(op), `name ${op.row}`]) seen.add(one);
    // What is looked up in a few calls is asked for more often.
    if (!isLeft() && calls < AMPLE_CALLS && picked.length < MAX_EDITS) left.fine++;
  }
  if (isLeft()) return null;
  const order = random.shuffled(picked);
  const of = (fine: boolean): Operation[] =>
    order.filter((one) => one.fine === fine).map(({ op }) => op);
  return { operations: order.map(({ op }) => op), done: of(true), refused: of(false) };
}

function skeletonOf({ operations, done, refused }: Sorted): string {
  const kinds = (ops: readonly Operation[]): string =>
    ops
      .map(({ kind }) => kind)
      .toSorted()
      .join('+');
  return `policy-edit/${operations.length}/${kinds(done)}/refused:${kinds(refused)}`;
}

/** Rows that each change could have been meant for, and whether it is done. */
function candidates({ base }: LoadedEnvironment, operations: readonly Operation[]): number {
  const ways = operations.map(({ table }) => 2 * Math.max(1, base.table(table).size));
  return Math.round(ways.reduce((sum, count) => sum + Math.log10(count), 0));
}
