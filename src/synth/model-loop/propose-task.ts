// One task of a model's from the first draft to the verdict: drafted and repaired until its solution
// verifies, hardened until it is long enough, then handed to those that know nothing of it, and to the
// gates. Whatever ends it is said. Source: agents reference §7.1, training reference §6.4.

import { contentHash } from '../canonical.js';
import type { TaskPair } from '../corpus-writer.js';
import type { RightEnd } from '../families/family.js';
import { judgeCandidate } from '../gates/judge-candidate.js';
import type { GateReport } from '../gates/report.js';
import { Random } from '../random.js';
import { replay } from '../replay.js';
import type { Candidate, Language, PublicTask, SolutionPlan } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Json } from '../world-types.js';
import { converse, type Conversed } from './converse.js';
import { decoysOf } from './decoys.js';
import { compareVerifiers, MIN_ATTEMPTS } from './disagreement.js';
import { readTwice, solveIndependently, verifyIndependently } from './independent.js';
import { hardenPrompt, taskPrompt, user } from './prompts.js';
import { proposedFamily } from './proposed-family.js';
import type { RunCode } from './solve-with-tools.js';
import { makeCandidate, taskDraft, type TaskDraft } from './task-draft.js';
import type { ModelSource } from './transcript.js';

/** Where 0.95^n is between 60 and 5 percent: the noisy oracle's band (gates, G8). */
const CALLS: readonly [number, number] = [10, 58];
export const MAX_HARDENINGS = 4;
/** Answers to one weaker request that are of use as wrong ones. */
const MAX_OTHERS = 6;

export interface ProposeTaskInput {
  readonly source: ModelSource;
  readonly loaded: LoadedEnvironment;
  readonly language: Language;
  /** Within the environment; part of the task's id. */
  readonly index: number;
  readonly split: PublicTask['split'];
  readonly neighbours: readonly SolutionPlan[];
  readonly run: RunCode;
}

/** Steps at which a task can end, in order. */
export type Outcome =
  'draft' | 'harden' | 'solver' | 'reader' | 'gates' | 'second verifier' | 'band' | 'accepted';

export interface ProposedTask {
  readonly outcome: Outcome;
  readonly problems: readonly string[];
  readonly repairs: number;
  readonly hardenings: number;
  readonly gates: GateReport['gates'];
  /** Attempts on which both verifiers agree. */
  readonly agreed?: number;
  readonly pair?: TaskPair;
}

interface Draft {
  readonly candidate: Candidate;
  readonly submission: Json;
}

/** @throws what `source.ask` throws */
export async function proposeTask(input: ProposeTaskInput): Promise<ProposedTask> {
  const { source, loaded, language, index, run } = input;
  let repairs = 0;
  let hardenings = 0;
  const ended = (
    outcome: Outcome,
    problems: readonly string[],
    gates: GateReport['gates'] = [],
  ) => ({
    outcome,
    problems,
    repairs,
    hardenings,
    gates,
  });
  const write = (purpose: string, begin: Parameters<typeof converse>[0]['begin']) =>
    converse<TaskDraft, Draft>({
      source,
      purpose,
      begin,
      schema: taskDraft(loaded),
      use: async (draft) => {
        const made = await makeCandidate(loaded, draft, language, run);
        return made.ok ? { ok: true, value: made } : made;
      },
    });
  let written: Conversed<TaskDraft, Draft> = await write('task', taskPrompt(loaded, language));
  repairs += written.repairs;
  if (!written.ok) return ended('draft', written.problems);
  for (;;) {
    const calls = neededCalls(written.result.candidate.solution);
    if (calls >= CALLS[0] && calls <= CALLS[1]) break;
    if (hardenings === MAX_HARDENINGS) {
      return ended('harden', [`${calls} calls are needed; wanted are ${CALLS.join(' to ')}`]);
    }
    hardenings++;
    const begin = [...written.messages, user(hardenPrompt(calls, CALLS))];
    const harder: Conversed<TaskDraft, Draft> = await write('harden', begin);
    repairs += harder.repairs;
    if (!harder.ok) return ended('harden', harder.problems);
    written = harder;
  }
  const { value: draft, result } = written;
  const { submission } = result;
  const ends = await solveIndependently(source, loaded, draft, run);
  if (!ends.ok) return ended('solver', ends.problems);
  const others: RightEnd[] = [...ends.value.values()].flatMap((list) => list.slice(0, MAX_OTHERS));
  const decoys = decoysOf(loaded, result.candidate, submission, others);
  const candidate = { ...result.candidate, decoys };
  const read = await readTwice(source, loaded.env, draft);
  if (!read.ok) return ended('reader', read.problems);
  const family = proposedFamily(candidate.request, read.value, ends.value);
  const random = (stream: string): Random =>
    new Random('proposed', stream, loaded.env.generator.seed, index);
  const judged = judgeCandidate(loaded, family, candidate, random('gates'), input.neighbours);
  if (!judged.accepted) {
    const failed = judged.gates.filter(({ ok }) => !ok);
    const problems = failed.flatMap((one) =>
      one.problems.map((problem) => `${one.gate}: ${problem}`),
    );
    return ended('gates', problems, judged.gates);
  }
  const second = await verifyIndependently(source, loaded, draft);
  if (!second.ok) return ended('second verifier', second.problems, judged.gates);
  const session = new Session(loaded);
  replay(candidate.solution, session);
  const agreement = compareVerifiers(
    loaded,
    candidate,
    second.value,
    submission,
    session.db,
    others,
    random('disagreement'),
  );
  const { attempts, differ } = agreement;
  if (differ.length > 0 || attempts < MIN_ATTEMPTS) {
    const why =
      differ.length > 0
        ? `the verifiers differ on ${differ.join(', ')}`
        : `only ${attempts} attempts to compare the verifiers on`;
    return ended('second verifier', [why], judged.gates);
  }
  const pair = pairOf(input, candidate, judged);
  return { ...ended('accepted', [], judged.gates), agreed: attempts, pair };
}

/** Calls whose results the answer or a later call rests on. */
function neededCalls({ steps }: SolutionPlan): number {
  const used = new Set<string>();
  for (const { arguments: args } of steps) {
    for (const value of Object.values(args)) {
      if ('from' in value) used.add(value.from);
      if ('using' in value) for (const name of value.using) used.add(name);
    }
  }
  return steps.filter(({ bind }) => bind === undefined || used.has(bind)).length;
}

function pairOf(
  { loaded, index, split }: ProposeTaskInput,
  candidate: Candidate,
  { measured: difficulty }: GateReport,
): TaskPair {
  const {
    ir,
    verifier,
    solution,
    alternatives,
    size: _size,
    decoys: _decoys,
    ...shown
  } = candidate;
  const { env } = loaded;
  const taskId = `${env.id}#proposed-${index}`;
  const secret = { ir, verifier, solution, alternatives };
  const content = { ...shown, envId: env.id, envVersion: env.version, split, difficulty };
  const hash = contentHash([taskId, content, secret] as unknown as Json);
  const key = taskId.slice(taskId.lastIndexOf('/') + 1).replace('#', '.');
  return { task: { taskId, key, hash, ...content }, private: { taskId, hash, ...secret } };
}
