// `hadal convert`: a Hugging Face checkpoint folder to one GGUF file. Thin over model/convert.ts:
// options in, progress and notices on stderr, exit code out.

import { type Command, Option } from 'commander';

import { convertCheckpoint } from '../model/convert.js';
import { OUTPUT_TYPES, parseOutputType } from '../model/output-type.js';
import { exitWithModelError } from './model.js';
import { exitOnSignals } from './signals.js';

export function registerConvert(program: Command): void {
  program
    .command('convert')
    .description('convert a Hugging Face checkpoint (BF16 or FP8 safetensors) to GGUF')
    .argument('<hf-folder>', 'folder with config.json, tokenizer.json and safetensors')
    .argument('<out.gguf>', 'file to write; appears only when complete')
    .addOption(
      new Option('-t, --type <type>', 'storage type of the matrices')
        .choices(OUTPUT_TYPES)
        .default('f16'),
    )
    .option('-q, --quiet', 'print nothing but errors', false)
    .action(async (folder: string, outPath: string, options: { type: string; quiet: boolean }) => {
      const progress = options.quiet ? null : new ProgressLine();
      const release = exitOnSignals();
      try {
        const config = await convertCheckpoint({
          folder,
          outPath,
          type: parseOutputType(options.type),
          onProgress: ({ done, total, name }) => progress?.show(`[${done + 1}/${total}] ${name}`),
          onNotice: (text) => progress?.line(`note: ${text}`),
        });
        progress?.line(
          `${outPath}: ${config.architecture}, ${config.numLayers} layers, ${options.type}`,
        );
      } catch (error) {
        progress?.line('');
        exitWithModelError(error, outPath);
      } finally {
        release();
      }
    });
}

/** One changing line on a terminal; nothing per tensor elsewhere, so logs stay short. */
class ProgressLine {
  private isOpen = false;

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[2K${text.slice(0, Math.max(20, process.stderr.columns - 1))}`);
    this.isOpen = true;
  }

  /** Ends the changing line, then prints a whole one. */
  line(text: string): void {
    if (this.isOpen) process.stderr.write('\r\x1b[2K');
    this.isOpen = false;
    if (text !== '') process.stderr.write(`${text}\n`);
  }
}
