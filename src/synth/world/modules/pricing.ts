// Tariffs to choose among, and discounts with conditions that begin, run and end.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, money, named, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { compare, count, extreme, find, get, getBy } from '../read-makers.js';
import { onlyIfFlag, valueLimit } from '../rule-makers.js';
import { create, transition, update } from '../write-makers.js';

const SEGMENTS = ['private', 'business', 'public'];
const ZONES = ['north', 'south', 'east', 'west', 'central'];

export const pricing: DomainModule = {
  id: 'pricing',
  offers: {},
  needs: ['organisation'],
  axes: {
    zone: ['none', 'zone'],
    provider: ['none', 'ref'],
    terms: ['minimum', 'notice', 'both'],
    stacking: ['none', 'flag'],
    drafts: ['none', 'draft'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('pricing', context);
  const { random, clock } = kit;
  const providers = kit.is('provider', 'ref') ? partner(kit, 'organisation', 12) : undefined;
  const [drafts, stacking] = [kit.is('drafts', 'draft'), kit.is('stacking', 'flag')];
  const tariff = kit.table('tariff', [
    named(),
    choice('segment', SEGMENTS),
    money('fee'),
    ...when(kit.is('zone', 'zone'), choice('zone', ZONES)),
    ...when(!kit.is('terms', 'notice'), int('minimum')),
    ...when(!kit.is('terms', 'minimum'), int('notice_days')),
    flag('refundable'),
    ...(providers ? [ref('provider', providers)] : []),
  ]);
  for (let i = 0; i < random.int(60, 110); i++) {
    kit.add(tariff, {
      name: kit.name('title'),
      segment: SEGMENTS[i % SEGMENTS.length]!,
      fee: random.int(200, 4500),
      zone: random.pick(ZONES),
      minimum: random.int(1, 12),
      notice_days: random.int(0, 45),
      refundable: random.chance(40),
      provider: providers ? random.pick(providers.keys()) : null,
    });
  }
  const states = [...(drafts ? ['draft'] : []), 'active', 'ended'];
  const discount = kit.table('discount', [
    text('code', { unique: true }),
    choice('segment', SEGMENTS),
    int('percent'),
    money('threshold'),
    date('starts'),
    choice('status', states),
    ...when(stacking, flag('stackable')),
  ]);
  for (let i = 0; i < 48; i++) {
    kit.add(discount, {
      code: random.token(6).toUpperCase(),
      segment: random.pick(SEGMENTS),
      percent: random.int(1, 8) * 5,
      threshold: random.int(1, 50) * 500,
      starts: dateAt(clock, random.int(-90, 90)),
      status: random.pick(states),
      stackable: random.chance(40),
    });
  }
  const filters = [
    'segment',
    'name~',
    'zone',
    'fee<=',
    'refundable',
    'minimum<=',
    'notice_days<=',
    'provider',
  ];
  find(kit, tariff, filters, { sort: 'name', hide: ['minimum', 'notice_days'] });
  get(kit, tariff);
  compare(kit, tariff, 'fee', 'segment');
  count(kit, tariff, ['segment', 'zone', 'refundable']);
  extreme(kit, tariff, 'fee', 'min', ['segment', 'zone']);
  find(kit, discount, ['segment', 'status', 'percent>=', 'stackable'], { sort: 'code' });
  getBy(kit, discount, 'code');
  get(kit, discount, { extra: true });
  create(kit, discount, ['code', 'segment', 'percent', 'threshold', 'starts'], {
    status: states[0]!,
    stackable: false,
  });
  const end = transition(kit, 'end', discount, ['active'], 'ended');
  const moves = [{ from: ['active'], to: 'ended', tool: end }];
  if (drafts) {
    const tool = transition(kit, 'activate', discount, ['draft'], 'active');
    moves.push({ from: ['draft'], to: 'active', tool });
  }
  const edit = update(kit, discount, ['percent', 'threshold']);
  valueLimit(kit, edit, discount, 'percent', random.int(4, 7) * 5);
  if (stacking) {
    const action = { en: 'change a discount', zh: '修改折扣' };
    onlyIfFlag(kit, edit, discount, 'stackable', false, { action });
  }
  const columns = discount.cols('percent', 'threshold');
  kit.affords({ kind: 'editable', table: discount.name, tool: edit, columns });
  kit.affords({ kind: 'workflow', table: discount.name, column: discount.col('status'), moves });
  kit.affords({
    kind: 'selectable',
    table: tariff.name,
    name: tariff.col('name'),
    cost: tariff.col('fee'),
    attributes: tariff.cols('refundable', 'minimum', 'notice_days', 'zone'),
    group: tariff.col('segment'),
  });
  kit.affords({
    kind: 'measure',
    table: discount.name,
    measure: discount.col('threshold'),
    filters: discount.cols('segment', 'status', 'stackable'),
    time: discount.col('starts'),
  });
  return kit.finish();
}
