// What a row format is: how a task becomes a row, and what can be read back from the row. Every export
// is read back as it is written, so a format that loses something is noticed at once.

import type { ChatMessage, OpenAITool } from '../task-prompt.js';
import type { PrivateTask, PublicTask } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';

export interface ExportItem {
  readonly environment: LoadedEnvironment;
  readonly task: PublicTask;
  /** Reads the private part: only formats that teach the solution do. */
  readonly secret: () => PrivateTask;
  /** Position in the export, from 0. */
  readonly index: number;
  /** Base URL of a studio that judges (`hadal synth serve`). */
  readonly verifierUrl: string;
}

/** What a row says of its task. */
export interface ImportedTask {
  /** Absent where the consumer's format has no room for it. */
  readonly key?: string;
  readonly hash?: string;
  readonly prompt: readonly ChatMessage[];
  readonly tools?: readonly OpenAITool[];
}

export interface RowFormat {
  /** A value for JSON. @throws SolutionError if a stored solution does not run */
  toRow(item: ExportItem): object;
  /** @throws ImportError for what is no row of this format */
  fromRow(row: unknown): ImportedTask;
}

/** The row is not of this format; `message` names the field. */
export class ImportError extends Error {
  override name = 'ImportError';
}

/** A field of a row that must be there. @throws ImportError */
export function field(row: unknown, name: string): unknown {
  if (typeof row === 'object' && row !== null && Object.hasOwn(row, name)) {
    return (row as Readonly<Record<string, unknown>>)[name];
  }
  throw new ImportError(`the row has no ${name}`);
}

/** @throws ImportError */
export function textField(row: unknown, name: string): string {
  const value = field(row, name);
  if (typeof value === 'string') return value;
  throw new ImportError(`${name} is no text`);
}

/** @throws ImportError */
export function listField(row: unknown, name: string): readonly unknown[] {
  const value = field(row, name);
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new ImportError(`${name} is no list`);
}
