// Orders of customers with items that add up to the total, from placing to delivery.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, money, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { Kit } from '../kit.js';
import { totals } from '../parts/lines.js';
import { partner } from '../parts/partners.js';
import { children, count, extreme, find, get, getBy } from '../read-makers.js';
import { onlyWhere } from '../rule-makers.js';
import { transition, update } from '../write-makers.js';

export const orders: DomainModule = {
  id: 'orders',
  offers: { event: 'order' },
  needs: ['person', 'thing', 'organisation'],
  axes: {
    customer: ['person', 'organisation'],
    returns: ['none', 'returned'],
    discount: ['none', 'percent'],
    shipping: ['none', 'method', 'express'],
    note: ['none', 'gift'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('orders', context);
  const { random, clock } = kit;
  const customers = partner(kit, kit.is('customer', 'person') ? 'person' : 'organisation', 50);
  const things = partner(kit, 'thing', 60);
  const returns = kit.is('returns', 'returned');
  const states = ['placed', 'shipped', 'delivered', 'cancelled', ...(returns ? ['returned'] : [])];
  const order = kit.table('order', [
    text('number', { unique: true }),
    ref('customer', customers),
    choice('status', states),
    date('placed'),
    money('total'),
    ...when(kit.is('discount', 'percent'), int('percent')),
    ...when(!kit.is('shipping', 'none'), choice('shipping', ['post', 'courier', 'pickup'])),
    ...when(kit.is('shipping', 'express'), flag('express')),
    ...when(kit.is('note', 'gift'), flag('gift')),
  ]);
  const item = kit.table('order_item', [
    ref('order', order),
    ref('thing', things),
    int('quantity'),
    money('amount'),
  ]);
  for (let i = 0; i < random.int(70, 100); i++) {
    const items = random.sample(things.keys(), random.int(1, 4)).map((thing) => {
      const quantity = random.int(1, 6);
      return { thing, quantity, amount: quantity * random.int(10, 400) * 10 };
    });
    const row = kit.add(order, {
      number: kit.unlike(() => `${random.int(10, 99)}-${random.token(5)}`),
      customer: random.pick(customers.keys()),
      status: random.pick(states),
      placed: dateAt(clock, -random.int(0, 50)),
      total: items.reduce((sum, { amount }) => sum + amount, 0),
      percent: random.int(0, 4) * 5,
      shipping: random.pick(['post', 'courier', 'pickup']),
      express: random.chance(30),
      gift: random.chance(20),
    });
    for (const one of items) kit.add(item, { ...one, order: order.key(row) });
  }
  const filters = [
    'customer',
    'status',
    'placed>=',
    'placed<=',
    'total>=',
    'shipping',
    'express',
    'gift',
  ];
  find(kit, order, filters, { sort: 'placed', hide: ['percent', 'shipping'] });
  get(kit, order);
  getBy(kit, order, 'number');
  children(kit, order, 'customer', { extra: true, sort: 'placed' });
  find(kit, item, ['thing', 'order', 'quantity>='], { extra: true });
  count(kit, order, ['customer', 'status', 'placed>=']);
  extreme(kit, order, 'total', 'max', ['status', 'customer']);
  totals(kit, order, item, 'order');
  const cancel = transition(kit, 'cancel', order, ['placed'], 'cancelled');
  const ship = transition(kit, 'ship', order, ['placed'], 'shipped');
  const deliver = transition(kit, 'deliver', order, ['shipped'], 'delivered');
  const moves = [
    { from: ['placed'], to: 'cancelled', tool: cancel },
    { from: ['placed'], to: 'shipped', tool: ship },
    { from: ['shipped'], to: 'delivered', tool: deliver },
  ];
  if (returns) {
    const tool = transition(kit, 'return', order, ['delivered'], 'returned');
    moves.push({ from: ['delivered'], to: 'returned', tool });
  }
  kit.affords({ kind: 'workflow', table: order.name, column: order.col('status'), moves });
  if (order.has('shipping')) {
    const edit = update(kit, order, ['shipping', 'express', 'gift'], {});
    const action = { en: 'change the shipping', zh: '修改配送方式' };
    onlyWhere(kit, edit, order, 'status', ['placed'], { action });
    const columns = order.cols('shipping', 'express', 'gift');
    kit.affords({ kind: 'editable', table: order.name, tool: edit, columns });
    onlyWhere(kit, cancel, order, 'shipping', ['post', 'pickup'], {
      action: { en: 'cancel an order', zh: '取消订单' },
    });
  }
  kit.affords({
    kind: 'measure',
    table: order.name,
    measure: order.col('total'),
    filters: order.cols('status', 'customer', 'shipping', 'express', 'gift'),
    time: order.col('placed'),
  });
  return kit.finish();
}
