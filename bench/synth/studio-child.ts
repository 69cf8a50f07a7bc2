// The studio in a process of its own, for the bench: serves a corpus, says what CPU time it has used, and
// holds open sessions so that their memory can be read.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openCorpus } from '../../src/synth/corpus.js';
import { loadProgramRunner } from '../../src/synth/programs/program-runner.js';
import { replay } from '../../src/synth/replay.js';
import { Rollouts } from '../../src/synth/serve/rollouts.js';
import { serveCorpus } from '../../src/synth/serve/serve-corpus.js';
import { answerParent } from './children.js';
import { spread } from './tasks.js';

export type ServerQuestion =
  | { readonly ask: 'serve' }
  | { readonly ask: 'cpu' }
  | { readonly ask: 'open'; readonly sessions: number };

export interface Memory {
  readonly sessions: number;
  readonly environments: number;
  readonly heapMb: number;
  readonly rssMb: number;
}

await loadProgramRunner();
const store = openCorpus(process.argv[2]!);
/** Held, so that what they need is in use. */
const open: unknown[] = [];

answerParent(async (question: ServerQuestion) => {
  switch (question.ask) {
    case 'serve':
      return { url: (await serveCorpus({ store, limits: { maxSessions: 100_000 } })).url };
    case 'cpu':
      return process.cpuUsage();
    case 'open':
      return openSessions(question.sessions);
  }
});

/** Every session has carried out half of its task's solution. */
function openSessions(count: number): Memory {
  collect();
  const before = process.memoryUsage();
  const rollouts = new Rollouts({ store });
  const environments = new Set<string>();
  for (const key of spread([...store.taskKeys()], count)) {
    const rollout = rollouts.openTask(key);
    const { steps } = store.privateTask(key)!.solution;
    replay({ steps: steps.slice(0, Math.ceil(steps.length / 2)) }, rollout.session);
    environments.add(rollout.environment.env.id);
  }
  open.push(rollouts);
  collect();
  const after = process.memoryUsage();
  return {
    sessions: rollouts.size,
    environments: environments.size,
    heapMb: megabytes(after.heapUsed - before.heapUsed),
    rssMb: megabytes(after.rss),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
