// The `hadal` command: one file per sub-command, this one only assembles them. Exit codes: 0 done,
// 1 failed, 2 wrong usage.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { packageFile } from '../package-root.js';
import { registerAccount } from './account.js';
import { registerBalance } from './balance.js';
import { registerCache } from './cache.js';
import { registerChat } from './chat.js';
import { registerConformance } from './conformance.js';
import { registerConvert } from './convert.js';
import { registerDecode } from './decode.js';
import { registerEncode } from './encode.js';
import { registerInspect } from './inspect.js';
import { registerKey } from './key.js';
import { registerModel } from './model.js';
import { registerPull } from './pull.js';
import { registerSandbox } from './sandbox.js';
import { registerServe } from './serve.js';
import { registerSynth } from './synth.js';
import { registerTokenize } from './tokenize.js';
import { registerUsage } from './usage.js';

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
  version: string;
};

// Without a listener a reader that goes away (`hadal chat | head`) ends in a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`hadal: standard output: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const program = new Command('hadal')
  .description('An open DeepSeek-V3.2: engine, API platform and a small embedded model.')
  .version(version)
  .showHelpAfterError('(run `hadal help` for the commands)')
  .exitOverride();

registerServe(program);
registerChat(program);
registerKey(program);
registerAccount(program);
registerBalance(program);
registerUsage(program);
registerCache(program);
registerConformance(program);
registerConvert(program);
registerPull(program);
registerModel(program);
registerInspect(program);
registerSynth(program);
registerSandbox(program);
registerEncode(program);
registerDecode(program);
registerTokenize(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end with code 0; anything else commander rejects is wrong usage.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`hadal: ${message}\n`);
    process.exitCode = 1;
  }
}
