// Devices in people's hands that work while their settings are right, and the links between them.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, int, named, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { Kit } from '../kit.js';
import { network } from '../parts/network.js';
import { partner } from '../parts/partners.js';
import { settingColumns, settingTools, settingValues, type Setting } from '../parts/settings.js';
import { children, count, find, get, getBy } from '../read-makers.js';
import { update } from '../write-makers.js';

const MODELS = ['router', 'scanner', 'terminal_unit', 'handset'];
const MODES: Setting = {
  meaning: 'mode_setting',
  values: ['auto', 'manual', 'safe'],
  good: 'auto',
  side: 'agent',
};
const POWER: Setting = { meaning: 'power_saver', good: false, side: 'user' };
const PLANE: Setting = { meaning: 'flight_mode', good: false, side: 'user' };
const DATA: Setting = { meaning: 'data_enabled', good: true, side: 'agent' };
const LOCK: Setting = { meaning: 'sim_locked', good: false, side: 'agent' };
const BAND: Setting = {
  meaning: 'band',
  values: ['low_band', 'mid_band', 'high_band'],
  good: 'mid_band',
  side: 'user',
};

export const devices: DomainModule = {
  id: 'devices',
  offers: { device: 'device' },
  needs: ['person', 'place'],
  axes: {
    settings: ['short', 'long', 'bands'],
    links: ['none', 'network'],
    serial: ['none', 'serial'],
    usage: ['none', 'hours'],
    warranty: ['none', 'date'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('devices', context);
  const { random, clock } = kit;
  const owners = partner(kit, 'person', 50);
  const settings = [
    DATA,
    PLANE,
    POWER,
    ...(kit.is('settings', 'short') ? [] : [MODES, LOCK]),
    ...(kit.is('settings', 'bands') ? [BAND] : []),
  ];
  const device = kit.table('device', [
    named(),
    ref('owner', owners),
    choice('model', MODELS),
    ...when(kit.is('serial', 'serial'), text('serial', { unique: true })),
    ...when(kit.is('usage', 'hours'), int('hours')),
    ...when(kit.is('warranty', 'date'), date('warranty')),
    int('firmware'),
    ...settingColumns(settings),
  ]);
  const size = kit.is('links', 'network') ? 34 : random.int(50, 80);
  for (let i = 0; i < size; i++) {
    const faults = random.chance(40) ? random.int(1, 3) : 0;
    kit.add(device, {
      name: kit.name('thing'),
      owner: owners.keys()[i % owners.rows.length]!,
      model: MODELS[i % MODELS.length]!,
      serial: random.token(9).toUpperCase(),
      hours: random.int(10, 9000),
      warranty: dateAt(clock, random.int(-300, 700)),
      firmware: random.int(1, 30),
      ...settingValues(kit, settings, faults),
    });
  }
  // What only the user can see, no tool of the agent shows.
  const omit = settings.filter(({ side }) => side === 'user').map(({ meaning }) => meaning);
  find(kit, device, ['owner', 'model', 'name~', 'firmware<=', 'hours>=', 'warranty<='], {
    sort: 'name',
    omit,
    hide: ['hours', 'warranty'],
  });
  get(kit, device, { omit });
  children(kit, device, 'owner', { extra: true, omit });
  if (device.has('serial')) getBy(kit, device, 'serial');
  count(kit, device, ['model', 'firmware<=']);
  settingTools(kit, device, 'owner', settings);
  const edit = update(kit, device, ['firmware', 'warranty']);
  kit.affords({
    kind: 'editable',
    table: device.name,
    tool: edit,
    columns: device.cols('firmware'),
  });
  if (device.has('hours')) {
    kit.affords({
      kind: 'measure',
      table: device.name,
      measure: device.col('hours'),
      filters: device.cols('model'),
      time: device.has('warranty') ? device.col('warranty') : null,
    });
  }
  if (kit.is('links', 'network')) {
    network(kit, device, { edge: 'link', cost: 'minutes', closures: true });
  }
  return kit.finish();
}
