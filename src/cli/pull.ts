// `hadal pull`: a model from Hugging Face, ModelScope or a URL into the models folder. Thin over
// pull/pull-model.ts: options in, progress on stderr, the path on stdout, exit code out.

import { join } from 'node:path';
import { type Command, Option } from 'commander';

import { ARCHITECTURES } from '../model/config.js';
import { readModelInfo } from '../model/model-info.js';
import { hubSettings } from '../pull/endpoints.js';
import { PullError } from '../pull/pull-error.js';
import { nextStep, pullModel, type PullProgress } from '../pull/pull-model.js';
import { defaultDataDir } from '../store/data-dir.js';
import { LiveLine } from './live-line.js';
import { shownBytes } from './options.js';
import { STOP_SIGNALS } from './signals.js';

interface PullOptions {
  dataDir?: string;
  to?: string;
  hfEndpoint?: string;
  msEndpoint?: string;
  quiet: boolean;
}

export function registerPull(program: Command): void {
  program
    .command('pull')
    .description('download a model: from Hugging Face, ModelScope or a URL')
    .argument(
      '<source>',
      'hf:owner/repo[/file], ms:owner/repo[/file], or an https URL of a .gguf file',
    )
    .addOption(
      new Option(
        '--data-dir <path>',
        'data folder, whose `models` it goes into (default: ~/.hadal)',
      ).env('HADAL_HOME'),
    )
    .option('--to <folder>', 'another folder to put it into')
    .addOption(
      new Option(
        '--hf-endpoint <url>',
        'mirror of Hugging Face (default: https://huggingface.co)',
      ).env('HF_ENDPOINT'),
    )
    .addOption(
      new Option(
        '--ms-endpoint <url>',
        'mirror of ModelScope (default: https://modelscope.cn)',
      ).env('MODELSCOPE_ENDPOINT'),
    )
    .option('-q, --quiet', 'print nothing but the path and errors', false)
    .action(pull);
}

async function pull(source: string, options: PullOptions): Promise<void> {
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => abort.abort(new Error(`ended by ${signal}`));
  for (const signal of STOP_SIGNALS) process.once(signal, stop);
  const line = options.quiet ? undefined : new ProgressLine();
  try {
    const { hfEndpoint: hf, msEndpoint: ms } = options;
    const pulled = await pullModel({
      source,
      folder: options.to ?? join(options.dataDir || defaultDataDir(), 'models'),
      ...hubSettings({ ...(hf && { hf }), ...(ms && { ms }) }),
      architectures: ARCHITECTURES,
      problemOf,
      signal: abort.signal,
      onProgress: (progress) => line?.show(progress),
    });
    line?.end();
    process.stdout.write(`${pulled.path}\n`);
    if (!options.quiet) process.stderr.write(`next: ${nextStep(pulled)}\n`);
  } catch (error) {
    line?.end();
    const isCancelled = abort.signal.aborted;
    if (!(error instanceof PullError) && !isCancelled) throw error;
    const kept = isCancelled ? '; what was fetched stays, pull again to go on' : '';
    process.stderr.write(`hadal: ${(error as Error).message}${kept}\n`);
    process.exitCode = 1;
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
  }
}

function problemOf(path: string): string | undefined {
  try {
    readModelInfo(path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const SPEED_WINDOW_MS = 5000;

class ProgressLine {
  readonly #line = new LiveLine(process.stderr, () => performance.now());
  #last: PullProgress | undefined;
  #window = { at: performance.now(), bytes: 0 };
  #speed = '';

  show(progress: PullProgress): void {
    // What an earlier try had fetched was not fetched now.
    if ((this.#last?.receivedBytes ?? 0) === 0) this.#window.bytes = progress.receivedBytes;
    this.#last = progress;
    if (progress.step !== 'downloading') return;
    this.#measure(progress.receivedBytes);
    this.#line.update(() => this.#text(progress));
  }

  end(): void {
    const last = this.#last;
    if (last?.file !== undefined) this.#line.finish(() => this.#text(last));
  }

  #measure(bytes: number): void {
    const seconds = (performance.now() - this.#window.at) / 1000;
    if (seconds * 1000 < SPEED_WINDOW_MS) return;
    this.#speed = `, ${shownBytes(Math.max(0, bytes - this.#window.bytes) / seconds)}/s`;
    this.#window = { at: performance.now(), bytes };
  }

  #text({ file, receivedBytes, totalBytes }: PullProgress): string {
    const share =
      totalBytes === undefined || totalBytes === 0
        ? ''
        : ` of ${shownBytes(totalBytes)} (${Math.floor((100 * receivedBytes) / totalBytes)} %)`;
    return `${file ?? ''} ${shownBytes(receivedBytes)}${share}${this.#speed}`.trim();
  }
}
