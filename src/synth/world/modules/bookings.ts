// Rooms and the like that people take for a span of time, with capacity, price and features.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, flag, int, money, named, ref, when } from '../columns.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { spans } from '../parts/spans.js';
import { compare, extreme, find, get, readField } from '../read-makers.js';
import { valueLimit } from '../rule-makers.js';
import { update } from '../write-makers.js';

const KINDS = ['single', 'double', 'family', 'open'];

export const bookings: DomainModule = {
  id: 'bookings',
  offers: { event: 'reservation' },
  needs: ['person', 'place'],
  axes: {
    capacity: ['one', 'many'],
    time: ['days', 'hours'],
    confirmation: ['none', 'requested'],
    features: ['access', 'quiet', 'both'],
    site: ['none', 'ref'],
    rating: ['none', 'rating'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('bookings', context);
  const { random } = kit;
  const owners = partner(kit, 'person', 60);
  const sites = kit.is('site', 'ref') ? partner(kit, 'place', 10) : undefined;
  const many = kit.is('capacity', 'many');
  const resource = kit.table(
    'resource',
    [
      named(),
      choice('kind', KINDS),
      money('price'),
      ...when(many, int('capacity')),
      int('floor'),
      ...when(!kit.is('features', 'quiet'), flag('step_free')),
      ...when(!kit.is('features', 'access'), flag('quiet')),
      ...when(kit.is('rating', 'rating'), int('rating')),
      ...(sites ? [ref('site', sites)] : []),
    ],
    'resource',
  );
  for (let i = 0; i < random.int(42, 64); i++) {
    kit.add(resource, {
      name: kit.name('thing'),
      kind: KINDS[i % KINDS.length]!,
      price: random.int(500, 8000),
      capacity: random.int(2, 4),
      floor: random.int(0, 9),
      step_free: random.chance(50),
      quiet: random.chance(45),
      rating: random.int(10, 50),
      site: sites ? random.pick(sites.keys()) : null,
    });
  }
  const filters = ['kind', 'name~', 'price<=', 'floor', 'step_free', 'quiet', 'rating>=', 'site'];
  find(kit, resource, filters, { sort: 'name', hide: ['floor', 'rating'] });
  get(kit, resource);
  compare(kit, resource, 'price', 'kind');
  extreme(kit, resource, 'price', 'min', ['kind', 'quiet', 'step_free']);
  readField(kit, resource, 'price');
  spans(kit, resource, owners, {
    booking: 'reservation',
    resourceColumn: 'resource',
    ownerColumn: 'holder',
    hours: kit.is('time', 'hours'),
    capacity: many,
    confirmation: kit.is('confirmation', 'requested'),
    count: 170,
  });
  const tool = update(kit, resource, ['price', 'rating'], { extra: true });
  valueLimit(kit, tool, resource, 'price', random.int(70, 80) * 100);
  kit.affords({
    kind: 'selectable',
    table: resource.name,
    name: resource.col('name'),
    cost: resource.col('price'),
    attributes: resource.cols('floor', 'capacity', 'step_free', 'quiet', 'rating'),
    group: resource.col('kind'),
  });
  return kit.finish();
}
