// People and how they are reached: contact data, tiers or points, addresses. Most other modules refer to
// them.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, named, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { inRange } from '../invariant-makers.js';
import { Kit } from '../kit.js';
import { count, find, get, getBy } from '../read-makers.js';
import { onlyIfFlag, onlyWhere } from '../rule-makers.js';
import { adjust, create, setFlag, update } from '../write-makers.js';

const AREAS = ['north', 'south', 'east', 'west', 'central'];
const TIERS = ['basic', 'silver', 'gold'];

export const people: DomainModule = {
  id: 'people',
  offers: { person: 'person' },
  needs: [],
  axes: {
    contact: ['none', 'email', 'phone', 'both'],
    standing: ['none', 'tier', 'points'],
    address: ['flat', 'table'],
    removal: ['none', 'flag'],
    birthday: ['none', 'date'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('people', context);
  const { random, clock } = kit;
  const nested = kit.is('address', 'table');
  const addresses = nested
    ? kit.table('address', [text('street', { unique: true }), choice('area', AREAS), int('floor')])
    : undefined;
  const [tier, points] = [kit.is('standing', 'tier'), kit.is('standing', 'points')];
  const removable = kit.is('removal', 'flag');
  const email = kit.is('contact', 'email') || kit.is('contact', 'both');
  const phone = kit.is('contact', 'phone') || kit.is('contact', 'both');
  const table = kit.table(
    'person',
    [
      named(),
      ...when(email, text('email', { unique: true })),
      ...when(phone, text('phone', { unique: true })),
      ...(addresses ? [ref('address', addresses)] : [choice('area', AREAS)]),
      ...when(tier, choice('tier', TIERS)),
      ...when(points, int('points')),
      ...when(kit.is('birthday', 'date'), date('born')),
      date('joined'),
      ...when(removable, flag('blocked')),
    ],
    'person',
  );
  for (let i = 0; i < random.int(70, 110); i++) {
    const address = addresses
      ? addresses.key(
          kit.add(addresses, {
            street: `${kit.name('place')} ${random.int(1, 99)}`,
            area: random.pick(AREAS),
            floor: random.int(0, 12),
          }),
        )
      : null;
    kit.add(table, {
      name: kit.name('person'),
      email: `${random.token(7)}@${random.token(5)}.example`,
      phone: kit.unlike(
        () => `+${random.int(10, 99)} ${random.int(100, 999)} ${random.int(10_000, 99_999)}`,
      ),
      address,
      area: random.pick(AREAS),
      tier: random.pick(TIERS),
      points: random.int(0, 900),
      born: dateAt(clock, -random.int(7000, 28000)),
      joined: dateAt(clock, -random.int(20, 2400)),
      blocked: random.chance(12),
    });
  }
  find(kit, table, ['name~', 'area', 'tier', 'address', 'joined>=', 'blocked'], {
    sort: 'name',
    hide: ['joined', 'born'],
  });
  get(kit, table);
  if (email) getBy(kit, table, 'email');
  if (phone) getBy(kit, table, 'phone');
  if (addresses) get(kit, addresses);
  if (addresses) find(kit, addresses, ['area', 'street~'], { extra: false });
  count(kit, table, ['tier', 'joined>=', 'joined<=']);
  const editable = ['email', 'phone', ...(tier ? ['tier'] : []), ...(nested ? [] : ['area'])];
  const tool = update(kit, table, editable);
  kit.affords({ kind: 'editable', table: table.name, tool, columns: table.cols(...editable) });
  const fresh = { tier: 'basic', points: 0, joined: clock.slice(0, 10), blocked: false };
  create(kit, table, ['name', 'email', 'phone', 'address', 'area', 'born'], fresh);
  if (points) {
    const change = adjust(kit, table, 'points', 1000);
    inRange(kit, table, 'points', 1000);
    kit.affords({ kind: 'balance', table: table.name, column: table.col('points'), tool: change });
  }
  if (removable) {
    setFlag(kit, 'block', table, 'blocked', true);
    const action = { en: 'change contact data', zh: '修改联系资料' };
    onlyIfFlag(kit, tool, table, 'blocked', false, { action });
  }
  if (tier) {
    const action = { en: 'change contact data', zh: '修改联系资料' };
    onlyWhere(kit, tool, table, 'tier', ['silver', 'gold'], { action });
  }
  if (points) {
    kit.affords({
      kind: 'measure',
      table: table.name,
      measure: table.col('points'),
      filters: table.cols('area', 'blocked'),
      time: table.col('joined'),
    });
  }
  return kit.finish();
}
