// The studio's figures as a table for people and as JSON for programs.

import { cpus } from 'node:os';
import {
  standingOf,
  TARGETS,
  type FigureKey,
  type Figures,
  type Measured,
  type NotMeasured,
} from './figures.js';

export interface RunInfo {
  readonly corpus: string;
  readonly seconds: number;
  readonly isQuick: boolean;
}

const KEYS = Object.keys(TARGETS) as FigureKey[];

export function toJson(figures: Figures, info: RunInfo): object {
  const rows = KEYS.flatMap((key) => {
    const figure = figures[key];
    if (!figure) return [];
    const { reach, aim, unit } = TARGETS[key];
    const standing = standingOf(key, figure);
    return [[key, { ...figure, unit, reach, aim, standing }] as const];
  });
  return { machine: machine(), node: process.version, ...info, figures: Object.fromEntries(rows) };
}

export function toTable(figures: Figures, info: RunInfo): string {
  const rows = KEYS.flatMap((key) => {
    const figure = figures[key];
    return figure ? [row(key, figure)] : [];
  });
  return [
    `${machine()}, Node ${process.version}, ${info.corpus}`,
    '',
    line('', 'measured', 'baseline', 'reach', 'aim', ''),
    ...rows,
    '',
    '~ reckoned from a sample, not measured on the whole',
  ].join('\n');
}

function row(key: FigureKey, figure: Measured | NotMeasured): string {
  const { title, unit, reach, aim } = TARGETS[key];
  if (figure.value === null) return line(title, '-', '', '', '', figure.how);
  const { value, baseline, details = {}, isExtrapolated } = figure;
  const more = Object.entries(details).map(([name, one]) => `${name} ${one}`);
  return line(
    title,
    `${isExtrapolated ? '~' : ''}${value} ${unit}`.trim(),
    baseline === undefined ? '' : String(baseline),
    String(reach),
    String(aim),
    [standingOf(key, figure), ...more].join(', '),
  );
}

function line(
  title: string,
  measured: string,
  baseline: string,
  reach: string,
  aim: string,
  note: string,
): string {
  const cells = [measured.padStart(12), baseline.padStart(10), reach.padStart(9), aim.padStart(9)];
  return `${title.padEnd(28)}${cells.join('')}  ${note}`.trimEnd();
}

function machine(): string {
  const all = cpus();
  return `${all[0]?.model ?? 'unknown CPU'}, ${all.length} cores`;
}
