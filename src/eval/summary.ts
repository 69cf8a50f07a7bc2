// From scored dialogs to the table of the model card.

import type { TurnScore } from './score.js';

export interface ScoredDialog {
  kind: string;
  mode: string;
  numTools: number;
  turns: TurnScore[];
  /** Decoded tokens per second of each generation. */
  speeds: number[];
  completionTokens: number;
}

export interface Rate {
  right: number;
  of: number;
}

export interface SummaryRow {
  name: string;
  dialogs: number;
  wellFormed: Rate;
  rightTool: Rate;
  rightCall: Rate;
  rightAnswer: Rate;
  wholeDialog: Rate;
}

export interface Summary {
  rows: SummaryRow[];
  meanCompletionTokens: number;
  medianTokensPerSecond: number;
}

function rate(values: (boolean | undefined)[]): Rate {
  const known = values.filter((value) => value !== undefined);
  return { right: known.filter(Boolean).length, of: known.length };
}

function row(name: string, dialogs: ScoredDialog[]): SummaryRow {
  const turns = dialogs.flatMap((dialog) => dialog.turns);
  return {
    name,
    dialogs: dialogs.length,
    wellFormed: rate(turns.map((turn) => turn.isWellFormed)),
    rightTool: rate(turns.map((turn) => turn.isRightTool)),
    rightCall: rate(turns.map((turn) => turn.isRightCall)),
    // The last turn of a dialog answers; questions for a missing argument come before it.
    rightAnswer: rate(dialogs.map((dialog) => dialog.turns.at(-1)?.isRightAnswer)),
    wholeDialog: rate(
      dialogs.map((dialog) =>
        dialog.turns.every(
          (turn) => turn.isWellFormed && turn.isRightCall !== false && turn.isRightAnswer !== false,
        ),
      ),
    ),
  };
}

const toolGroup = (dialog: ScoredDialog) =>
  dialog.numTools <= 2 ? 'tools: 1-2' : dialog.numTools <= 4 ? 'tools: 3-4' : 'tools: 5-6';

export function summarize(dialogs: ScoredDialog[]): Summary {
  const groups = new Map<string, ScoredDialog[]>([['all', dialogs]]);
  const add = (name: string, dialog: ScoredDialog) => {
    groups.set(name, [...(groups.get(name) ?? []), dialog]);
  };
  for (const dialog of dialogs) add(`mode: ${dialog.mode}`, dialog);
  for (const dialog of dialogs) if (dialog.numTools > 0) add(toolGroup(dialog), dialog);
  for (const dialog of dialogs) add(dialog.kind, dialog);
  const speeds = dialogs.flatMap((dialog) => dialog.speeds).toSorted((a, b) => a - b);
  return {
    rows: [...groups].map(([name, group]) => row(name, group)).toSorted(byGroup),
    meanCompletionTokens:
      dialogs.reduce((sum, dialog) => sum + dialog.completionTokens, 0) /
      Math.max(1, dialogs.length),
    medianTokensPerSecond: speeds[Math.floor(speeds.length / 2)] ?? 0,
  };
}

/** All, then modes, then numbers of tools, then kinds. */
function byGroup(a: SummaryRow, b: SummaryRow): number {
  const rank = ({ name }: SummaryRow) =>
    name === 'all' ? 0 : name.startsWith('mode') ? 1 : name.startsWith('tools') ? 2 : 3;
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}

const percent = ({ right, of }: Rate) =>
  of === 0 ? '' : `${((100 * right) / of).toFixed(1)} % (${right}/${of})`;

export function toMarkdown(summary: Summary, { seed }: { seed: string }): string {
  const lines = summary.rows.map((entry) =>
    [
      entry.name,
      entry.dialogs,
      percent(entry.wellFormed),
      percent(entry.rightTool),
      percent(entry.rightCall),
      percent(entry.rightAnswer),
      percent(entry.wholeDialog),
    ].join(' | '),
  );
  return [
    '| group | dialogs | well-formed turns | right tool | right tool and arguments | right final answer | whole dialog |',
    '|---|---|---|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
    '',
    `Greedy, seed ${seed}, ${summary.meanCompletionTokens.toFixed(0)} completion tokens per dialog, median ${summary.medianTokensPerSecond.toFixed(0)} decoded tokens/s.`,
  ].join('\n');
}
