// A repair of a program, as the generator proposes it, with its reference solution as calls: for tests that
// run programs of agents in other ways than the build does.

import type { TaskPair } from '../../src/synth/corpus-writer.js';
import { loadEnvironment } from '../../src/synth/load-environment.js';
import { replay } from '../../src/synth/replay.js';
import type { StoredRollout } from '../../src/synth/serve/judge.js';
import { Session, type ToolResult } from '../../src/synth/tools/session.js';
import type { Affordance, Environment, JsonObject } from '../../src/synth/world-types.js';
import { proposeCorpus } from './proposed-corpus.js';

export type Programs = Extract<Affordance, { kind: 'programs' }>;

export interface MadeCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** As in this process. */
  readonly result: ToolResult;
}

export interface CodeTask {
  readonly env: Environment;
  readonly programs: Programs;
  readonly pair: TaskPair;
  /** Another task of the same environment, whose verdict needs no program, and its reference as stored. */
  readonly other: TaskPair;
  readonly otherDone: StoredRollout;
  readonly solution: readonly MadeCall[];
  /** Arguments that put `text` before the program's first function. */
  readonly spoilt: (text: string) => JsonObject;
}

/** Environments until one has programs to repair. */
const MAX_ENVIRONMENTS = 12;

export async function someCodeTask(): Promise<CodeTask> {
  const options = { numEnvironments: MAX_ENVIRONMENTS, tasksEach: 2 };
  const corpus = await proposeCorpus({ ...options, families: ['code', 'aggregate'] });
  const pair = corpus.pairs.find(({ task }) => task.family === 'code');
  const env = corpus.environments.find(({ id }) => id === pair?.task.envId);
  const other = corpus.pairs.find(
    ({ task }) => task.family === 'aggregate' && task.envId === env?.id,
  );
  if (!pair || !env || !other) throw new Error('no environment has both kinds of task');
  const programs = env.affordances.find((one): one is Programs => one.kind === 'programs')!;
  const loaded = loadEnvironment(env);
  const session = new Session(loaded, pair.task.patch, pair.task.submissionSchema);
  replay(pair.private.solution, session);
  const otherSession = new Session(loaded, other.task.patch, other.task.submissionSchema);
  const { finalMessage } = replay(other.private.solution, otherSession);
  const [check] = pair.private.verifier.programs!;
  const entry = session.db
    .rows(programs.fileTable)
    .find((row) => row[programs.path] === `${check!.folder}${check!.entry}`)!;
  const { impl } = loaded.tools.get(programs.replaceTool)!;
  if (impl.archetype !== 'replace-text') throw new Error(`${impl.archetype} replaces no text`);
  const old = 'export default function';
  return {
    env,
    programs,
    pair,
    other,
    otherDone: {
      task_key: other.task.key,
      calls: otherSession.calls,
      messages: [{ role: 'assistant', content: finalMessage }],
      ...(otherSession.submission !== undefined && { submission: otherSession.submission }),
    },
    solution: session.calls.map(({ tool, arguments: args, result }) => ({
      tool,
      arguments: args as JsonObject,
      result,
    })),
    spoilt: (text) => ({
      [impl.param]: entry[loaded.base.specs.get(programs.fileTable)!.key]!,
      [impl.oldParam]: old,
      [impl.newParam]: `${text}\n${old}`,
    }),
  };
}
