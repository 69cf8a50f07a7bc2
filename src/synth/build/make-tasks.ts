// The tasks of one environment: families take turns, each turn draws a candidate, the gates judge it, and
// what they accept becomes a task; what is too easy or too hard is drawn again at another level.
// Deterministic in the environment and in what the corpus had when the work was handed out, so any
// worker may do it at any time. Source: agents reference §6.5, §6.6, §6.8.

import { contentHash } from '../canonical.js';
import type { TaskPair } from '../corpus-writer.js';
import type { TaskFamily } from '../families/family.js';
import type { GateReport, GateResult } from '../gates/report.js';
import { Random } from '../random.js';
import type { Candidate, Family, PublicTask, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json } from '../world-types.js';
import type { Verdict } from './levels.js';
import { instanceHash, Novelty, type SkeletonBudget } from './novelty.js';
import { counted, type Tally } from './tally.js';
import { Turns, type FamilyCounts, type Turn } from './turns.js';

/** Solutions of the last tasks, as somebody's who mistook one task for another. */
const MAX_NEIGHBOURS = 3;
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
export interface Repeat {
  readonly gate: 'G9';
  readonly ok: false;
  readonly detail: string;
}

/** Why a candidate is in the corpus, or is not. */
export interface Evidence {
  readonly taskId: string;
  /** Of the task, where it was accepted. */
  readonly hash?: string;
  /** The level it was drawn at. */
  readonly level: number;
  readonly outcome: string;
  readonly gates: readonly (GateResult | Repeat)[];
}

export interface MadeTask {
  readonly pair: TaskPair;
  readonly instance: string;
  readonly level: number;
  readonly gates: readonly GateResult[];
}

export interface MadeTasks {
  readonly made: readonly MadeTask[];
  readonly evidence: readonly Evidence[];
  readonly tally: Tally;
  /** Draws of each family so far: where another round goes on. */
  readonly attempts: Attempts;
}

export type Attempts = Readonly<Partial<Record<Family, number>>>;

export interface MakeOptions {
  /** Tasks; fewer where the families find no more. */
  readonly wanted: number;
  readonly families: readonly TaskFamily[];
  readonly judge: Judge;
  readonly budget: SkeletonBudget;
  /** Of the corpus. */
  readonly counts: FamilyCounts;
  /** What an earlier round has left, those refused since included: nothing is drawn or made twice. */
  readonly before?: { readonly pairs: readonly TaskPair[]; readonly attempts: Attempts };
}

export function makeTasks(loaded: LoadedEnvironment, options: MakeOptions): MadeTasks {
  const { env } = loaded;
  const { wanted, judge, budget, counts, before } = options;
  const novelty = new Novelty(budget);
  const made: MadeTask[] = [];
  const evidence: Evidence[] = [];
  let tally: Tally = {};
  const turns = new Turns(
    options.families.filter((family) => family.applies(env)),
    wanted,
    counts,
  );
  for (const turn of turns.all()) turn.attempts = before?.attempts[turn.family.id] ?? 0;
  for (const { task, private: secret } of before?.pairs ?? []) {
    novelty.add(task.skeleton, task.request, instanceHash(env, { ...task, ir: secret.ir }));
  }

  for (let turn = turns.next(); turn && made.length < wanted; turn = turns.next()) take(turn);
  const attempts = Object.fromEntries(
    turns.all().map(({ family, attempts: drawn }) => [family.id, drawn]),
  );
  return { made, evidence, tally, attempts };

  function take(turn: Turn): void {
    const attempt = turn.attempts++;
    let level: number | undefined = turn.levels.begin(attempt >> 1);
    let previous: number | undefined;
    let verdict: Verdict = 'other';
    while (level !== undefined) {
      verdict = draw(turn.family, attempt, level);
      const next = turn.levels.after(level, verdict, previous);
      previous = level;
      level = next;
    }
    turn.hear(verdict === 'accepted');
  }

  function draw(family: TaskFamily, attempt: number, level: number): Verdict {
    const random = new Random('task', env.generator.seed, family.id, attempt, level);
    // Both languages, whatever comes of each draw.
    const language = attempt % 2 === env.generator.seed % 2 ? 'en' : 'zh';
    const candidate = family.propose(loaded, random, language, level);
    if (!candidate) {
      tally = counted(tally, family.id, 'dropped');
      return 'other';
    }
    const taskId = `${env.id}#${family.id}-${attempt}`;
    const instance = instanceHash(env, candidate);
    const repeats = novelty.refusal(candidate, instance);
    if (repeats !== undefined) {
      const gates = [{ gate: 'G9', ok: false, detail: repeats }] as const;
      evidence.push({ taskId, level, outcome: 'G9', gates });
      tally = counted(tally, family.id, 'G9');
      return 'other';
    }
    const gateRandom = new Random('gates', env.generator.seed, family.id, attempt, level);
    const neighbours = made.slice(-MAX_NEIGHBOURS).map(({ pair }) => pair.private.solution);
    const judgement = judge(loaded, family, candidate, gateRandom, neighbours);
    const { gates } = judgement;
    if (!judgement.accepted) {
      const failed = gates.filter(({ ok }) => !ok);
      const outcome = failed[0]?.gate ?? 'gates';
      evidence.push({ taskId, level, outcome, gates: failed });
      tally = counted(tally, family.id, outcome);
      return verdictOn(judgement);
    }
    novelty.add(candidate.skeleton, candidate.request, instance);
    budget.use(candidate.skeleton);
    const pair = pairOf(env, candidate, judgement, taskId);
    made.push({ pair, instance, level, gates });
    evidence.push({ taskId, hash: pair.task.hash, level, outcome: 'accepted', gates });
    tally = counted(tally, family.id, 'accepted');
    return 'accepted';
  }
}

/** Only what fails for its difficulty and nothing else is worth another level. */
function verdictOn({ gates, measured }: GateReport): Verdict {
  const failed = gates.filter(({ ok }) => !ok).map(({ gate }) => gate);
  if (!failed.every((gate) => gate === 'G5' || gate === 'G8')) return 'other';
  const { A5 = 0, A6 = 0, A7 = 0 } = measured.ladder;
  if (failed.includes('G5') || A5 > 10) return 'too easy';
  // The noisy oracle is above its band or below it; without an oracle there is no band.
  return A7 < 100 ? 'other' : A6 >= 30 ? 'too easy' : 'too hard';
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
