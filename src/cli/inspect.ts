// `hadal inspect`: what sparse attention looked at while a reply was made. Renders a prompt as the
// server does, generates greedily while tracing (model/selection-trace.ts), and shows the selection as
// text, JSON, a page or a picture. The model runs in this process; no engine, no server.

import { statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { loadTokenizerFor, requireEmbeddedModel } from '../model-location.js';
import { loadModel } from '../model/load-model.js';
import { traceSelection, type SelectionTrace } from '../model/selection-trace.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { openDevice } from '../tensor/open-device.js';
import { readPrompt, type PromptSource, type PromptTokens } from './inspect-prompt.js';
import { selectionPage } from './inspect-page.js';
import type { PageLanguage } from './inspect-page-words.js';
import { drawSelection } from './inspect-picture.js';
import { selectionReport, type SelectionReport } from './inspect-report.js';
import { describeSelection } from './inspect-text.js';
import { wholeNumber } from './options.js';

interface InspectOptions extends PromptSource {
  model?: string;
  tokenizer?: string;
  tokens: number;
  layers?: number[];
  topk?: number;
  promptTokens?: boolean;
  maxPrompt?: number;
  json?: boolean;
  cells?: boolean;
  out?: string;
  lang?: PageLanguage;
  threads?: number;
  device: 'auto' | 'ggml' | 'reference';
}

export function registerInspect(program: Command): void {
  program
    .command('inspect')
    .description('show what sparse attention kept: per layer and token, against dense attention')
    .option('--model <path>', 'GGUF file (default: the embedded model)')
    .option(
      '--tokenizer <path>',
      'tokenizer.json, v3 or v3.2 (default: beside or inside the model)',
    )
    .option('--prompt <text>', 'one user message (default: an example with tools)')
    .option('--file <path>', 'conversation: a JSON array of messages')
    .option('--request <path>', 'request body as for POST /chat/completions')
    .option('--ids <path>', 'token ids: JSON with `prompt`, and `reply` where one was given')
    .option('--think', 'thinking on (default: as the request says)')
    .option('--tokens <number>', 'tokens to generate', wholeNumber(1, 1_000_000), 64)
    .option('--prompt-tokens', "trace the prompt's own tokens too")
    .option(
      '--max-prompt <number>',
      'look at so many of the last tokens of a longer prompt (default: all)',
      wholeNumber(1, 1 << 24),
    )
    .option('--layers <list>', 'layers to look at, such as 0-2,4 (default: all)', layerList)
    .option(
      '--topk <number>',
      "what if this many positions were kept (default: the model's own number)",
      wholeNumber(1, 1 << 24),
    )
    .option('--json', 'print the report as JSON')
    .option('--cells', 'the report holds the heat map too')
    .option('--out <file>', 'write the report: .html, .png or .json', outFile)
    .addOption(
      new Option('--lang <language>', 'of the page (default: as the browser)').choices([
        'en',
        'zh',
      ]),
    )
    .option('--threads <number>', 'compute threads (default: by model size)', wholeNumber(1, 512))
    .addOption(
      new Option('--device <name>', 'what computes')
        .choices(['auto', 'ggml', 'reference'])
        .default('auto'),
    )
    .action(inspect);
}

async function inspect(options: InspectOptions): Promise<void> {
  const modelPath = options.model ?? requireEmbeddedModel().modelPath;
  const tokenizer = loadTokenizerFor(modelPath, options.tokenizer);
  const prompt = readPrompt(options, tokenizer);
  const { trace, report } = await traced(modelPath, tokenizer, prompt, options);
  if (options.out !== undefined) {
    writeFileSync(options.out, reportFile(options.out, report, trace, options.lang ?? null));
    process.stderr.write(`wrote ${options.out}\n`);
  }
  const text = options.json === true ? JSON.stringify(report) : describeSelection(report);
  process.stdout.write(`${text}\n`);
}

/** Loads the model for one trace. */
async function traced(
  modelPath: string,
  tokenizer: Tokenizer,
  { prompt: whole, reply }: PromptTokens,
  options: InspectOptions,
): Promise<{ trace: SelectionTrace; report: SelectionReport }> {
  const { layers, topk, threads, maxPrompt = whole.length } = options;
  const prompt = whole.slice(-maxPrompt);
  const device = openDevice({
    prefer: options.device,
    ...numThreads(modelPath, threads),
    onWarning: (warning) => process.stderr.write(`hadal: ${warning}\n`),
    onBuild: (message) => process.stderr.write(`hadal: ${message}\n`),
  });
  try {
    // Rows that fused kernels keep for themselves could not be looked at.
    const model = loadModel(modelPath, { device, rowTables: 'off' });
    try {
      const { contextLength } = model.config;
      const trace = await traceSelection(model, {
        prompt,
        numGenerated: Math.max(1, Math.min(options.tokens, contextLength - prompt.length + 1)),
        stopTokens: [tokenizer.eosId],
        ...(reply && { reply }),
        tracesPrompt: options.promptTokens === true,
        maxListedQueries: MAX_LISTED,
        ...(layers !== undefined && { layers }),
        ...(topk !== undefined && { topk }),
        onQuery: progress(),
      });
      const report = selectionReport(trace, model.config, tokenizer, {
        name: modelName(modelPath),
        cutTokens: whole.length - prompt.length,
        isReplyGiven: reply !== undefined,
        withCells: options.cells === true,
      });
      return { trace, report };
    } finally {
      model.dispose();
    }
  } finally {
    device.dispose();
  }
}

function reportFile(
  path: string,
  report: SelectionReport,
  { cells }: SelectionTrace,
  language: PageLanguage | null,
): string | Buffer {
  if (path.endsWith('.html')) return selectionPage(report, cells, language);
  if (path.endsWith('.png')) return drawSelection(report, cells);
  return `${JSON.stringify(report)}\n`;
}

/** Counts on a terminal, where somebody waits. */
function progress(): () => void {
  let count = 0;
  return () => {
    if (process.stderr.isTTY) process.stderr.write(`\r${++count} tokens traced\r`);
  };
}

/** Tokens whose lists a report has; totals cover all. */
const MAX_LISTED = 1024;

const SMALL_MODEL_BYTES = 64 * 1024 * 1024;

/** As the server: small models lose more by waiting for a second thread than they gain. */
function numThreads(modelPath: string, threads: number | undefined): { numThreads?: number } {
  if (threads !== undefined) return { numThreads: threads };
  return statSync(modelPath).size < SMALL_MODEL_BYTES ? { numThreads: 1 } : {};
}

/** `models/hadal-mini/model.gguf` is named by its folder, other files by themselves. */
function modelName(path: string): string {
  const name = basename(path).replace(/\.gguf$/i, '');
  return name === 'model' ? basename(dirname(path)) : name;
}

function outFile(path: string): string {
  if (['.html', '.png', '.json'].includes(extname(path))) return path;
  throw new InvalidArgumentError('must end in .html, .png or .json');
}

const MAX_LAYER = 1023;

function layerList(text: string): number[] {
  const layers = text.split(',').flatMap((part) => {
    const [, first, last] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (!(from <= to && to <= MAX_LAYER)) {
      throw new InvalidArgumentError('must be layers such as 3, 0-2 or 0-2,4');
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return [...new Set(layers)];
}
