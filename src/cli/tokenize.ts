// `hadal tokenize --jsonl`: text to token ids, one JSON object per line. For debugging prompts and
// for tests against other implementations.

import type { Command } from 'commander';
import type { JsonObject } from '../encoding/json.js';
import { openTokenizer } from '../encoding/named-tokenizer.js';
import { TokenizerFileError } from '../encoding/tokenizer-file.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { answerStdio, optionalBoolean, requireString } from './json-lines.js';

export function registerTokenize(program: Command): void {
  program
    .command('tokenize')
    .description('turn text into token ids, one JSON object per line')
    .requiredOption('--jsonl', 'read JSON lines from standard input, write JSON lines')
    .option('--tokenizer <name>', 'v3, v3.2 or the path of a tokenizer.json', 'v3.2')
    .action(async ({ tokenizer: name }: { tokenizer: string }) => {
      try {
        const tokenizer = openTokenizer(name);
        await answerStdio((request) => answerTokenize(tokenizer, request));
      } catch (error) {
        if (!(error instanceof TokenizerFileError)) throw error;
        process.stderr.write(
          `hadal: ${error.message}; --tokenizer takes v3, v3.2 or the path of a tokenizer.json\n`,
        );
        process.exitCode = 1;
      }
    });
}

/** `text` -> `{ids}`, no BOS added. Added tokens are recognised, control ones only if `special`
 *  (default true). Throws BadLineError. */
export function answerTokenize(tokenizer: Tokenizer, request: JsonObject): { ids: number[] } {
  const special = optionalBoolean(request, 'special', true);
  return { ids: Array.from(tokenizer.encode(requireString(request, 'text'), { special })) };
}
