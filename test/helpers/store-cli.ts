// The commands of the store as a program of their own: `node store-cli.js key list ...`.

import { Command, CommanderError } from 'commander';
import { registerAccount } from '../../src/cli/account.js';
import { registerBalance } from '../../src/cli/balance.js';
import { registerCache } from '../../src/cli/cache.js';
import { registerKey } from '../../src/cli/key.js';
import { registerUsage } from '../../src/cli/usage.js';

const program = new Command('hadal').exitOverride();
for (const register of [
  registerAccount,
  registerBalance,
  registerCache,
  registerKey,
  registerUsage,
]) {
  register(program);
}
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? 2 : 1;
  if (!(error instanceof CommanderError)) process.stderr.write(`hadal: ${String(error)}\n`);
}
