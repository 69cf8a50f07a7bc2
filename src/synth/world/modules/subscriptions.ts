// Plans with quotas, contracts that use them up, and invoices whose lines add up.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, money, named, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { inRange } from '../invariant-makers.js';
import { Kit } from '../kit.js';
import { totals } from '../parts/lines.js';
import { partner } from '../parts/partners.js';
import { children, compare, count, find, get } from '../read-makers.js';
import { amountLimit, onlyWhere } from '../rule-makers.js';
import type { TableHandle } from '../table-handle.js';
import { adjust, create, transition, update } from '../write-makers.js';

const SUPPORT = ['mail', 'phone', 'onsite'];

export const subscriptions: DomainModule = {
  id: 'subscriptions',
  offers: {},
  needs: ['person', 'organisation'],
  axes: {
    subscriber: ['person', 'organisation'],
    invoices: ['none', 'lines'],
    pause: ['none', 'paused'],
    plan: ['quota', 'quota-seats'],
    renewal: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('subscriptions', context);
  const { random, clock } = kit;
  const subscribers = partner(kit, kit.is('subscriber', 'person') ? 'person' : 'organisation', 45);
  const plan = kit.table('plan', [
    named(),
    choice('support', SUPPORT),
    money('price'),
    int('quota'),
    ...when(kit.is('plan', 'quota-seats'), int('seats')),
    int('notice_days'),
    flag('refundable'),
    flag('trial'),
  ]);
  for (let i = 0; i < random.int(48, 72); i++) {
    kit.add(plan, {
      name: kit.name('title'),
      support: SUPPORT[i % SUPPORT.length]!,
      price: random.int(200, 10_000),
      quota: random.int(1, 40) * 10,
      seats: random.int(1, 25),
      notice_days: random.int(0, 60),
      refundable: random.chance(45),
      trial: random.chance(40),
    });
  }
  const paused = kit.is('pause', 'paused');
  const states = ['active', ...(paused ? ['paused'] : []), 'ended'];
  const subscription = kit.table('subscription', [
    text('number', { unique: true }),
    ref('subscriber', subscribers),
    ref('plan', plan),
    int('used'),
    date('starts'),
    choice('status', states),
    ...when(kit.is('renewal', 'flag'), flag('renews')),
  ]);
  for (let i = 0; i < random.int(80, 120); i++) {
    kit.add(subscription, {
      number: kit.unlike(() => `${random.token(3).toUpperCase()}-${random.int(1000, 9999)}`),
      subscriber: random.pick(subscribers.keys()),
      plan: random.pick(plan.keys()),
      used: random.int(0, 400),
      starts: dateAt(clock, -random.int(1, 700)),
      status: random.pick(states),
      renews: random.chance(60),
    });
  }
  find(kit, plan, ['support', 'price<=', 'quota>=', 'seats>=', 'trial'], {
    sort: 'name',
    hide: ['quota', 'seats'],
  });
  get(kit, plan);
  compare(kit, plan, 'price', 'quota');
  find(kit, subscription, ['subscriber', 'plan', 'status', 'used>=', 'renews', 'starts<='], {
    sort: 'number',
  });
  get(kit, subscription, { extra: true });
  children(kit, subscription, 'subscriber', { extra: true });
  count(kit, subscription, ['plan', 'status', 'renews']);
  create(kit, subscription, ['number', 'subscriber', 'plan'], {
    used: 0,
    starts: clock.slice(0, 10),
    status: 'active',
    renews: false,
  });
  workflow(kit, subscription, paused);
  const use = adjust(kit, subscription, 'used', 1000);
  inRange(kit, subscription, 'used', 1000);
  amountLimit(kit, use, 'change', random.int(40, 120), { en: 'credit of usage', zh: '用量调整' });
  onlyWhere(kit, use, subscription, 'status', ['active'], {
    action: { en: 'change the usage', zh: '调整用量' },
  });
  kit.affords({
    kind: 'balance',
    table: subscription.name,
    column: subscription.col('used'),
    tool: use,
  });
  if (subscription.has('renews')) {
    const edit = update(kit, subscription, ['renews', 'plan']);
    const columns = subscription.cols('renews', 'plan');
    kit.affords({ kind: 'editable', table: subscription.name, tool: edit, columns });
  }
  kit.affords({
    kind: 'selectable',
    table: plan.name,
    name: plan.col('name'),
    cost: plan.col('price'),
    attributes: plan.cols('quota', 'seats', 'trial', 'notice_days', 'refundable'),
    group: plan.col('support'),
  });
  kit.affords({
    kind: 'measure',
    table: subscription.name,
    measure: subscription.col('used'),
    filters: subscription.cols('plan', 'status', 'renews', 'subscriber'),
    time: subscription.col('starts'),
  });
  if (kit.is('invoices', 'lines')) invoices(kit, subscription);
  return kit.finish();
}

function workflow(kit: Kit, subscription: TableHandle, paused: boolean): void {
  const end = transition(
    kit,
    'end',
    subscription,
    paused ? ['active', 'paused'] : ['active'],
    'ended',
  );
  const moves = [{ from: paused ? ['active', 'paused'] : ['active'], to: 'ended', tool: end }];
  if (paused) {
    const pause = transition(kit, 'pause', subscription, ['active'], 'paused');
    const resume = transition(kit, 'resume', subscription, ['paused'], 'active');
    moves.push({ from: ['active'], to: 'paused', tool: pause });
    moves.push({ from: ['paused'], to: 'active', tool: resume });
  }
  const column = subscription.col('status');
  kit.affords({ kind: 'workflow', table: subscription.name, column, moves });
}

function invoices(kit: Kit, subscription: TableHandle): void {
  const { random, clock } = kit;
  const invoice = kit.table('invoice', [
    text('code', { unique: true }),
    ref('subscription', subscription),
    date('issued'),
    money('total'),
  ]);
  const line = kit.table('invoice_line', [
    ref('invoice', invoice),
    choice('item', ['base', 'overage', 'support_fee', 'credit_note']),
    money('amount'),
  ]);
  for (const key of random.sample(subscription.keys(), 48)) {
    const amounts = Array.from({ length: random.int(2, 5) }, () => random.int(10, 400) * 10);
    const row = kit.add(invoice, {
      code: kit.unlike(() => `R${random.int(10_000, 99_999)}`),
      subscription: key,
      issued: dateAt(clock, -random.int(1, 200)),
      total: amounts.reduce((sum, one) => sum + one, 0),
    });
    for (const amount of amounts) {
      const item = random.pick(['base', 'overage', 'support_fee', 'credit_note']);
      kit.add(line, { invoice: invoice.key(row), item, amount });
    }
  }
  find(kit, invoice, ['subscription', 'issued>=', 'issued<=', 'code'], { sort: 'issued' });
  get(kit, invoice, { extra: true });
  totals(kit, invoice, line, 'invoice');
}
