// The tasks of one environment: families take turns, each turn draws a candidate, the gates judge it,
// and what they accept becomes a task. Deterministic in the environment: nothing that happens
// elsewhere in a build changes it, so any worker may do it at any time.
// Source: agents reference §6.5, §6.8.

import { contentHash } from '../canonical.js';
import type { TaskPair } from '../corpus-writer.js';
import type { TaskFamily } from '../families/family.js';
import type { GateReport, GateResult } from '../gates/report.js';
import { Random } from '../random.js';
import type { Candidate, PublicTask, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json } from '../world-types.js';
import { DistinctTexts } from './sim-hash.js';
import { counted, type Tally } from './tally.js';

/** Draws in a row that may come to nothing before a family has no more turns here. */
const MAX_MISSES = 12;
/** Tasks of one skeleton in one environment (agents reference §6.5). */
const MAX_PER_SKELETON = 12;
/** Of the tasks of one environment, in percent: requests to be refused stay the exception (§8.3). */
const MAX_SHARE: Readonly<Partial<Record<TaskFamily['id'], number>>> = { infeasible: 10 };
/** Solutions of the last tasks, as somebody's who mistook one task for another. */
const MAX_NEIGHBOURS = 3;
const NUM_LEVELS = 4;
/** One part in so many goes to validation, and one to test. */
const SPLIT_PARTS = 20;

export type Judge = (
  loaded: LoadedEnvironment,
  family: TaskFamily,
  candidate: Candidate,
  random: Random,
  /** Solutions of other tasks here, tried as wrong attempts. */
  neighbours: readonly SolutionPlan[],
) => GateReport;

/** G9, of a corpus: the same again. */
interface Repeat {
  readonly gate: 'G9';
  readonly ok: false;
  readonly detail: string;
}

/** Why a candidate is in the corpus, or is not. */
export interface Evidence {
  readonly taskId: string;
  /** Of the task, where it was accepted. */
  readonly hash?: string;
  readonly outcome: string;
  readonly gates: readonly (GateResult | Repeat)[];
}

export interface MadeTasks {
  readonly pairs: readonly TaskPair[];
  readonly evidence: readonly Evidence[];
  readonly tally: Tally;
}

interface Turn {
  readonly family: TaskFamily;
  attempts: number;
  misses: number;
  accepted: number;
  readonly most: number;
}

/** @param wanted tasks; fewer where the families find no more */
export function makeTasks(
  loaded: LoadedEnvironment,
  wanted: number,
  families: readonly TaskFamily[],
  judge: Judge,
): MadeTasks {
  const { env } = loaded;
  const texts = new DistinctTexts();
  const skeletons = new Map<string, number>();
  const pairs: TaskPair[] = [];
  const evidence: Evidence[] = [];
  let tally: Tally = {};
  let turns = families
    .filter((family) => family.applies(env))
    .map((family): Turn => {
      const share = MAX_SHARE[family.id] ?? 100;
      const most = Math.max(1, Math.floor((wanted * share) / 100));
      return { family, attempts: 0, misses: 0, accepted: 0, most };
    });

  while (pairs.length < wanted && turns.length > 0) {
    for (const turn of turns) {
      if (pairs.length === wanted) break;
      const outcome = take(turn);
      tally = counted(tally, turn.family.id, outcome);
      if (outcome === 'accepted') {
        turn.accepted++;
        turn.misses = 0;
      } else turn.misses++;
    }
    turns = turns.filter(({ misses, accepted, most }) => misses < MAX_MISSES && accepted < most);
  }
  return { pairs, evidence, tally };

  function take(turn: Turn): string {
    const { family } = turn;
    const attempt = turn.attempts++;
    const random = new Random('task', env.generator.seed, family.id, attempt);
    // Both languages and all levels, whatever comes of each draw.
    const language = attempt % 2 === env.generator.seed % 2 ? 'en' : 'zh';
    const level = (attempt >> 1) % NUM_LEVELS;
    const candidate = family.propose(loaded, random, language, level);
    if (!candidate) return 'dropped';
    const taskId = `${env.id}#${family.id}-${attempt}`;
    const repeats = (detail: string): string => {
      evidence.push({ taskId, outcome: 'G9', gates: [{ gate: 'G9', ok: false, detail }] });
      return 'G9';
    };
    const alike = skeletons.get(candidate.skeleton) ?? 0;
    if (alike >= MAX_PER_SKELETON) return repeats('the skeleton is there often enough');
    const gateRandom = new Random('gates', env.generator.seed, family.id, attempt);
    const neighbours = pairs.slice(-MAX_NEIGHBOURS).map((pair) => pair.private.solution);
    const judgement = judge(loaded, family, candidate, gateRandom, neighbours);
    if (!judgement.accepted) {
      const failed = judgement.gates.filter(({ ok }) => !ok);
      const outcome = failed[0]?.gate ?? 'gates';
      evidence.push({ taskId, outcome, gates: failed });
      return outcome;
    }
    if (!texts.add(candidate.request)) return repeats('the text is nearly another one');
    skeletons.set(candidate.skeleton, alike + 1);
    const pair = pairOf(env, candidate, judgement, taskId);
    pairs.push(pair);
    evidence.push({
      taskId,
      hash: pair.task.hash,
      outcome: 'accepted',
      gates: judgement.gates,
    });
    return 'accepted';
  }
}

/** The split follows from the structure alone, so no structure is on two sides (§8.3). */
export function splitOf(env: Pick<Environment, 'fingerprint'>): PublicTask['split'] {
  const part = Number.parseInt(env.fingerprint.slice(0, 8), 16) % SPLIT_PARTS;
  return part === 0 ? 'test' : part === 1 ? 'val' : 'train';
}

function pairOf(
  env: Environment,
  candidate: Candidate,
  { measured: difficulty }: GateReport,
  taskId: string,
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
  const secret = { ir, verifier, solution, alternatives };
  const content = {
    ...shown,
    envId: env.id,
    envVersion: env.version,
    split: splitOf(env),
    difficulty,
  };
  const hash = contentHash([taskId, content, secret] as unknown as Json);
  const key = taskId.slice(taskId.lastIndexOf('/') + 1).replace('#', '.');
  return {
    task: { taskId, key, hash, ...content },
    private: { taskId, hash, ...secret },
  };
}
