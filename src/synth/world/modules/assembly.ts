// Bills of material: assemblies of parts, each with its cost, and the parts kept in bins.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, flag, int, money, named, ref, text, when } from '../columns.js';
import { conserved, notNegative } from '../invariant-makers.js';
import { Kit } from '../kit.js';
import { totals } from '../parts/lines.js';
import { partner } from '../parts/partners.js';
import type { TableHandle } from '../table-handle.js';
import { compare, count, extreme, find, get } from '../read-makers.js';
import { amountLimit, onlyIfFlag, sameOnBothSides } from '../rule-makers.js';
import { adjust, moveQuantity, update } from '../write-makers.js';

const KINDS = ['metal', 'plastic', 'glass', 'wood', 'electronic'];

export const assembly: DomainModule = {
  id: 'assembly',
  offers: { thing: 'part' },
  needs: ['organisation', 'place'],
  axes: {
    stock: ['column', 'bins'],
    supplier: ['none', 'ref'],
    quality: ['none', 'grade', 'certified'],
    lead: ['none', 'days'],
    release: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('assembly', context);
  const { random } = kit;
  const suppliers = kit.is('supplier', 'ref') ? partner(kit, 'organisation', 14) : undefined;
  const bins = kit.is('stock', 'bins');
  const part = kit.table('part', [
    named(),
    choice('kind', KINDS),
    money('unit_cost'),
    ...when(!bins, int('on_hand')),
    ...when(kit.is('quality', 'grade'), int('grade_points')),
    ...when(kit.is('quality', 'certified'), flag('certified')),
    ...when(kit.is('lead', 'days'), int('lead_days')),
    flag('recyclable'),
    ...(suppliers ? [ref('supplier', suppliers)] : []),
  ]);
  for (let i = 0; i < random.int(70, 110); i++) {
    kit.add(part, {
      name: kit.name('thing'),
      kind: KINDS[i % KINDS.length]!,
      unit_cost: random.int(50, 3000),
      on_hand: random.int(0, 200),
      grade_points: random.int(1, 20),
      certified: random.chance(55),
      lead_days: random.int(1, 40),
      recyclable: random.chance(50),
      supplier: suppliers ? random.pick(suppliers.keys()) : null,
    });
  }
  const product = kit.table('assembly', [
    text('title', { unique: true }),
    money('total'),
    choice('line_group', ['alpha', 'beta', 'gamma']),
    ...when(kit.is('release', 'flag'), flag('released')),
  ]);
  const line = kit.table('component', [
    ref('assembly', product),
    ref('part', part),
    int('quantity'),
    money('amount'),
  ]);
  for (let i = 0; i < 42; i++) {
    const chosen = random.sample(part.rows, random.int(3, 7)).map((one) => {
      const quantity = random.int(1, 12);
      return { one, quantity, amount: quantity * Number(part.value(one, 'unit_cost')) };
    });
    const row = kit.add(product, {
      title: kit.name('title'),
      total: chosen.reduce((sum, { amount }) => sum + amount, 0),
      line_group: random.pick(['alpha', 'beta', 'gamma']),
      released: random.chance(40),
    });
    for (const { one, quantity, amount } of chosen) {
      kit.add(line, { assembly: product.key(row), part: part.key(one), quantity, amount });
    }
  }
  const filters = [
    'kind',
    'name~',
    'unit_cost<=',
    'supplier',
    'certified',
    'lead_days<=',
    'recyclable',
  ];
  find(kit, part, filters, { sort: 'name', hide: ['grade_points', 'lead_days'] });
  get(kit, part);
  compare(kit, part, 'unit_cost', 'kind');
  extreme(kit, part, 'unit_cost', 'min', ['kind', 'recyclable']);
  find(kit, product, ['title~', 'line_group', 'released', 'total>='], { sort: 'title' });
  get(kit, product, { extra: true });
  count(kit, line, ['part', 'assembly']);
  totals(kit, product, line, 'assembly');
  kit.affords({
    kind: 'selectable',
    table: part.name,
    name: part.col('name'),
    cost: part.col('unit_cost'),
    attributes: part.cols('recyclable', 'certified', 'lead_days', 'grade_points', 'on_hand'),
    group: part.col('kind'),
  });
  if (bins) binTables(kit, part);
  else {
    const tool = adjust(kit, part, 'on_hand', 1000);
    amountLimit(kit, tool, 'change', random.int(20, 80), {
      en: 'stock correction',
      zh: '库存更正',
    });
    notNegative(kit, part, 'on_hand');
    kit.affords({ kind: 'balance', table: part.name, column: part.col('on_hand'), tool });
  }
  const edit = update(kit, part, ['unit_cost', 'lead_days', 'recyclable'], { extra: false });
  kit.affords({
    kind: 'editable',
    table: part.name,
    tool: edit,
    columns: part.cols('lead_days', 'recyclable'),
  });
  if (product.has('released')) {
    // The tool that sets totals was made with the lines.
    const tool = kit.toolNamed(
      (impl) => impl.archetype === 'update' && impl.table === product.name,
    );
    onlyIfFlag(kit, tool, product, 'released', false, {
      action: { en: 'set a total', zh: '设置总额' },
    });
  }
  return kit.finish();
}

function binTables(kit: Kit, part: TableHandle): void {
  const { random } = kit;
  const places = partner(kit, 'place', 12);
  const bin = kit.table('bin', [ref('part', part), ref('site', places), int('quantity')]);
  for (const key of random.sample(part.keys(), 40)) {
    for (const site of random.sample(places.keys(), random.int(2, 4))) {
      kit.add(bin, { part: key, site, quantity: random.int(0, 60) });
    }
  }
  find(kit, bin, ['part', 'site', 'quantity>=']);
  const tool = moveQuantity(kit, bin, 'quantity');
  sameOnBothSides(kit, tool, bin, 'part', true);
  amountLimit(kit, tool, 'amount', random.int(15, 40), { en: 'move of parts', zh: '零件转移' });
  notNegative(kit, bin, 'quantity');
  conserved(kit, bin, 'quantity');
  kit.affords({
    kind: 'stock',
    table: bin.name,
    item: bin.col('part'),
    place: bin.col('site'),
    quantity: bin.col('quantity'),
    tool,
  });
}
