// `hadal balance`: money of an account. Shown with two decimals, the rest cut off; a request is charged
// in nano-units.

import { type Command, Option } from 'commander';
import { balanceJson, balanceStrings } from '../store/money.js';
import type { Balance, Currency } from '../store/types.js';
import {
  moment,
  moneyAmount,
  print,
  type StoreOptions,
  table,
  withStore,
  withStoreOptions,
} from './store-options.js';

interface MoneyOptions extends StoreOptions {
  account: string;
  currency: Currency;
  note?: string;
  id?: string;
  expires?: Date;
}

export function registerBalance(program: Command): void {
  const balance = program.command('balance').description('show and add money of an account');
  withStoreOptions(balance.command('show', { isDefault: true }))
    .description('show the balance')
    .option('--account <id|name>', 'whose balance', 'default')
    .action(async (options: StoreOptions & { account: string }) => {
      await withStore(options, async ({ admin }) => {
        const account = await admin.findAccount(options.account);
        show(options, await admin.balance(account.id), account.unlimited);
      });
    });
  withMoneyOptions(balance.command('grant'))
    .description('give money that is spent first and may expire')
    .option('--expires <time>', 'date, ISO time or span (30d, 12h)', moment)
    .action((amount: bigint, options: MoneyOptions) => addMoney('grant', amount, options));
  withMoneyOptions(balance.command('top-up'))
    .description('add money that was paid; it never expires')
    .action((amount: bigint, options: MoneyOptions) => addMoney('topUp', amount, options));
}

function withMoneyOptions(command: Command): Command {
  return withStoreOptions(command)
    .argument('<amount>', 'e.g. 10 or 2.50', moneyAmount)
    .option('--account <id|name>', 'whose money', 'default')
    .addOption(new Option('--currency <code>').choices(['CNY', 'USD']).default('CNY'))
    .option('--note <text>', 'kept in the ledger')
    .option('--id <text>', 'of the payment: repeated, it changes nothing');
}

async function addMoney(
  kind: 'grant' | 'topUp',
  amount: bigint,
  options: MoneyOptions,
): Promise<void> {
  await withStore(options, async ({ admin }) => {
    const { id: accountId, unlimited } = await admin.findAccount(options.account);
    const { currency, note, id, expires } = options;
    const balance = await admin[kind]({
      accountId,
      currency,
      amount,
      ...(note !== undefined && { note }),
      ...(id !== undefined && { idempotencyKey: id }),
      ...(expires !== undefined && { expiresAt: expires }),
    });
    show(options, balance, unlimited);
  });
}

/** With `--json` as on the wire (api reference §1.4). */
function show(options: StoreOptions, balance: Balance, isUnlimited: boolean): void {
  print(options, balanceJson(balance), () => {
    const rows = balance.infos.map((info) => {
      const { total, granted, toppedUp } = balanceStrings(info);
      return [info.currency, total, granted, toppedUp];
    });
    const money = table(['CURRENCY', 'TOTAL', 'GRANTED', 'TOPPED UP'], rows, 1);
    return isUnlimited ? `${money}\nunlimited: requests are never refused for money` : money;
  });
}
