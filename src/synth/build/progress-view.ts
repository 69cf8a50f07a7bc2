// How far a build is, for people: on a terminal one block that is written over, otherwise a line every
// few seconds. Knows nothing of how a build works, and no clock of its own.

import type { BuildProgress } from './progress.js';
import { overall } from './tally.js';

interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

const REDRAW_MS = 200;
const LINE_MS = 5000;
const BAR_WIDTH = 30;

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

  /** Shows the last state, whenever it was. */
  finish(): void {
    if (this.#last) this.#draw(this.#last);
  }

  #draw(progress: BuildProgress): void {
    this.#phase = progress.phase;
    this.#shown = this.now();
    const seconds = (this.#shown - this.#began) / 1000;
    if (this.output.isTTY !== true) {
      this.output.write(`${headline(progress, seconds)}\n`);
      return;
    }
    const lines = [bar(progress), headline(progress, seconds), ...table(progress)];
    const back = this.#height > 0 ? `\x1b[${this.#height}A` : '';
    this.output.write(`${back}${lines.map((line) => `\r\x1b[K${line}\n`).join('')}`);
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

function headline(progress: BuildProgress, seconds: number): string {
  const { phase, environmentsDone, environmentsWanted, unsound, alike, tasksWanted } = progress;
  if (phase === 'environments') {
    const refused = `${alike} too alike, ${unsound} unsound`;
    return `environments ${environmentsDone}/${environmentsWanted} (${refused})`;
  }
  const { accepted, rejected, dropped } = overall(progress.tally);
  const refused = Object.entries(rejected).map(([gate, count]) => `${gate} ${count}`);
  const rate = (accepted - progress.tasksResumed) / Math.max(seconds, 0.001);
  const left = rate > 0 ? duration((tasksWanted - accepted) / rate) : '?';
  return [
    `tasks ${accepted}/${tasksWanted}`,
    `environments ${environmentsDone}/${environmentsWanted}`,
    `rejected ${refused.join(' ') || '0'}`,
    `dropped ${dropped}`,
    `${rate.toFixed(1)}/s`,
    `${left} left`,
  ].join(' · ');
}

function table({ tally }: BuildProgress): string[] {
  return Object.entries(tally).map(([family, { accepted, rejected }]) => {
    const refused = Object.entries(rejected).map(([gate, count]) => `${gate} ${count}`);
    return `  ${family.padEnd(14)} ${String(accepted).padStart(7)}  ${refused.join('  ')}`;
  });
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
