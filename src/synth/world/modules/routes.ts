// Places and the lines between them, with costs by mode, and departures with seats where there are any.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, flag, int, money, named, ref, text, when } from '../columns.js';
import { timeAt } from '../dates.js';
import { Kit } from '../kit.js';
import { network } from '../parts/network.js';
import { compare, count, extreme, find, get } from '../read-makers.js';
import { onlyIfFlag, valueLimit } from '../rule-makers.js';
import { setFlag, update } from '../write-makers.js';

const REGIONS = ['coast', 'plain', 'hills', 'delta'];
const MODES = ['bus', 'train', 'boat'];

export const routes: DomainModule = {
  id: 'routes',
  offers: { place: 'stop' },
  needs: [],
  axes: {
    cost: ['minutes', 'fare', 'both'],
    modes: ['none', 'modes'],
    direction: ['both', 'one-way'],
    closures: ['none', 'flag'],
    departures: ['none', 'table'],
    shelter: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('routes', context);
  const { random, clock } = kit;
  const stop = kit.table(
    'stop',
    [named(), choice('region', REGIONS), ...when(kit.is('shelter', 'flag'), flag('covered'))],
    'place',
  );
  for (let i = 0; i < random.int(16, 24); i++) {
    kit.add(stop, {
      name: kit.name('place'),
      region: random.pick(REGIONS),
      covered: random.chance(50),
    });
  }
  const fare = kit.is('cost', 'fare');
  const closures = kit.is('closures', 'flag');
  const line = network(kit, stop, {
    edge: 'line',
    cost: fare ? 'fare' : 'minutes',
    ...(kit.is('cost', 'both') && { second: 'fare' as const }),
    ...(kit.is('modes', 'modes') && { modes: MODES }),
    closures,
    oneWay: kit.is('direction', 'one-way'),
  });
  const cost = fare ? 'fare' : 'minutes';
  find(kit, stop, ['region', 'name~', 'covered'], { sort: 'name' });
  get(kit, stop, { extra: true });
  get(kit, line, { extra: true });
  count(kit, line, ['from', 'to', 'mode', 'closed']);
  extreme(kit, line, cost, 'min', ['from', 'mode']);
  const edit = update(kit, line, [cost]);
  valueLimit(kit, edit, line, cost, fare ? 2400 : 90);
  kit.affords({ kind: 'editable', table: line.name, tool: edit, columns: line.cols(cost) });
  if (closures) {
    const action = { en: 'change a line', zh: '修改线路' };
    onlyIfFlag(kit, edit, line, 'closed', false, { action });
    setFlag(kit, 'close', line, 'closed', true);
    setFlag(kit, 'reopen', line, 'closed', false);
  }
  if (!kit.is('departures', 'table')) return kit.finish();
  const departure = kit.table('departure', [
    text('number', { unique: true }),
    ref('line', line),
    datetime('leaves'),
    money('fare'),
    int('seats'),
    choice('class', ['first', 'second', 'deck']),
    int('weight'),
    flag('refundable'),
    flag('meal'),
  ]);
  for (let i = 0; i < 130; i++) {
    kit.add(departure, {
      number: kit.unlike(() => `${random.token(2).toUpperCase()}${random.int(1000, 9999)}`),
      line: random.pick(line.keys()),
      leaves: timeAt(clock, random.int(0, 14), random.int(5, 22), random.pick([0, 10, 25, 40, 55])),
      fare: random.int(200, 4000),
      seats: random.int(0, 40),
      class: ['first', 'second', 'deck'][i % 3]!,
      weight: random.int(5, 40),
      refundable: random.chance(45),
      meal: random.chance(40),
    });
  }
  const filters = ['line', 'class', 'leaves>=', 'leaves<=', 'fare<=', 'seats>=', 'meal'];
  find(kit, departure, filters, { sort: 'leaves', hide: ['seats', 'meal'] });
  get(kit, departure);
  compare(kit, departure, 'fare', 'seats');
  kit.affords({
    kind: 'selectable',
    table: departure.name,
    name: departure.col('number'),
    cost: departure.col('fare'),
    attributes: departure.cols('seats', 'weight', 'refundable', 'meal'),
    group: departure.col('class'),
  });
  kit.affords({
    kind: 'measure',
    table: departure.name,
    measure: departure.col('fare'),
    filters: departure.cols('class', 'meal', 'line'),
    time: departure.col('leaves'),
  });
  return kit.finish();
}
