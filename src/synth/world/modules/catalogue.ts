// A catalogue: products with prices and attributes, in one table or with variants, from suppliers or not.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, flag, int, money, named, ref, text, when } from '../columns.js';
import { Kit } from '../kit.js';
import { children, compare, count, extreme, find, get, getBy, listValues } from '../read-makers.js';
import { onlyIfFlag, valueLimit } from '../rule-makers.js';
import { setFlag, update } from '../write-makers.js';

const CATEGORIES = ['raw', 'tool', 'textile', 'optics', 'paper', 'ceramic'];
const SIZES = ['small', 'medium', 'large'];
const COLOURS = ['red', 'blue', 'green', 'black', 'white'];

export const catalogue: DomainModule = {
  id: 'catalogue',
  offers: { thing: 'product', organisation: 'supplier' },
  needs: [],
  axes: {
    shape: ['flat', 'variants'],
    code: ['none', 'code'],
    quality: ['none', 'rating', 'rating-weight'],
    supplier: ['none', 'table'],
    removal: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('catalogue', context);
  const { random } = kit;
  const nested = kit.is('shape', 'variants');
  const removable = kit.is('removal', 'flag');
  const suppliers = kit.is('supplier', 'table')
    ? kit.table(
        'supplier',
        [named(), choice('sector', ['public', 'private', 'mixed']), int('lead_days')],
        'organisation',
      )
    : undefined;
  for (let i = 0; suppliers && i < 18; i++) {
    kit.add(suppliers, {
      name: kit.name('organisation'),
      sector: random.pick(['public', 'private', 'mixed']),
      lead_days: random.int(1, 30),
    });
  }
  const product = kit.table(
    'product',
    [
      named(),
      ...when(kit.is('code', 'code'), text('code', { unique: true })),
      choice('category', CATEGORIES),
      ...when(!nested, money('price'), int('available'), choice('size', SIZES)),
      ...when(!kit.is('quality', 'none'), int('rating')),
      ...when(kit.is('quality', 'rating-weight'), int('weight')),
      ...(suppliers ? [ref('supplier', suppliers)] : []),
      ...when(removable, flag('discontinued')),
    ],
    'thing',
  );
  const variant = nested
    ? kit.table('variant', [
        ref('product', product),
        text('code', { unique: true }),
        choice('size', SIZES),
        choice('colour', COLOURS),
        money('price'),
        int('available'),
        int('lead_days'),
        flag('recyclable'),
      ])
    : undefined;
  for (let i = 0; i < (nested ? 40 : random.int(80, 140)); i++) {
    const row = kit.add(product, {
      name: kit.name('thing'),
      code: random.token(6).toUpperCase(),
      category: CATEGORIES[i % CATEGORIES.length]!,
      price: random.int(300, 9900),
      available: random.int(0, 60),
      size: random.pick(SIZES),
      rating: random.int(1, 50),
      weight: random.int(1, 80) * 50,
      supplier: suppliers ? random.pick(suppliers.keys()) : null,
      discontinued: random.chance(12),
    });
    for (const size of variant ? random.sample(SIZES, random.int(2, 3)) : []) {
      kit.add(variant!, {
        product: product.key(row),
        code: random.token(7).toUpperCase(),
        size,
        colour: random.pick(COLOURS),
        price: random.int(300, 9900),
        available: random.int(0, 60),
        lead_days: random.int(1, 30),
        recyclable: random.chance(50),
      });
    }
  }
  const filters = [
    'category',
    'name~',
    'size',
    'price<=',
    'price>=',
    'rating>=',
    'supplier',
    'discontinued',
  ];
  find(kit, product, filters, { sort: 'name', hide: ['rating', 'weight'] });
  get(kit, product);
  listValues(kit, product, 'category');
  if (product.has('code')) getBy(kit, product, 'code');
  if (suppliers) find(kit, suppliers, ['sector', 'name~', 'lead_days<='], { sort: 'name' });
  if (suppliers) get(kit, suppliers, { extra: true });
  const goods = variant ?? product;
  if (variant) {
    find(kit, variant, ['size', 'colour', 'price<=', 'available>='], { sort: 'code' });
    children(kit, variant, 'product', { extra: true });
    get(kit, variant, { extra: true });
  }
  compare(kit, goods, 'price', 'available', 'size');
  count(kit, goods, ['category', 'size', 'price<=']);
  extreme(kit, goods, 'price', 'min', ['category', 'size']);
  const tool = update(kit, goods, ['price', 'available']);
  valueLimit(kit, tool, goods, 'price', random.int(90, 99) * 100);
  const columns = goods.cols('price', 'available');
  kit.affords({ kind: 'editable', table: goods.name, tool, columns });
  if (removable) {
    setFlag(kit, 'discontinue', product, 'discontinued', true);
    const action = { en: 'change a price', zh: '修改价格' };
    if (!variant) onlyIfFlag(kit, tool, product, 'discontinued', false, { action });
  }
  kit.affords({
    kind: 'selectable',
    table: goods.name,
    name: goods.col(variant ? 'code' : 'name'),
    cost: goods.col('price'),
    attributes: goods.cols(
      'size',
      'available',
      'rating',
      'weight',
      'lead_days',
      'recyclable',
      'discontinued',
    ),
    group: goods.col(variant ? 'colour' : 'category'),
  });
  kit.affords({
    kind: 'measure',
    table: goods.name,
    measure: goods.col('available'),
    filters: goods.cols('category', 'size', 'colour', 'discontinued'),
    time: null,
  });
  return kit.finish();
}
