// Writes a corpus in a consumer's format, task by task, and reads every row back: what comes back must
// be the task that went out. Files appear whole or not at all.

import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { packageFile } from '../../package-root.js';
import { contentHash } from '../canonical.js';
import type { CorpusStore } from '../corpus.js';
import { CorpusWriter } from '../corpus-writer.js';
import { Environments } from '../serve/environments.js';
import { openAITools, promptOf, systemPrompt } from '../task-prompt.js';
import type { PublicTask } from '../task-types.js';
import type { Json } from '../world-types.js';
import { PACKAGE_TASKS, packageFiles, packageName, packageRow } from './env-package.js';
import {
  ImportError,
  type ExportItem,
  type ImportedTask,
  type RowFormat,
} from './export-format.js';
import { fromHarborFolder, HARBOR_SHARD, harborFolder, isHarborTask } from './harbor.js';
import { nemoGymRows } from './nemo-gym.js';
import { openAIRows } from './openai.js';
import { PART_SIZE, readPart, writePart } from './parquet.js';
import { verifiersRows } from './verifiers.js';
import { verifiersTraces } from './verifiers-trace.js';

/** Formats of one JSON row a line. */
export const ROW_FORMATS = {
  verifiers: verifiersRows,
  'verifiers-trace': verifiersTraces,
  'nemo-gym': nemoGymRows,
  openai: openAIRows,
} satisfies Record<string, RowFormat>;

export const EXPORT_FORMATS = [
  ...(Object.keys(ROW_FORMATS) as (keyof typeof ROW_FORMATS)[]),
  'parquet',
  'harbor',
  'env-package',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly store: CorpusStore;
  readonly format: ExportFormat;
  /** A file for row formats, a folder for the others. */
  readonly out: string;
  readonly verifierUrl?: string;
  readonly isWanted?: (task: PublicTask) => boolean;
  readonly onProgress?: (done: number) => void;
}

export interface ExportReport {
  readonly tasks: number;
  /** Tasks that the format is not for. */
  readonly skipped: number;
}

const DEFAULT_VERIFIER_URL = 'http://127.0.0.1:8700';

/** @throws ImportError if a row does not read back; SolutionError; CorpusError; Error of node:fs */
export async function exportCorpus(options: ExportOptions): Promise<ExportReport> {
  const { format, out, verifierUrl = DEFAULT_VERIFIER_URL } = options;
  const items = itemsOf(options);
  if (format === 'env-package') return exportPackage(items, out, verifierUrl);
  if (format === 'parquet') return exportParquet(items, out);
  if (format === 'harbor') return exportHarbor(items, out);
  return exportRows(items, out, ROW_FORMATS[format]);
}

/** @throws ImportError naming the task, if `imported` is not what `item` says */
export function checkImported({ task, environment }: ExportItem, imported: ImportedTask): void {
  const { env } = environment;
  const isSame = (a: unknown, b: unknown): boolean =>
    contentHash(a as Json) === contentHash(b as Json);
  const { key = task.key, hash = task.hash, prompt, tools } = imported;
  if (key !== task.key || hash !== task.hash) {
    throw new ImportError(`${task.key} was read back as ${key}`);
  }
  if (!isSame(prompt, promptOf(env, task))) {
    throw new ImportError(`${task.key}: the prompt was not read back as it was`);
  }
  if (tools && !isSame(tools, openAITools(env, task.language))) {
    throw new ImportError(`${task.key}: the tools were not read back as they were`);
  }
}

function* itemsOf(options: ExportOptions): Generator<ExportItem> {
  const { store, verifierUrl = DEFAULT_VERIFIER_URL, isWanted = () => true, onProgress } = options;
  const environments = new Environments(store);
  let index = 0;
  for (const key of store.taskKeys()) {
    const task = store.task(key)!;
    if (!isWanted(task)) continue;
    const environment = environments.get(task.envId).loaded;
    yield { environment, task, secret: () => store.privateTask(key)!, index, verifierUrl };
    index++;
    onProgress?.(index);
  }
}

function exportRows(items: Iterable<ExportItem>, out: string, format: RowFormat): ExportReport {
  mkdirSync(dirname(out), { recursive: true });
  const unfinished = `${out}.${process.pid}.tmp`;
  const descriptor = openSync(unfinished, 'w');
  let tasks = 0;
  try {
    for (const item of items) {
      const line = JSON.stringify(format.toRow(item));
      checkImported(item, format.fromRow(JSON.parse(line)));
      writeSync(descriptor, `${line}\n`);
      tasks++;
    }
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, out);
  return { tasks, skipped: 0 };
}

/** The folder is the package, and gives it its name. */
function exportPackage(
  items: Iterable<ExportItem>,
  out: string,
  verifierUrl: string,
): ExportReport {
  const name = packageName(basename(resolve(out)));
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  for (const [path, text] of packageFiles(name, { version, verifierUrl })) {
    const target = join(out, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  const format = { ...verifiersRows, toRow: packageRow };
  return exportRows(items, join(out, name, PACKAGE_TASKS), format);
}

async function exportParquet(items: Iterable<ExportItem>, out: string): Promise<ExportReport> {
  mkdirSync(out, { recursive: true });
  let tasks = 0;
  let part: ExportItem[] = [];
  const finishPart = async (): Promise<void> => {
    const path = writePart(out, Math.floor(tasks / PART_SIZE), part);
    const imported = await readPart(path);
    if (imported.length !== part.length) {
      throw new ImportError(`${path} has ${imported.length} rows; ${part.length} were written`);
    }
    for (const [i, item] of part.entries()) checkImported(item, imported[i]!);
    tasks += part.length;
    part = [];
  };
  for (const item of items) {
    part.push(item);
    if (part.length === PART_SIZE) await finishPart();
  }
  if (part.length > 0 || tasks === 0) await finishPart();
  return { tasks, skipped: 0 };
}

function exportHarbor(items: Iterable<ExportItem>, out: string): ExportReport {
  let tasks = 0;
  let skipped = 0;
  for (const item of items) {
    if (!isHarborTask(item)) {
      skipped++;
      continue;
    }
    const { name, files, corpus } = harborFolder(item);
    checkHarbor(item, fromHarborFolder(files));
    const folder = join(out, name);
    for (const [path, text] of files) {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
    }
    if (corpus) {
      const writer = new CorpusWriter(join(folder, 'tests', 'corpus'));
      writer.writeEnvironment(item.environment.env);
      writer.writeTasks(HARBOR_SHARD, [corpus]);
      writer.finish();
    }
    tasks++;
  }
  return { tasks, skipped };
}

/** An instruction asks for a file, so its system part is the environment's, without a way to submit. */
function checkHarbor({ task, environment: { env } }: ExportItem, imported: ImportedTask): void {
  const [system, user] = imported.prompt;
  const isSame =
    imported.key === task.key &&
    imported.hash === task.hash &&
    system?.content === systemPrompt(env) &&
    user?.content === task.request;
  if (!isSame) throw new ImportError(`${task.key}: the folder was not read back as it was`);
}
