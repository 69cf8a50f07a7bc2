// Accounts with balances, transfers between them and the log of transfers.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, flag, money, ref, text, when } from '../columns.js';
import { timeAt } from '../dates.js';
import { conserved, notNegative } from '../invariant-makers.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { children, extreme, find, get, getBy, history } from '../read-makers.js';
import { amountLimit, onlyIfFlag, sameOnBothSides } from '../rule-makers.js';
import { adjust, setFlag, transfer, update } from '../write-makers.js';

const KINDS = ['current', 'savings', 'deposit'];
const CURRENCIES = ['EUR', 'USD', 'CNY'];

export const ledger: DomainModule = {
  id: 'ledger',
  offers: { 'money-account': 'account' },
  needs: ['person', 'organisation'],
  axes: {
    owner: ['person', 'organisation'],
    currency: ['one', 'many'],
    log: ['none', 'transfers'],
    freeze: ['none', 'flag'],
    correction: ['none', 'adjust'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('ledger', context);
  const { random, clock } = kit;
  const owners = partner(kit, kit.is('owner', 'person') ? 'person' : 'organisation', 40);
  const [freeze, many] = [kit.is('freeze', 'flag'), kit.is('currency', 'many')];
  const account = kit.table('account', [
    text('number', { unique: true }),
    ref('holder', owners),
    choice('kind', KINDS),
    money('balance'),
    ...when(many, choice('currency', CURRENCIES)),
    ...when(freeze, flag('frozen')),
  ]);
  for (let i = 0; i < random.int(70, 100); i++) {
    kit.add(account, {
      number: `${random.int(1000, 9999)}-${random.token(4)}`,
      holder: owners.keys()[i % owners.rows.length]!,
      kind: random.pick(KINDS),
      balance: random.int(50, 9000) * 10,
      currency: random.pick(CURRENCIES),
      frozen: random.chance(12),
    });
  }
  const log = kit.is('log', 'transfers')
    ? kit.table('payment', [
        ref('source', account),
        ref('target', account),
        money('amount'),
        datetime('time'),
      ])
    : undefined;
  for (let i = 0; log && i < 160; i++) {
    const [source, target] = random.sample(account.keys(), 2);
    const time = timeAt(clock, -random.int(1, 60), random.int(0, 23), random.int(0, 59));
    kit.add(log, { source: source!, target: target!, amount: random.int(5, 900) * 10, time });
  }
  find(kit, account, ['holder', 'kind', 'currency', 'balance>=', 'balance<=', 'frozen']);
  get(kit, account, { extra: true });
  getBy(kit, account, 'number');
  children(kit, account, 'holder', { extra: true });
  extreme(kit, account, 'balance', 'max', ['kind', 'currency']);
  const tool = transfer(kit, account, 'balance', log);
  amountLimit(kit, tool, 'amount', random.int(15, 60) * 1000, { en: 'transfer', zh: '转账' });
  if (many) sameOnBothSides(kit, tool, account, 'currency', false);
  const action = { en: 'transfer from an account', zh: '从账户转出' };
  if (freeze) {
    onlyIfFlag(kit, tool, account, 'frozen', false, { param: `from_${account.name}_id`, action });
    setFlag(kit, 'freeze', account, 'frozen', true);
    setFlag(kit, 'unfreeze', account, 'frozen', false);
  }
  notNegative(kit, account, 'balance');
  kit.affords({ kind: 'balance', table: account.name, column: account.col('balance'), tool });
  if (kit.is('correction', 'adjust')) {
    const change = adjust(kit, account, 'balance', 10_000_000, { extra: true });
    amountLimit(kit, change, 'change', random.int(10, 30) * 100, {
      en: 'correction',
      zh: '余额更正',
    });
  } else {
    conserved(kit, account, 'balance');
  }
  const edit = update(kit, account, ['kind'], { extra: false });
  kit.affords({ kind: 'editable', table: account.name, tool: edit, columns: account.cols('kind') });
  if (log) {
    find(kit, log, ['source', 'target', 'amount>=', 'time>=', 'time<='], { sort: 'time' });
    history(kit, log, 'source', 'time');
  }
  const measured = log ?? account;
  kit.affords({
    kind: 'measure',
    table: measured.name,
    measure: measured.col(log ? 'amount' : 'balance'),
    filters: log ? log.cols('source', 'target') : account.cols('kind', 'currency', 'frozen'),
    time: log ? log.col('time') : null,
  });
  return kit.finish();
}
