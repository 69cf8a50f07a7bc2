// `hadal usage`: what was used and what it cost, from the ledger; and the ledger's own audit.

import { type Command, Option } from 'commander';
import type { UsageGroup, UsageQuery } from '../store/admin-types.js';
import { formatMoneyExactly } from '../store/money.js';
import {
  pastMoment,
  print,
  type StoreOptions,
  table,
  withStore,
  withStoreOptions,
} from './store-options.js';

interface UsageOptions extends StoreOptions {
  by: UsageQuery['groupBy'];
  account?: string;
  key?: string;
  from?: Date;
  to?: Date;
}

export function registerUsage(program: Command): void {
  const usage = program.command('usage').description('show usage, check the ledger');
  withStoreOptions(usage.command('show', { isDefault: true }))
    .description('show requests, tokens and cost')
    .addOption(
      new Option('--by <what>', 'group by').choices(['day', 'model', 'key']).default('day'),
    )
    .option('--account <id|name>', 'only of this account')
    .option('--key <id>', 'only of this key')
    .option(
      '--from <time>',
      'finished at or after this date (UTC), time or span ago (7d)',
      pastMoment,
    )
    .option('--to <time>', 'finished before this date (UTC), time or span ago (7d)', pastMoment)
    .action(showUsage);
  withStoreOptions(usage.command('audit'))
    .description('check the ledger: sums, balances, one charge per request; exits 1 if unsound')
    .action(audit);
}

async function showUsage(options: UsageOptions): Promise<void> {
  await withStore(options, async ({ admin }) => {
    const { account, key, from, to } = options;
    const groups = await admin.usage({
      groupBy: options.by,
      ...(account !== undefined && { accountId: (await admin.findAccount(account)).id }),
      ...(key !== undefined && { keyId: key }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    const withCost = groups.map((group) => ({ ...group, cost: costTexts(group) }));
    print(options, withCost, () => describe(options.by, groups));
  });
}

function describe(by: string, groups: readonly UsageGroup[]): string {
  const rows = groups.map((group) => [
    group.group,
    ...[group.requests, group.cacheHitTokens, group.promptTokens - group.cacheHitTokens].map(
      String,
    ),
    ...[group.completionTokens, group.reasoningTokens].map(String),
    Object.entries(costTexts(group))
      .map(([currency, amount]) => `${amount} ${currency}`)
      .join(' + '),
  ]);
  const header = ['REQUESTS', 'CACHE HIT', 'CACHE MISS', 'OUTPUT', 'REASONING', 'COST'];
  return table([by.toUpperCase(), ...header], rows, 1);
}

/** Exact: a day may cost a hundredth of a cent. */
function costTexts({ cost }: UsageGroup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(cost).map(([currency, amount]) => [currency, formatMoneyExactly(amount)]),
  );
}

async function audit(options: StoreOptions): Promise<void> {
  await withStore(options, async ({ admin }) => {
    const found = await admin.auditLedger();
    const { numTransactions, numEntries, numUsageRecords, problems } = found;
    print(options, found, () =>
      [
        `${numTransactions} transactions, ${numEntries} entries, ${numUsageRecords} requests: ` +
          (found.isSound ? 'sound' : 'UNSOUND'),
        ...problems.map((problem) => `  ${problem}`),
      ].join('\n'),
    );
    if (!found.isSound) process.exitCode = 1;
  });
}
