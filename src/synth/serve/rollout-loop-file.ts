// A file of rollouts, a row a line, that a run goes on with: rows that are whole and have a verdict stay,
// a last line that was cut off and rows with an error are done again. Rows are long: only their figures
// are kept in memory.

import { closeSync, existsSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { linesOf } from '../corpus-lines.js';
import { figuresOf, type RowFigures } from './rollout-loop-summary.js';
import type { RolloutRow } from './rollout-loop-row.js';

/** The file is there and was not to be gone on with. */
export class RolloutFileError extends Error {
  override name = 'RolloutFileError';
}

export class RolloutFile {
  readonly #descriptor: number;
  readonly #rows = new Map<string, RowFigures>();

  /** @throws RolloutFileError; Error of node:fs */
  constructor(
    readonly path: string,
    { resume = false } = {},
  ) {
    if (existsSync(path) && !resume) {
      throw new RolloutFileError(`${path} is there: go on with --resume, or choose another file`);
    }
    const unfinished = `${path}.${process.pid}.tmp`;
    this.#descriptor = openSync(unfinished, 'w');
    if (existsSync(path)) this.#takeOver();
    renameSync(unfinished, path);
  }

  get rows(): readonly RowFigures[] {
    return [...this.#rows.values()];
  }

  has(rolloutId: string): boolean {
    return this.#rows.has(rolloutId);
  }

  add(row: RolloutRow): void {
    this.#write(`${JSON.stringify(row)}\n`, row);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #takeOver(): void {
    const old = openSync(this.path, 'r');
    try {
      for (const { start, length } of linesOf(this.path)) {
        const bytes = Buffer.allocUnsafe(length);
        readSync(old, bytes, 0, length, start);
        const text = bytes.toString();
        const row = parsed(text);
        if (row && row.error === null && !this.has(row.id)) this.#write(`${text}\n`, row);
      }
    } finally {
      closeSync(old);
    }
  }

  #write(line: string, row: RolloutRow): void {
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
    this.#rows.set(row.id, figuresOf(row));
  }
}

/** undefined = cut off, or no row. */
function parsed(line: string): RolloutRow | undefined {
  try {
    const row = JSON.parse(line) as Partial<RolloutRow> | null;
    return typeof row?.id === 'string' && row.usage !== undefined ? (row as RolloutRow) : undefined;
  } catch {
    return undefined;
  }
}
