// What a corpus is like, added up shard by shard: how varied, how hard, and on how much evidence. Holds
// counts only, never tasks, and ends up in the manifest, where the report reads it.
// Source: agents reference §6.5, §6.6, §8.2.

import type { ShardSummary } from './fill-shards.js';
import { Histogram, meanOf, type Counts } from './histogram.js';
import type { TaskSummary } from './jobs.js';

/** What an agent of the ladder reaches, in percent. */
export interface Reached {
  readonly mean: number;
  readonly highest: number;
}

export interface FamilyStatistics {
  readonly tasks: number;
  readonly skeletons: number;
  readonly mean_calls: number;
  readonly mean_constraints: number;
  readonly calls: Counts;
  /** By the level of the generator that the task came off at. */
  readonly drawn_levels: Counts;
  readonly ladder: Readonly<Record<string, Reached>>;
}

export interface Statistics {
  readonly families: Readonly<Record<string, FamilyStatistics>>;
  readonly languages: Counts;
  readonly splits: { readonly environments: Counts; readonly tasks: Counts };
  readonly modules: Counts;
  readonly themes: Counts;
  /** Tools, by archetype. */
  readonly archetypes: Counts;
  readonly tools_per_environment: Counts;
  readonly tables_per_environment: Counts;
  readonly rows_per_environment: Counts;
  readonly tasks_per_environment: Counts;
  readonly calls: Counts;
  readonly writes: Counts;
  readonly constraints: Counts;
  readonly right_ends: Counts;
  /** Of the candidates that the constraints choose among. */
  readonly candidates_log10: Counts;
  readonly prompt_length: Counts;
  readonly levels: { readonly measured: Counts; readonly drawn: Counts };
  readonly ladder: Readonly<Record<string, Reached>>;
  /** Counts behind the verdicts of gates, over all accepted tasks. */
  readonly evidence: Counts;
}

/** Lengths of prompts are counted in steps of so many characters. */
const LENGTH_STEP = 50;

class LadderSums {
  readonly #agents = new Map<string, Histogram>();

  add(ladder: Readonly<Record<string, number>>): void {
    for (const [agent, percent] of Object.entries(ladder)) {
      const histogram = this.#agents.get(agent) ?? new Histogram();
      histogram.add(percent);
      this.#agents.set(agent, histogram);
    }
  }

  value(): Record<string, Reached> {
    const names = [...this.#agents.keys()].toSorted();
    return Object.fromEntries(
      names.map((agent) => {
        const counts = this.#agents.get(agent)!.counts();
        const highest = Number(Object.keys(counts).at(-1) ?? 0);
        return [agent, { mean: rounded(meanOf(counts)), highest }];
      }),
    );
  }
}

class FamilySums {
  readonly #calls = new Histogram();
  readonly #constraints = new Histogram();
  readonly #levels = new Histogram();
  readonly #skeletons = new Set<string>();
  readonly #ladder = new LadderSums();
  #tasks = 0;

  add({ difficulty, skeleton, level }: TaskSummary): void {
    this.#tasks++;
    this.#calls.add(difficulty.minCalls);
    this.#constraints.add(difficulty.constraints);
    this.#levels.add(level);
    this.#skeletons.add(skeleton);
    this.#ladder.add(difficulty.ladder);
  }

  value(): FamilyStatistics {
    const calls = this.#calls.counts();
    return {
      tasks: this.#tasks,
      skeletons: this.#skeletons.size,
      mean_calls: rounded(meanOf(calls)),
      mean_constraints: rounded(meanOf(this.#constraints.counts())),
      calls,
      drawn_levels: this.#levels.counts(),
      ladder: this.#ladder.value(),
    };
  }
}

const NAMES = [
  'languages',
  'environmentSplits',
  'taskSplits',
  'modules',
  'themes',
  'archetypes',
  'tools',
  'tables',
  'rows',
  'tasks',
  'calls',
  'writes',
  'constraints',
  'ends',
  'candidates',
  'lengths',
  'measured',
  'drawn',
  'evidence',
] as const;

export class StatisticsSums {
  readonly #of = new Map<string, Histogram>(NAMES.map((name) => [name, new Histogram()]));
  readonly #families = new Map<string, FamilySums>();
  readonly #ladder = new LadderSums();

  add({ environments, tasks }: ShardSummary): void {
    for (const one of environments) {
      const numTools = Object.values(one.archetypes).reduce((sum, count) => sum + count, 0);
      this.#count('environmentSplits', one.split);
      this.#count('themes', one.theme);
      this.#count('tools', numTools);
      this.#count('tables', one.tables);
      this.#count('rows', one.rows);
      this.#count('tasks', tasks.filter(({ envId }) => envId === one.id).length);
      for (const name of one.modules) this.#count('modules', name);
      for (const [name, count] of Object.entries(one.archetypes)) {
        this.#count('archetypes', name, count);
      }
    }
    for (const task of tasks) this.#addTask(task);
  }

  #addTask(task: TaskSummary): void {
    const { family, difficulty } = task;
    const sums = this.#families.get(family) ?? new FamilySums();
    this.#families.set(family, sums);
    sums.add(task);
    this.#ladder.add(difficulty.ladder);
    this.#count('languages', task.language);
    this.#count('taskSplits', task.split);
    this.#count('calls', difficulty.minCalls);
    this.#count('writes', difficulty.writes);
    this.#count('constraints', difficulty.constraints);
    this.#count('ends', difficulty.solutions);
    this.#count('candidates', Math.floor(difficulty.candidatesLog10));
    this.#count('lengths', Math.floor(task.promptLength / LENGTH_STEP) * LENGTH_STEP);
    this.#count('measured', difficulty.level);
    this.#count('drawn', task.level);
    for (const [name, count] of Object.entries(task.evidence)) this.#count('evidence', name, count);
  }

  #count(histogram: (typeof NAMES)[number], name: string | number, count = 1): void {
    this.#of.get(histogram)!.add(name, count);
  }

  value(): Statistics {
    const of = (name: (typeof NAMES)[number]): Counts => this.#of.get(name)!.counts();
    const families = [...this.#families].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      families: Object.fromEntries(families.map(([name, sums]) => [name, sums.value()])),
      languages: of('languages'),
      splits: { environments: of('environmentSplits'), tasks: of('taskSplits') },
      modules: of('modules'),
      themes: of('themes'),
      archetypes: of('archetypes'),
      tools_per_environment: of('tools'),
      tables_per_environment: of('tables'),
      rows_per_environment: of('rows'),
      tasks_per_environment: of('tasks'),
      calls: of('calls'),
      writes: of('writes'),
      constraints: of('constraints'),
      right_ends: of('ends'),
      candidates_log10: of('candidates'),
      prompt_length: of('lengths'),
      levels: { measured: of('measured'), drawn: of('drawn') },
      ladder: this.#ladder.value(),
      evidence: of('evidence'),
    };
  }
}

/** Two decimals: enough to read, and the same text on every machine. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
