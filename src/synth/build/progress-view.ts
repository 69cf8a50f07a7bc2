// How far a build is, for people: on a terminal one block that is written over, otherwise a line every
// few seconds. Knows nothing of how a build works, and no clock of its own.

import type { BuildProgress } from './progress.js';
import { overall } from './tally.js';

interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const REDRAW_MS = 200;
const LINE_MS = 5000;
const DEFAULT_WIDTH = 80;
const BAR_WIDTH = 30;
const FAMILY_WIDTH = 12;
const GATE_WIDTH = 7;

export class ProgressView {
  readonly #began: number;
  #phase: BuildProgress['phase'] | undefined;
  #shown = -Infinity;
  /** Lines of the block on the terminal. */
  #height = 0;
  #last: BuildProgress | undefined;

  /** @param now milliseconds of any steady clock */
  constructor(
    readonly output: Output,
    readonly now: () => number,
  ) {
    this.#began = now();
  }

  update(progress: BuildProgress): void {
    this.#last = progress;
    const every = this.output.isTTY === true ? REDRAW_MS : LINE_MS;
    const isNew = progress.phase !== this.#phase;
    if (!isNew && this.now() - this.#shown < every) return;
    this.#draw(progress);
  }

  /** Shows the last state, whenever it was, and all of it. */
  finish(): void {
    if (!this.#last) return;
    this.#draw(this.#last);
    const lines = this.output.isTTY === true ? [] : table(this.#last);
    this.output.write(lines.map((line) => `${line}\n`).join(''));
  }

  #draw(progress: BuildProgress): void {
    this.#phase = progress.phase;
    this.#shown = this.now();
    const seconds = (this.#shown - this.#began) / 1000;
    if (this.output.isTTY !== true) {
      this.output.write(`${headline(progress, seconds).join(' · ')}\n`);
      return;
    }
    const lines = [bar(progress), ...headline(progress, seconds), ...table(progress)];
    const back = this.#height > 0 ? `\x1b[${this.#height}A` : '';
    // A line that the terminal breaks would count as one and be two: it is cut off instead.
    const width = this.output.columns ?? DEFAULT_WIDTH;
    const cut = lines.map((line) => `\r\x1b[K${line.slice(0, width - 1)}\n`);
    this.output.write(`${back}${cut.join('')}`);
    this.#height = Math.max(this.#height, lines.length);
  }
}

/** How much is done, from 0 to 1. */
function shareOf({
  phase,
  environmentsDone,
  environmentsWanted,
  tasksWanted,
  tally,
}: BuildProgress) {
  const [done, wanted] =
    phase === 'environments'
      ? [environmentsDone, environmentsWanted]
      : [overall(tally).accepted, tasksWanted];
  return Math.min(1, done / Math.max(1, wanted));
}

function bar(progress: BuildProgress): string {
  const full = Math.round(shareOf(progress) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(shareOf(progress) * 100)}%`;
}

/** Parts that fit a terminal one by one. */
function headline(progress: BuildProgress, seconds: number): string[] {
  const { phase, environmentsDone, environmentsWanted, unsound, alike, tasksWanted } = progress;
  if (phase === 'environments') {
    const refused = `${alike} too alike, ${unsound} unsound`;
    return [`environments ${environmentsDone}/${environmentsWanted} (${refused})`];
  }
  const { accepted, rejected, dropped } = overall(progress.tally);
  const refused = Object.entries(rejected).map(([gate, count]) => `${gate} ${count}`);
  const rate = (accepted - progress.tasksResumed) / Math.max(seconds, 0.001);
  const left = rate > 0 ? duration((tasksWanted - accepted) / rate) : '?';
  return [
    `tasks ${accepted}/${tasksWanted} · environments ${environmentsDone}/${environmentsWanted}`,
    `rejected ${refused.join(' ') || '0'} · in vain ${dropped}`,
    `${rate.toFixed(1)}/s · ${left} left`,
  ];
}

/** Accepted and refused by family and gate. */
function table({ tally }: BuildProgress): string[] {
  const families = Object.entries(tally);
  if (families.length === 0) return [];
  const gates = Object.keys(overall(tally).rejected);
  const row = (
    name: string,
    accepted: string,
    counts: readonly string[],
    dropped: string,
  ): string =>
    [
      `  ${name.padEnd(FAMILY_WIDTH)}`,
      accepted.padStart(9),
      ...counts.map((count) => count.padStart(GATE_WIDTH)),
      dropped.padStart(9),
    ].join('');
  const rows = families.map(([family, { accepted, rejected, dropped }]) => {
    const counts = gates.map((gate) => String(rejected[gate] ?? '·'));
    return row(family, String(accepted), counts, String(dropped));
  });
  return [row('family', 'accepted', gates, 'in vain'), ...rows];
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
