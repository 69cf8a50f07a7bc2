// The figures of a set of rollouts: pass@k over tasks, tokens, how they ended. A rollout with an error has
// no verdict: it is counted as an error and in no other figure but the tokens.

import type { RolloutRow } from './rollout-loop-row.js';

export interface RolloutSummary {
  readonly tasks: number;
  readonly samples: number;
  readonly errors: number;
  readonly truncated: number;
  /** Of tasks with at least k verdicts, unbiased; in percent. */
  readonly passAt: readonly {
    readonly k: number;
    readonly tasks: number;
    readonly percent: number;
  }[];
  /** Standard error of pass@1 over tasks, in percent points. */
  readonly standardError: number;
  readonly tokens: {
    readonly prompt: number;
    readonly cached: number;
    readonly completion: number;
    readonly reasoning: number;
    /** Whether some of them were estimated. */
    readonly estimated: boolean;
  };
  readonly turns: number;
  readonly toolCalls: number;
  /** By stop condition, most frequent first. */
  readonly stops: readonly (readonly [stop: string, count: number])[];
}

/** What a summary needs of a row; rows themselves are long. */
export type RowFigures = Pick<
  RolloutRow,
  'id' | 'task_key' | 'reward' | 'error' | 'usage' | 'is_truncated' | 'stop_condition'
> & { readonly toolCalls: number };

export function figuresOf(row: RolloutRow): RowFigures {
  const { id, task_key, reward, error, usage, is_truncated, stop_condition, metrics } = row;
  const toolCalls = metrics['tool_calls'] ?? 0;
  return { id, task_key, reward, error, usage, is_truncated, stop_condition, toolCalls };
}

/** Chance that k samples, drawn from n of which c passed, hold at least one that passed. */
export function passAtK(n: number, c: number, k: number): number {
  let allFail = 1;
  for (let i = 0; i < k; i++) allFail *= Math.max(0, n - c - i) / (n - i);
  return 1 - allFail;
}

export function summarise(rows: readonly RowFigures[]): RolloutSummary {
  const judged = rows.filter(({ error }) => error === null);
  const byTask = groupedBy(judged, ({ task_key: key }) => key);
  const counts = [...byTask.values()].map((list) => ({
    n: list.length,
    c: list.filter(({ reward }) => reward === 1).length,
  }));
  const most = Math.max(1, ...counts.map(({ n }) => n));
  const ks = [1, 2, 4, 8, 16, 32, 64].filter((k) => k < most);
  const rates = counts.map(({ n, c }) => c / n);
  const sum = (of: (row: RowFigures) => number): number =>
    rows.reduce((all, row) => all + of(row), 0);
  const stops = groupedBy(rows, ({ stop_condition: stop }) => stop);
  return {
    tasks: new Set(rows.map(({ task_key: key }) => key)).size,
    samples: rows.length,
    errors: rows.length - judged.length,
    truncated: rows.filter(({ is_truncated: isCut }) => isCut).length,
    passAt: [...ks, most].map((k) => {
      const enough = counts.filter(({ n }) => n >= k);
      const passes = enough.map(({ n, c }) => passAtK(n, c, k));
      return { k, tasks: enough.length, percent: 100 * mean(passes) };
    }),
    standardError: 100 * standardError(rates),
    tokens: {
      prompt: sum(({ usage }) => usage.prompt_tokens),
      cached: sum(({ usage }) => usage.cached_tokens),
      completion: sum(({ usage }) => usage.completion_tokens),
      reasoning: sum(({ usage }) => usage.reasoning_tokens),
      estimated: rows.some(({ usage }) => usage.estimated),
    },
    turns: sum(({ usage }) => usage.turns),
    toolCalls: sum(({ toolCalls }) => toolCalls),
    stops: [...stops]
      .map(([stop, list]) => [stop, list.length] as const)
      .toSorted((a, b) => b[1] - a[1]),
  };
}

/** For people. */
export function summaryText(summary: RolloutSummary): string {
  const { tasks, samples, errors, truncated, passAt, tokens, turns, toolCalls, stops } = summary;
  const each = (total: number): string => (samples === 0 ? '0' : (total / samples).toFixed(1));
  const rows = [
    ['tasks', `${tasks}`],
    ['samples', `${samples} (${errors} errors, ${truncated} truncated)`],
    ...passAt.map(({ k, percent, tasks: of }) => [
      `pass@${k}`,
      of === 0
        ? 'no verdict'
        : `${percent.toFixed(1)} %${k === 1 ? ` ± ${summary.standardError.toFixed(1)}` : ''} over ${of} tasks`,
    ]),
    ['tokens in', `${tokens.prompt} (${tokens.cached} cached)`],
    ['tokens out', `${tokens.completion} (${tokens.reasoning} reasoning)`],
    [
      'a sample',
      `${each(tokens.completion)} tokens out, ${each(turns)} turns, ${each(toolCalls)} calls`,
    ],
    ['ended by', stops.map(([stop, count]) => `${stop} ${count}`).join(', ')],
    ...(tokens.estimated
      ? [['note', 'some tokens are estimated: the endpoint did not count']]
      : []),
  ];
  return `${rows.map(([name, value]) => `${name!.padEnd(12)}${value}`).join('\n')}\n`;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const squares = values.reduce((all, value) => all + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
