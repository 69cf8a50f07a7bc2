// `hadal account`: who pays.

import type { Command } from 'commander';
import {
  day,
  print,
  type StoreOptions,
  table,
  withStore,
  withStoreOptions,
} from './store-options.js';

export function registerAccount(program: Command): void {
  const account = program.command('account').description('make and list accounts');
  withStoreOptions(account.command('create'))
    .description('make an account; give it money with `hadal balance`')
    .argument('<name>', 'unique name')
    .option('--unlimited', 'never runs out of money', false)
    .action(async (name: string, options: StoreOptions & { unlimited: boolean }) => {
      await withStore(options, async ({ admin }) => {
        const { unlimited } = options;
        const made = await admin.createAccount({ name, unlimited });
        print(options, made, () => `${made.id}  ${made.name}`);
      });
    });
  withStoreOptions(account.command('list'))
    .description('list the accounts')
    .action(async (options: StoreOptions) => {
      await withStore(options, async ({ admin }) => {
        const accounts = await admin.listAccounts();
        print(options, accounts, () =>
          table(
            ['ID', 'NAME', 'MONEY', 'CREATED'],
            accounts.map(({ id, name, unlimited, createdAt }) => [
              id,
              name,
              unlimited ? 'unlimited' : 'prepaid',
              day(createdAt),
            ]),
          ),
        );
      });
    });
}
