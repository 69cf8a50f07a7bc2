// A model from its source into a folder: lists, chooses, downloads, and says what to do next. The
// folder is the models folder of the server; what a file is good for is asked of whoever knows models.

import { join, relative } from 'node:path';
import { chooseFiles, type ChosenFiles } from './choose-files.js';
import { download, type DownloadEnvironment } from './download.js';
import { checkGgufHead } from './gguf-head.js';
import { listHubFiles, refusal } from './hub-files.js';
import { PullError } from './pull-error.js';
import { parseSource, type HubEndpoints, type PullSource } from './pull-source.js';

export interface PullOptions {
  source: string;
  /** The models folder; made when it is not there. */
  folder: string;
  endpoints: HubEndpoints;
  /** For Hugging Face. */
  token: string | undefined;
  /** GGUF architectures that run here. */
  architectures: readonly string[];
  /** Why a downloaded model file cannot be loaded; undefined = nothing known against it. */
  problemOf: (path: string) => string | undefined;
  signal: AbortSignal;
  onProgress?: (progress: PullProgress) => void;
  /** Of the disk and of time; default: the system's. */
  environment?: Pick<DownloadEnvironment, 'freeBytes' | 'sleep'>;
}

export interface PullProgress {
  step: 'listing' | 'downloading' | 'checking';
  /** Name in the models folder. */
  file?: string;
  /** Over all files. */
  receivedBytes: number;
  totalBytes: number | undefined;
}

export interface PulledModel {
  kind: ChosenFiles['kind'];
  /** The model file, or the folder of the checkpoint. */
  path: string;
  /** In the models folder, with `/`. */
  name: string;
}

interface WantedFile {
  url: URL;
  path: string;
  size: number | undefined;
  sha256: string | undefined;
  isModel: boolean;
}

/** @throws PullError; the signal's reason */
export async function pullModel(options: PullOptions): Promise<PulledModel> {
  const { folder, endpoints, signal, onProgress = () => {} } = options;
  const source = parseSource(options.source, endpoints);
  onProgress({ step: 'listing', receivedBytes: 0, totalBytes: undefined });
  const { kind, files } = await wantedFiles(source, options);
  const known = files.map(({ size }) => size);
  const totalBytes = known.includes(undefined)
    ? undefined
    : known.reduce<number>((sum, size) => sum + size!, 0);
  let before = 0;
  for (const file of files) {
    let ofThis = 0;
    await download(
      {
        ...file,
        token: source.kind === 'hub' && source.hub === 'hf' ? options.token : undefined,
        refusal: (answer) => fileRefusal(answer, source, options),
        ...(file.isModel && {
          checkHead: (head) => checkGgufHead(head, options.architectures, options.source.trim()),
        }),
      },
      {
        ...options.environment,
        signal,
        onProgress: (received, total) => {
          ofThis = received;
          onProgress({
            step: 'downloading',
            file: nameIn(folder, file.path),
            receivedBytes: before + received,
            totalBytes: totalBytes ?? total,
          });
        },
      },
    );
    before += ofThis;
  }
  const path = kind === 'gguf' ? files[0]!.path : folderOf(folder, source);
  onProgress({ step: 'checking', receivedBytes: before, totalBytes: before });
  if (kind === 'gguf') requireUsable(path, options);
  return { kind, path, name: nameIn(folder, path) };
}

async function wantedFiles(
  source: PullSource,
  options: PullOptions,
): Promise<{ kind: ChosenFiles['kind']; files: WantedFile[] }> {
  const home = folderOf(options.folder, source);
  if (source.kind === 'url') {
    const path = join(home, source.file);
    const file = { url: source.url, path, size: undefined, sha256: undefined, isModel: true };
    return { kind: 'gguf', files: [file] };
  }
  const listed = await listHubFiles(source, options);
  const { kind, files } = chooseFiles(source, listed);
  return {
    kind,
    files: files.map(({ path, ...file }) => ({
      ...file,
      // One folder for a model and its tokenizer, whatever folders the repository has.
      path: join(home, path.replaceAll('/', '--')),
      isModel: path.toLowerCase().endsWith('.gguf'),
    })),
  };
}

/** A folder per repository: names repeat between them, and a tokenizer.json belongs to what is beside it. */
function folderOf(folder: string, source: PullSource): string {
  return source.kind === 'hub'
    ? join(folder, `${source.owner}--${source.repo}`)
    : join(folder, source.file.replace(/\.gguf$/i, ''));
}

function fileRefusal(
  answer: Parameters<typeof refusal>[0],
  source: PullSource,
  { endpoints, token }: PullOptions,
): Promise<PullError> {
  if (source.kind === 'hub') {
    return refusal(answer, source, { base: new URL(endpoints[source.hub]), token });
  }
  answer.body.on('error', () => {}).resume();
  const { origin, pathname } = source.url;
  const problem = answer.status === 404 ? 'not-found' : 'network';
  const message = `${origin} answered ${answer.status} for ${pathname}`;
  return Promise.resolve(new PullError(problem, message));
}

/** It stays: it is whole, and another version may run it. @throws PullError `corrupt` */
function requireUsable(path: string, { problemOf }: PullOptions): void {
  const problem = problemOf(path);
  if (problem === undefined) return;
  throw new PullError('corrupt', `it is downloaded, but cannot be loaded: ${problem}`);
}

function nameIn(folder: string, path: string): string {
  return relative(folder, path).replaceAll('\\', '/');
}

/** What to do with it. */
export function nextStep({ kind, path }: PulledModel): string {
  return kind === 'gguf'
    ? `hadal serve --model ${path}`
    : `hadal convert ${path} ${join(path, 'model.gguf')} --type q8_0`;
}
