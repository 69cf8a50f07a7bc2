// Events of a calendar with organisers and guests, and rooms for them where the environment has any.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, int, money, named, ref, text, when, flag } from '../columns.js';
import { timeAt } from '../dates.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { spans } from '../parts/spans.js';
import type { TableHandle } from '../table-handle.js';
import { children, count, find, get, history } from '../read-makers.js';
import { notice, onlyWhere } from '../rule-makers.js';
import { create, linking, transition, update } from '../write-makers.js';

const TOPICS = ['planning', 'review', 'training', 'visit', 'interview'];

export const calendar: DomainModule = {
  id: 'calendar',
  offers: { event: 'meeting' },
  needs: ['person', 'place'],
  axes: {
    guests: ['none', 'table'],
    rooms: ['none', 'table'],
    priority: ['none', 'level'],
    tentative: ['none', 'tentative'],
    seats: ['none', 'seats'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('calendar', context);
  const { random, clock } = kit;
  const people = partner(kit, 'person', 50);
  const tentative = kit.is('tentative', 'tentative');
  const states = [...(tentative ? ['tentative'] : []), 'confirmed', 'done', 'cancelled'];
  const meeting = kit.table('meeting', [
    text('title', { unique: true }),
    ref('organiser', people),
    choice('topic', TOPICS),
    datetime('starts'),
    int('minutes'),
    ...when(kit.is('seats', 'seats'), int('seats')),
    ...when(kit.is('priority', 'level'), choice('priority', ['low', 'normal', 'high'])),
    choice('status', states),
  ]);
  const guest = kit.is('guests', 'table')
    ? kit.table('guest', [ref('meeting', meeting), ref('person', people)])
    : undefined;
  for (let i = 0; i < random.int(80, 120); i++) {
    const row = kit.add(meeting, {
      title: kit.name('title'),
      organiser: random.pick(people.keys()),
      topic: random.pick(TOPICS),
      starts: timeAt(clock, random.int(-15, 30), random.int(8, 17), random.pick([0, 15, 30, 45])),
      minutes: random.int(1, 8) * 15,
      seats: random.int(2, 30),
      priority: random.pick(['low', 'normal', 'high']),
      status: random.pick(states),
    });
    for (const person of guest ? random.sample(people.keys(), random.int(0, 3)) : []) {
      kit.add(guest!, { meeting: meeting.key(row), person });
    }
  }
  const filters = [
    'organiser',
    'topic',
    'status',
    'title~',
    'starts>=',
    'starts<=',
    'priority',
    'seats>=',
  ];
  find(kit, meeting, filters, { sort: 'starts', hide: ['minutes', 'seats'] });
  get(kit, meeting);
  history(kit, meeting, 'organiser', 'starts');
  count(kit, meeting, ['topic', 'status', 'starts>=', 'starts<=']);
  const open = states.filter((state) => state === 'tentative' || state === 'confirmed');
  const cancel = transition(kit, 'cancel', meeting, open, 'cancelled');
  const done = transition(kit, 'close', meeting, ['confirmed'], 'done', { extra: !tentative });
  const moves = [{ from: open, to: 'cancelled', tool: cancel }];
  if (tentative) {
    const tool = transition(kit, 'confirm', meeting, ['tentative'], 'confirmed');
    moves.push({ from: ['tentative'], to: 'confirmed', tool });
    moves.push({ from: ['confirmed'], to: 'done', tool: done });
  }
  kit.affords({ kind: 'workflow', table: meeting.name, column: meeting.col('status'), moves });
  notice(kit, cancel, meeting, 'starts', random.int(1, 4), {
    en: 'cancel a meeting',
    zh: '取消会议',
  });
  const edit = update(kit, meeting, ['starts', 'minutes', 'priority', 'seats']);
  const action = { en: 'change a meeting', zh: '修改会议' };
  onlyWhere(kit, edit, meeting, 'status', open, { action });
  const columns = meeting.cols('minutes', 'priority', 'seats');
  kit.affords({ kind: 'editable', table: meeting.name, tool: edit, columns });
  create(kit, meeting, ['title', 'organiser', 'topic', 'starts', 'minutes', 'seats', 'priority'], {
    status: states[0]!,
  });
  if (guest) {
    children(kit, guest, 'meeting');
    children(kit, guest, 'person', { extra: true });
    const left = { meaning: 'meeting', table: meeting };
    linking(kit, guest, left, { meaning: 'person', table: people });
  }
  kit.affords({
    kind: 'measure',
    table: meeting.name,
    measure: meeting.col('minutes'),
    filters: meeting.cols('topic', 'status', 'priority', 'organiser'),
    time: meeting.col('starts'),
  });
  if (kit.is('rooms', 'table')) rooms(kit, people);
  return kit.finish();
}

function rooms(kit: Kit, people: TableHandle): void {
  const { random } = kit;
  const room = kit.table(
    'room',
    [named(), money('price'), int('seats'), flag('quiet')],
    'resource',
  );
  for (let i = 0; i < 24; i++) {
    kit.add(room, {
      name: kit.name('place'),
      price: random.int(10, 90) * 100,
      seats: random.int(4, 40),
      quiet: random.chance(40),
    });
  }
  find(kit, room, ['name~', 'price<=', 'seats>=', 'quiet'], { sort: 'name' });
  get(kit, room, { extra: true });
  spans(kit, room, people, {
    booking: 'room_hold',
    resourceColumn: 'room',
    ownerColumn: 'holder',
    hours: true,
    capacity: false,
    confirmation: false,
    count: 90,
  });
}
