// Sensors at places and their readings over time; sensors may have settings of their own.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, flag, int, named, ref, when } from '../columns.js';
import { timeAt } from '../dates.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { settingColumns, settingTools, settingValues, type Setting } from '../parts/settings.js';
import { children, count, extreme, find, get, history } from '../read-makers.js';
import { valueLimit } from '../rule-makers.js';
import { setFlag, update } from '../write-makers.js';

const KINDS = ['temperature', 'humidity', 'pressure', 'flow'];
const SETTINGS: readonly Setting[] = [
  { meaning: 'calibrated', good: true, side: 'agent' },
  { meaning: 'logging', good: true, side: 'agent' },
  { meaning: 'cover_open', good: false, side: 'user' },
  { meaning: 'gain', values: ['weak', 'normal_gain', 'strong'], good: 'normal_gain', side: 'user' },
];

export const measurements: DomainModule = {
  id: 'measurements',
  offers: { device: 'sensor' },
  needs: ['place'],
  axes: {
    settings: ['none', 'settings'],
    flagging: ['none', 'flag'],
    threshold: ['none', 'one', 'both'],
    site: ['zone', 'ref'],
    quality: ['none', 'class'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('measurements', context);
  const { random, clock } = kit;
  const settings = kit.is('settings', 'settings') ? SETTINGS : [];
  // Sensors with settings are looked after at a place.
  const placed = kit.is('site', 'ref') || settings.length > 0;
  const sites = placed ? partner(kit, 'place', 12) : undefined;
  const sensor = kit.table('sensor', [
    named(),
    choice('kind', KINDS),
    ...(sites ? [ref('site', sites)] : [choice('zone', ['north', 'south', 'east', 'west'])]),
    int('interval'),
    ...when(!kit.is('threshold', 'none'), int('upper')),
    ...when(kit.is('threshold', 'both'), int('lower')),
    ...when(kit.is('quality', 'class'), choice('accuracy', ['coarse', 'fine', 'reference'])),
    ...settingColumns(settings),
  ]);
  const reading = kit.table('reading', [
    ref('sensor', sensor),
    datetime('time'),
    int('value'),
    ...when(kit.is('flagging', 'flag'), flag('flagged')),
  ]);
  for (let i = 0; i < random.int(28, 36); i++) {
    const base = random.int(100, 600);
    const row = kit.add(sensor, {
      name: kit.name('thing'),
      kind: KINDS[i % KINDS.length]!,
      site: sites ? random.pick(sites.keys()) : null,
      zone: random.pick(['north', 'south', 'east', 'west']),
      interval: random.int(1, 12) * 5,
      upper: base + 120,
      lower: base - 80,
      accuracy: random.pick(['coarse', 'fine', 'reference']),
      ...settingValues(kit, settings, random.chance(40) ? random.int(1, 2) : 0),
    });
    for (let n = 0; n < random.int(5, 9); n++) {
      kit.add(reading, {
        sensor: sensor.key(row),
        time: timeAt(clock, -random.int(0, 20) - 1, random.int(0, 23), random.int(0, 59)),
        value: base + random.int(-110, 160),
        flagged: random.chance(8),
      });
    }
  }
  const omit = settings.filter(({ side }) => side === 'user').map(({ meaning }) => meaning);
  find(kit, sensor, ['kind', 'site', 'zone', 'name~', 'accuracy', 'upper>='], {
    sort: 'name',
    omit,
  });
  get(kit, sensor, { extra: settings.length === 0, omit });
  const filters = ['sensor', 'time>=', 'time<=', 'value>=', 'value<=', 'flagged'];
  find(kit, reading, filters, { sort: 'time' });
  children(kit, reading, 'sensor', { extra: true, sort: 'time' });
  history(kit, reading, 'sensor', 'time');
  count(kit, reading, filters);
  extreme(kit, reading, 'value', 'max', ['sensor', 'time>=', 'time<=']);
  const edit = update(kit, sensor, ['interval', 'upper', 'lower', 'accuracy']);
  valueLimit(kit, edit, sensor, 'interval', random.int(8, 12) * 5);
  const columns = sensor.cols('interval', 'upper', 'lower', 'accuracy');
  kit.affords({ kind: 'editable', table: sensor.name, tool: edit, columns });
  if (reading.has('flagged')) {
    setFlag(kit, 'flag', reading, 'flagged', true);
    setFlag(kit, 'unflag', reading, 'flagged', false);
  }
  if (settings.length > 0) settingTools(kit, sensor, 'site', settings);
  kit.affords({
    kind: 'measure',
    table: reading.name,
    measure: reading.col('value'),
    filters: reading.cols('sensor', 'flagged'),
    time: reading.col('time'),
  });
  return kit.finish();
}
