// Which tasks the bench uses, and which calls: reads of a task's own solution whose arguments are known
// beforehand, so that a load can send them without an agent.

import type { CorpusStore } from '../../src/synth/corpus.js';

export interface Call {
  readonly name: string;
  readonly arguments: object;
}

export interface SessionLoad {
  readonly key: string;
  readonly envId: string;
  readonly calls: readonly Call[];
}

/** `count` of them, evenly; some more than once where there are fewer. */
export function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** @throws RangeError for a corpus without a task that begins with a plain read */
export function sessionLoads(store: CorpusStore, count: number): SessionLoad[] {
  const loads: SessionLoad[] = [];
  const keys = [...store.taskKeys()];
  // Twice as many as are wanted: solutions that begin otherwise are left out.
  for (const key of spread(keys, Math.min(keys.length, 2 * count))) {
    const { envId } = store.task(key)!;
    const calls = readsOf(store, key, envId);
    if (calls.length > 0) loads.push({ key, envId, calls });
  }
  if (loads.length === 0) throw new RangeError('no task of this corpus begins with a plain read');
  return spread(loads, count);
}

function readsOf(store: CorpusStore, key: string, envId: string): Call[] {
  const env = store.environment(envId)!;
  const tools = new Map(env.tools.map((tool) => [tool.name, tool]));
  return store.privateTask(key)!.solution.steps.flatMap(({ tool, arguments: args }) => {
    const { effect, side } = tools.get(tool) ?? {};
    if (effect !== 'read' || side !== 'agent') return [];
    const known = Object.entries(args).flatMap(([name, value]) =>
      'literal' in value ? [[name, value.literal] as const] : [],
    );
    if (known.length < Object.keys(args).length) return [];
    return [{ name: tool, arguments: Object.fromEntries(known) }];
  });
}
