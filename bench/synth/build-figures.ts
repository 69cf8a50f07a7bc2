// What a corpus is worth by its own evidence, and how long it takes to make one. The counts come from the
// manifest and from the rows that the gates left beside the tasks; whether those rows tell the truth is
// the audit's question (`hadal synth audit`).

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildCorpus } from '../../src/synth/build/build-corpus.js';
import { doJob, type Job } from '../../src/synth/build/jobs.js';
import type { Evidence } from '../../src/synth/build/make-tasks.js';
import type { WorkPool } from '../../src/synth/build/worker-pool.js';
import type { Manifest } from '../../src/synth/corpus-writer.js';
import { MANIFEST } from '../../src/synth/corpus.js';
import { loadProgramRunner } from '../../src/synth/programs/program-runner.js';
import { rounded, type Figures, type Measured } from './figures.js';
import type { Options } from './options.js';

/** What the targets are about. */
const WHOLE = { environments: 1800, tasks: 86_400, cores: 2 };
const SHORTCUTS = ['A0', 'A1', 'A2', 'A3', 'A4'];

interface Totals {
  accepted: number;
  /** By gate and name of the count, over accepted tasks. */
  readonly counts: Map<string, number>;
  /** Candidates that a gate refused, by the first gate that did. */
  readonly refused: Map<string, number>;
}

/** @throws Error of node:fs where the folder is no built corpus */
export async function corpusFigures(folder: string): Promise<Figures> {
  const manifest = manifestOf(folder);
  const totals = await totalsOf(folder, manifest);
  return { ...countFigures(manifest, totals), ...timeFigure(folder, manifest) };
}

/** Builds a small corpus in this process and reckons its times up to the whole. */
export async function sampleFigures(
  folder: string,
  { environments, tasksPerEnvironment, seed }: Options['sample'],
  say: (line: string) => void,
): Promise<Figures> {
  say(`sample build: ${environments} environments, ${tasksPerEnvironment} tasks of each`);
  const began = process.cpuUsage();
  let chosen = began;
  await buildCorpus({
    folder,
    environments,
    tasksPerEnvironment,
    seed,
    pool: new InlinePool(folder),
    onProgress({ phase }) {
      if (phase === 'environments') chosen = process.cpuUsage();
    },
  });
  const perEnvironment = milliseconds(began, chosen) / environments;
  const manifest = manifestOf(folder);
  const perTask = milliseconds(chosen, process.cpuUsage()) / manifest.tasks;
  const totals = await totalsOf(folder, manifest);
  const whole = WHOLE.environments * perEnvironment + WHOLE.tasks * perTask;
  const build: Measured = {
    value: rounded(whole / WHOLE.cores / 60_000, 3),
    isExtrapolated: true,
    details: {
      cpu_ms_per_environment: rounded(perEnvironment),
      cpu_ms_per_task: rounded(perTask),
    },
    how:
      `CPU time of a sample of ${manifest.environments} environments and ${manifest.tasks} tasks, ` +
      `reckoned up to ${WHOLE.environments} and ${WHOLE.tasks} on ${WHOLE.cores} cores`,
  };
  return { ...ofSample(countFigures(manifest, totals)), build_minutes: build };
}

/** Counts of a sample stand nowhere beside those of the whole. */
function ofSample(figures: Figures): Figures {
  const counts = ['environments', 'tasks', 'wrong_attempts', 'right_attempts'] as const;
  const marked = counts.map((key) => [key, { ...figures[key], isOfSample: true }]);
  return { ...figures, ...(Object.fromEntries(marked) as Figures) };
}

/** Does every job at once, here: CPU time is then this process's own. */
class InlinePool implements WorkPool {
  readonly size = 1;

  constructor(readonly folder: string) {}

  async run(job: Job): Promise<void> {
    await loadProgramRunner();
    doJob(this.folder, job, () => {});
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
}

async function totalsOf(folder: string, { files }: Manifest): Promise<Totals> {
  const totals: Totals = { accepted: 0, counts: new Map(), refused: new Map() };
  for (const { path } of files.filter((file) => file.path.startsWith('gates/'))) {
    const lines = createInterface({ input: createReadStream(join(folder, path)) });
    for await (const line of lines) add(totals, JSON.parse(line) as Evidence);
  }
  return totals;
}

function add(totals: Totals, { outcome, gates }: Evidence): void {
  const raise = (counts: Map<string, number>, name: string, by: number): void =>
    void counts.set(name, (counts.get(name) ?? 0) + by);
  if (outcome !== 'accepted') return raise(totals.refused, outcome, 1);
  totals.accepted++;
  for (const gate of gates) {
    if (!('evidence' in gate)) continue;
    raise(totals.counts, `${gate.gate} runs`, gate.runs);
    for (const [name, count] of Object.entries(gate.evidence)) {
      raise(totals.counts, `${gate.gate} ${name}`, count);
    }
  }
}

function countFigures(manifest: Manifest, { accepted, counts, refused }: Totals): Figures {
  const count = (name: string): number => counts.get(name) ?? 0;
  const mean = (name: string): number => rounded(count(name) / Math.max(1, accepted));
  const wrong = count('G4 wrong');
  const right = count('G4 right');
  const unsound = refused.get('G4') ?? 0;
  const inCorpus = 'evidence rows of the accepted tasks';
  const shortcuts = SHORTCUTS.map((agent) => [agent, mean(`G8 ${agent}`)] as const);
  return {
    environments: {
      value: manifest.environments,
      how: 'manifest: different fingerprints, and tool signatures less than 0.9 alike',
    },
    tasks: {
      value: manifest.tasks,
      details: { refused_candidates: [...refused.values()].reduce((sum, one) => sum + one, 0) },
      how: 'manifest: tasks that passed every gate',
    },
    wrong_attempts: {
      value: wrong,
      details: {
        per_task: rounded(wrong / Math.max(1, accepted), 3),
        guesses: count('G5 guesses'),
      },
      how: `G4 in the ${inCorpus}; random guesses of G5 come on top`,
    },
    // A task whose verifier accepts one wrong attempt, or refuses one right one, never gets in.
    false_accepts: {
      value: count('G4 falseAccepts'),
      details: { candidates_refused_for_it: unsound },
      how: 'counted in the evidence; a single one refuses the task',
    },
    right_attempts: {
      value: right,
      details: { per_task: rounded(right / Math.max(1, accepted), 3) },
      how: `G4 in the ${inCorpus}: the reference, other routes and orders, equal submissions, the solver's ends`,
    },
    false_rejects: {
      value: count('G4 falseRejects'),
      details: { candidates_refused_for_it: (refused.get('G2') ?? 0) + (refused.get('G3') ?? 0) },
      how: 'counted in the evidence; a single one refuses the task',
    },
    mutation_score_percent: {
      value: rounded((100 * count('G4 killed')) / Math.max(1, count('G4 mutants'))),
      details: { mutants: count('G4 mutants'), equivalent_besides: count('G4 equivalent') },
      how: 'share of small mistakes in verifiers that some attempt notices, over all accepted tasks',
    },
    shortcuts_percent: {
      value: Math.max(...shortcuts.map(([, share]) => share)),
      details: Object.fromEntries(shortcuts),
      how: 'largest of the agents A0 to A4, mean over tasks',
    },
    budgeted_search_percent: {
      value: mean('G8 A5'),
      how: 'A5, a third of the calls, mean over tasks',
    },
    oracle_percent: { value: mean('G8 A7'), how: 'A7, mean over tasks' },
  };
}

/** By the clock of the file system: the plan is a build's first file, the manifest its last. */
function timeFigure(folder: string, { environments, tasks }: Manifest): Figures {
  const began = statSync(join(folder, 'build.json'), { throwIfNoEntry: false })?.mtimeMs;
  const ended = statSync(join(folder, MANIFEST)).mtimeMs;
  const how = `from the first file to the last of ${environments} environments and ${tasks} tasks, pauses too`;
  if (began === undefined) return { build_minutes: { value: null, how: 'no build.json in it' } };
  return { build_minutes: { value: rounded((ended - began) / 60_000, 3), how } };
}

function milliseconds(from: NodeJS.CpuUsage, to: NodeJS.CpuUsage): number {
  return (to.user + to.system - from.user - from.system) / 1000;
}
