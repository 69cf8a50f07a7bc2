// What the bench prints: one object, flat in its ratios, with the details behind each; or the same as
// a table.

import { cpus } from 'node:os';

import { KEYS, type Figures } from './figures.js';
import type { LoopReport } from './loop-figure.js';
import type { ModelFigures } from './model-figures.js';
import type { Profile } from './profile.js';
import type { Clock } from './worker.js';

/** All that was measured of one model. */
export interface Measured {
  name: string;
  figures: Figures;
  /** Of decode and prefill, when they were asked for. */
  contexts?: ModelFigures;
}

export interface RunInfo {
  clock: Clock;
  threads: number;
  isQuick: boolean;
  seconds: number;
  /** What bench/event-loop.ts printed. */
  loop: LoopReport | undefined;
}

/** The first model is the one the targets are about; others come under their own names. */
export function toJson(models: readonly Measured[], info: RunInfo): object {
  const [main, ...others] = models.map((measured) => [measured.name, jsonOf(measured)] as const);
  return {
    machine: `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores`,
    threads: info.threads,
    clock: info.clock,
    node: process.version,
    quick: info.isQuick,
    seconds: Math.round(info.seconds),
    model: main?.[0],
    ...main?.[1],
    ...draftsOf(models),
    ...(info.loop && { event_loop_p99_ms: info.loop['event_loop_p99_ms'], event_loop: info.loop }),
    ...Object.fromEntries(others),
  };
}

/** The figure of drafts is that of the one model that has a block for them. */
function draftsOf(models: readonly Measured[]): object {
  const figure = models.find(({ figures }) => figures.mtp_speedup)?.figures.mtp_speedup;
  return figure === undefined ? {} : { mtp_speedup: figure.ratio };
}

function jsonOf({ figures, contexts }: Measured): object {
  const ratios = KEYS.filter((key) => figures[key] !== undefined).map((key) => {
    const { ratio } = figures[key]!;
    return [key, ratio === null ? null : rounded(ratio)];
  });
  return {
    ...Object.fromEntries(ratios),
    ...(contexts?.long?.growth && { growth_4k_to_64k: contexts.long.growth }),
    ...(contexts?.about && { engines: contexts.about, idle_load: contexts.idleLoad }),
    ...(contexts?.long && { filled_over_computed: contexts.long.filledOverComputed }),
    details: figures,
  };
}

export function toTable(models: readonly Measured[], info: RunInfo): string {
  const lines = [
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${info.threads} thread(s), ${info.clock} time`,
  ];
  for (const { name, figures, contexts } of models) {
    if (contexts?.about) {
      const { ours, theirs } = contexts.about;
      lines.push('', `${name}: ours is ${ours.name}, ${ours.kernels ?? ''}; theirs ${theirs.name}`);
    } else lines.push('', name);
    lines.push(row('figure', 'ours', 'theirs', 'ratio', ''));
    for (const key of KEYS) {
      const figure = figures[key];
      if (figure === undefined) continue;
      if (figure.ratio === null) lines.push(row(key, '-', '-', '-', figure.how));
      else {
        const { ours, theirs, ratio, unit } = figure;
        lines.push(row(key, shown(ours), shown(theirs), ratio.toFixed(3), unit));
      }
    }
    const growth = contexts?.long?.growth;
    if (growth) {
      lines.push(
        row('growth_4k_to_64k', growth.ours.toFixed(2), growth.theirs.toFixed(2), '', 'x'),
      );
    }
  }
  const p99 = info.loop?.['event_loop_p99_ms'];
  if (typeof p99 === 'number') lines.push('', row('event_loop_p99_ms', shown(p99), '', '', 'ms'));
  return lines.join('\n');
}

function row(key: string, ours: string, theirs: string, ratio: string, note: string): string {
  return `${key.padEnd(26)}${ours.padStart(10)}${theirs.padStart(10)}${ratio.padStart(9)}  ${note}`;
}

function shown(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function profileTable(profiles: readonly Profile[]): string {
  return profiles
    .map(({ name, totalMs, parts, restMs }) => {
      const rows = [...Object.entries(parts), ['rest', restMs] as const].map(([kind, ms]) => {
        const share = `${((ms / totalMs) * 100).toFixed(1)} %`;
        return `  ${kind.padEnd(30)}${ms.toFixed(3).padStart(10)} ms${share.padStart(9)}`;
      });
      return [`${name}: ${totalMs.toFixed(2)} ms`, ...rows].join('\n');
    })
    .join('\n\n');
}
