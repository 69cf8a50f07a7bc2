// `hadal key`: API keys of an account. A key's text is printed once, when it is made; afterwards only
// its last characters are known.

import { Option, type Command } from 'commander';
import { LENIENCIES, PROFILES } from '../protocol/leniency.js';
import type { KeyLimits, KeyRecord } from '../store/admin-types.js';
import { wholeNumber } from './options.js';
import {
  day,
  moment,
  print,
  type StoreOptions,
  table,
  withStore,
  withStoreOptions,
} from './store-options.js';

interface LimitOptions extends StoreOptions {
  name?: string;
  expires?: Date | 'never';
  profile?: string;
  leniency?: string[];
  maxConcurrency?: number;
}

export function registerKey(program: Command): void {
  const key = program.command('key').description('make, list, change and revoke API keys');
  withLimits(withStoreOptions(key.command('create')))
    .description('make a key and print it, this once')
    .option('--account <id|name>', 'whose key', 'default')
    .option('--key <text>', 'an existing key to accept (default: a new random one)')
    .action(createKey);
  withStoreOptions(key.command('list'))
    .description('list the keys')
    .option('--account <id|name>', 'only of this account')
    .action(listKeys);
  withLimits(withStoreOptions(key.command('update')))
    .description('change the limits of a key; what is not given stays')
    .argument('<id>', 'key id, e.g. key_0123456789abcdef')
    .action(async (id: string, options: LimitOptions) => {
      await withStore(options, async ({ admin }) => {
        const record = await admin.updateKey(id, limitsOf(options));
        print(options, record, () => describe([record]));
      });
    });
  withStoreOptions(key.command('revoke'))
    .description('end a key for good; a running server refuses it at once')
    .argument('<id>', 'key id')
    .action(async (id: string, options: StoreOptions) => {
      await withStore(options, async ({ admin }) => {
        const record = await admin.revokeKey(id);
        print(options, record, () => `revoked ${record.id} (****${record.last4})`);
      });
    });
}

function withLimits(command: Command): Command {
  return command
    .option('--name <name>', 'what the key is for')
    .option('--expires <time>', 'date, ISO time, span (30d, 12h) or never', expiry)
    .addOption(
      new Option('--profile <name>', "contract profile, or `default` for the server's own").choices(
        [...Object.keys(PROFILES), 'default'],
      ),
    )
    .addOption(
      new Option(
        '--leniency <name...>',
        'leniencies added to those of the profile; `none` for none',
      ).choices([...LENIENCIES, 'none']),
    )
    .option(
      '--max-concurrency <number>',
      "requests at once; 0 for the server's default",
      wholeNumber(0, 1_000_000),
    );
}

function expiry(text: string): Date | 'never' {
  return text === 'never' ? 'never' : moment(text);
}

function limitsOf({ name, expires, profile, leniency, maxConcurrency }: LimitOptions): KeyLimits {
  return {
    ...(name !== undefined && { name }),
    ...(expires !== undefined && { expiresAt: expires === 'never' ? null : expires }),
    ...(profile !== undefined && { profile: profile === 'default' ? null : profile }),
    ...(leniency !== undefined && { leniencies: leniency.filter((word) => word !== 'none') }),
    ...(maxConcurrency !== undefined && { maxConcurrency: maxConcurrency || null }),
  };
}

async function createKey(options: LimitOptions & { account: string; key?: string }): Promise<void> {
  await withStore(options, async ({ admin }) => {
    const { id } = await admin.findAccount(options.account);
    const made = await admin.createKey({
      ...limitsOf(options),
      accountId: id,
      ...(options.key !== undefined && { key: options.key }),
    });
    const { key, record } = made;
    // The key alone on standard output, for `KEY=$(hadal key create)`.
    print(options, { key, ...record }, () => key);
    if (options.json !== true) process.stderr.write(`${record.id}: kept as a hash, shown once\n`);
  });
}

async function listKeys(options: StoreOptions & { account?: string }): Promise<void> {
  await withStore(options, async ({ admin }) => {
    const { account } = options;
    const filter =
      account === undefined ? {} : { accountId: (await admin.findAccount(account)).id };
    const keys = await admin.listKeys(filter);
    print(options, keys, () => describe(keys));
  });
}

function describe(keys: readonly KeyRecord[]): string {
  return table(
    ['ID', 'KEY', 'ACCOUNT', 'NAME', 'STATE', 'EXPIRES', 'PROFILE', 'LENIENCIES', 'AT ONCE'],
    keys.map((key) => [
      key.id,
      `****${key.last4}`,
      key.accountId,
      key.name || '-',
      stateOf(key),
      day(key.expiresAt),
      key.profile ?? 'default',
      key.leniencies.join(',') || '-',
      String(key.maxConcurrency ?? 'default'),
    ]),
  );
}

function stateOf({ revokedAt, expiresAt }: KeyRecord): string {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && expiresAt.getTime() <= Date.now() ? 'expired' : 'valid';
}
