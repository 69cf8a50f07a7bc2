// Stock kept at places: quantities of things that are moved and counted, and lanes between the places.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, named, ref, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { conserved, notNegative } from '../invariant-makers.js';
import { Kit } from '../kit.js';
import { network } from '../parts/network.js';
import { partner } from '../parts/partners.js';
import { children, count, find, get } from '../read-makers.js';
import { amountLimit, onlyIfFlag, sameOnBothSides } from '../rule-makers.js';
import { adjust, moveQuantity, update } from '../write-makers.js';

const ZONES = ['north', 'south', 'east', 'west'];

export const inventory: DomainModule = {
  id: 'inventory',
  offers: { place: 'location' },
  needs: ['thing'],
  axes: {
    lanes: ['none', 'minutes', 'modes'],
    lot: ['none', 'expiry'],
    reserve: ['none', 'reserved'],
    counting: ['none', 'adjust'],
    lock: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('inventory', context);
  const { random, clock } = kit;
  const things = partner(kit, 'thing', 50);
  const locations = kit.table(
    'location',
    [
      named(),
      choice('zone', ZONES),
      int('floor_space'),
      ...when(kit.is('lock', 'flag'), flag('locked')),
    ],
    'place',
  );
  for (let i = 0; i < random.int(14, 22); i++) {
    kit.add(locations, {
      name: kit.name('place'),
      zone: random.pick(ZONES),
      floor_space: random.int(10, 90) * 10,
      locked: random.chance(15),
    });
  }
  const stock = kit.table('stock', [
    ref('thing', things),
    ref('location', locations),
    int('quantity'),
    ...when(kit.is('reserve', 'reserved'), int('reserved')),
    ...when(kit.is('lot', 'expiry'), date('expires')),
    ...when(kit.is('lock', 'flag'), flag('quarantined')),
  ]);
  for (const thing of random.sample(things.keys(), 45)) {
    for (const location of random.sample(locations.keys(), random.int(2, 5))) {
      kit.add(stock, {
        thing,
        location,
        quantity: random.int(0, 80),
        reserved: random.int(0, 12),
        expires: dateAt(clock, random.int(-20, 300)),
        quarantined: random.chance(10),
      });
    }
  }
  find(kit, locations, ['zone', 'name~', 'floor_space>=', 'locked'], { sort: 'name' });
  get(kit, locations, { extra: true });
  find(kit, stock, ['thing', 'location', 'quantity>=', 'quantity<=', 'expires<=', 'quarantined']);
  get(kit, stock, { extra: true });
  children(kit, stock, 'location', { extra: true });
  count(kit, stock, ['thing', 'location', 'quantity<=']);
  const tool = moveQuantity(kit, stock, 'quantity');
  sameOnBothSides(kit, tool, stock, 'thing', true);
  const whole = { en: 'move of stock', zh: '库存转移' };
  amountLimit(kit, tool, 'amount', random.int(20, 60), whole);
  if (kit.is('lock', 'flag')) {
    const param = `from_${stock.name}_id`;
    onlyIfFlag(kit, tool, stock, 'quarantined', false, {
      param,
      action: { en: 'move stock away', zh: '移出库存' },
    });
  }
  notNegative(kit, stock, 'quantity');
  if (kit.is('counting', 'adjust')) {
    const change = adjust(kit, stock, 'quantity', 500);
    amountLimit(kit, change, 'change', random.int(10, 40), {
      en: 'count correction',
      zh: '盘点更正',
    });
    kit.affords({
      kind: 'balance',
      table: stock.name,
      column: stock.col('quantity'),
      tool: change,
    });
  } else {
    conserved(kit, stock, 'quantity');
  }
  if (stock.has('reserved')) {
    const editTool = update(kit, stock, ['reserved']);
    kit.affords({
      kind: 'editable',
      table: stock.name,
      tool: editTool,
      columns: stock.cols('reserved'),
    });
  }
  kit.affords({
    kind: 'stock',
    table: stock.name,
    item: stock.col('thing'),
    place: stock.col('location'),
    quantity: stock.col('quantity'),
    tool,
  });
  kit.affords({
    kind: 'measure',
    table: stock.name,
    measure: stock.col('quantity'),
    filters: stock.cols('location', 'thing', 'quarantined'),
    time: stock.has('expires') ? stock.col('expires') : null,
  });
  if (kit.is('lanes', 'minutes')) network(kit, locations, { edge: 'lane', cost: 'minutes' });
  if (kit.is('lanes', 'modes')) {
    const modes = ['cart', 'belt', 'truck'];
    network(kit, locations, { edge: 'lane', cost: 'distance', modes, closures: true });
  }
  return kit.finish();
}
