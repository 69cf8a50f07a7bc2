// Equipment that people borrow for some days, one at a time, against a deposit.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, flag, int, money, named, ref, when } from '../columns.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { spans } from '../parts/spans.js';
import { compare, count, find, get } from '../read-makers.js';
import { onlyIfFlag, valueLimit } from '../rule-makers.js';
import { setFlag, update } from '../write-makers.js';

const KINDS = ['camera', 'drill', 'projector', 'ladder', 'speaker'];

export const lending: DomainModule = {
  id: 'lending',
  offers: { thing: 'equipment', event: 'loan' },
  needs: ['person', 'place'],
  axes: {
    approval: ['none', 'requested'],
    condition: ['none', 'points', 'damaged'],
    kept: ['none', 'ref'],
    weight: ['none', 'weight'],
    training: ['none', 'flag'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('lending', context);
  const { random } = kit;
  const borrowers = partner(kit, 'person', 55);
  const sites = kit.is('kept', 'ref') ? partner(kit, 'place', 8) : undefined;
  const equipment = kit.table('equipment', [
    named(),
    choice('kind', KINDS),
    money('deposit'),
    ...when(kit.is('condition', 'points'), int('condition')),
    ...when(kit.is('condition', 'damaged'), flag('damaged')),
    ...when(kit.is('weight', 'weight'), int('weight')),
    ...when(kit.is('training', 'flag'), flag('needs_training')),
    flag('insured'),
    ...(sites ? [ref('site', sites)] : []),
  ]);
  for (let i = 0; i < random.int(55, 80); i++) {
    kit.add(equipment, {
      name: kit.name('thing'),
      kind: KINDS[i % KINDS.length]!,
      deposit: random.int(2000, 60_000),
      condition: random.int(1, 10),
      damaged: random.chance(12),
      weight: random.int(2, 60) * 100,
      needs_training: random.chance(35),
      insured: random.chance(50),
      site: sites ? random.pick(sites.keys()) : null,
    });
  }
  const filters = [
    'kind',
    'name~',
    'deposit<=',
    'insured',
    'damaged',
    'condition>=',
    'weight<=',
    'site',
  ];
  find(kit, equipment, filters, { sort: 'name', hide: ['weight', 'condition', 'needs_training'] });
  get(kit, equipment);
  compare(kit, equipment, 'deposit', 'kind');
  count(kit, equipment, ['kind', 'insured', 'damaged']);
  spans(kit, equipment, borrowers, {
    booking: 'loan',
    resourceColumn: 'equipment',
    ownerColumn: 'borrower',
    hours: false,
    capacity: false,
    confirmation: kit.is('approval', 'requested'),
    count: 150,
  });
  const edit = update(kit, equipment, ['deposit', 'insured', 'condition']);
  valueLimit(kit, edit, equipment, 'deposit', random.int(80, 110) * 500);
  const columns = equipment.cols('deposit', 'insured', 'condition');
  kit.affords({ kind: 'editable', table: equipment.name, tool: edit, columns });
  if (equipment.has('damaged')) {
    setFlag(kit, 'report_damage_of', equipment, 'damaged', true);
    const action = { en: 'change equipment', zh: '修改器材资料' };
    onlyIfFlag(kit, edit, equipment, 'damaged', false, { action });
  }
  kit.affords({
    kind: 'selectable',
    table: equipment.name,
    name: equipment.col('name'),
    cost: equipment.col('deposit'),
    attributes: equipment.cols('insured', 'condition', 'weight', 'needs_training', 'damaged'),
    group: equipment.col('kind'),
  });
  return kit.finish();
}
