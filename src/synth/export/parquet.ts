// Tasks as Parquet, in parts of bounded size: a part's columns are in memory while it is written.
// Nested values are JSON columns. Public parts only.

import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { parquetWriteFile } from 'hyparquet-writer';
import { openAITools, promptOf, type ChatMessage, type OpenAITool } from '../task-prompt.js';
import { ImportError, textField, type ExportItem, type ImportedTask } from './export-format.js';

/** Tasks per part. */
export const PART_SIZE = 1000;

export function partName(part: number): string {
  return `part-${String(part).padStart(5, '0')}.parquet`;
}

/** @returns the path */
export function writePart(folder: string, part: number, items: readonly ExportItem[]): string {
  const column = <T>(of: (item: ExportItem) => T): T[] => items.map(of);
  const text = (name: string, of: (item: ExportItem) => string) => ({
    name,
    type: 'STRING' as const,
    nullable: false,
    data: column(of),
  });
  const whole = (name: string, of: (item: ExportItem) => number) => ({
    name,
    type: 'INT32' as const,
    nullable: false,
    data: column(of),
  });
  const filename = join(folder, partName(part));
  parquetWriteFile({
    filename,
    columnData: [
      text('task_key', ({ task }) => task.key),
      text('task_id', ({ task }) => task.taskId),
      text('task_hash', ({ task }) => task.hash),
      text('env_id', ({ task }) => task.envId),
      text('family', ({ task }) => task.family),
      text('language', ({ task }) => task.language),
      text('split', ({ task }) => task.split),
      whole('level', ({ task }) => task.difficulty.level),
      whole('min_calls', ({ task }) => task.difficulty.minCalls),
      text('prompt', ({ environment, task }) => JSON.stringify(promptOf(environment.env, task))),
      text('tools', ({ environment, task }) =>
        JSON.stringify(openAITools(environment.env, task.language)),
      ),
      text('verifier_url', ({ verifierUrl }) => verifierUrl),
    ],
  });
  return filename;
}

/** @throws ImportError for a file that is no part */
export async function readPart(path: string): Promise<ImportedTask[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  return rows.map((row) => ({
    key: textField(row, 'task_key'),
    hash: textField(row, 'task_hash'),
    prompt: parse(textField(row, 'prompt')) as ChatMessage[],
    tools: parse(textField(row, 'tools')) as OpenAITool[],
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImportError('a column is no JSON', { cause });
  }
}
