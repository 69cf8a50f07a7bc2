// Requests of people that move through states, with messages, and visits where somebody has to come.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, int, ref, text, when } from '../columns.js';
import { timeAt } from '../dates.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { staffing } from '../parts/staffing.js';
import type { TableHandle } from '../table-handle.js';
import { children, count, find, get, searchText } from '../read-makers.js';
import { onlyWhere } from '../rule-makers.js';
import { create, postMessage, transition, update } from '../write-makers.js';

const TOPICS = ['billing', 'access', 'damage', 'delay', 'question'];
const PRIORITIES = ['low', 'normal', 'high', 'urgent'];

export const tickets: DomainModule = {
  id: 'tickets',
  offers: { event: 'ticket' },
  needs: ['person', 'device', 'thing'],
  axes: {
    waiting: ['none', 'waiting'],
    messages: ['none', 'table'],
    visits: ['none', 'table'],
    about: ['none', 'thing', 'device'],
    effort: ['none', 'minutes'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('tickets', context);
  const { random, clock } = kit;
  const people = partner(kit, 'person', 60);
  const things = kit.is('about', 'thing') ? kit.join('thing') : undefined;
  const devices = kit.is('about', 'device') ? kit.join('device') : undefined;
  const about = things ?? devices;
  const waiting = kit.is('waiting', 'waiting');
  const states = ['open', ...(waiting ? ['waiting'] : []), 'solved', 'closed'];
  const ticket = kit.table('ticket', [
    text('subject', { unique: true }),
    ref('requester', people),
    choice('topic', TOPICS),
    choice('priority', PRIORITIES),
    choice('status', states),
    datetime('opened'),
    ...when(kit.is('effort', 'minutes'), int('minutes')),
    ...(about ? [ref(things ? 'thing' : 'device', about)] : []),
  ]);
  const message = kit.is('messages', 'table')
    ? kit.table('message', [ref('ticket', ticket), text('body'), datetime('time')])
    : undefined;
  for (let i = 0; i < random.int(90, 140); i++) {
    const opened = -random.int(0, 40);
    const row = kit.add(ticket, {
      subject: kit.name('title'),
      requester: random.pick(people.keys()),
      topic: random.pick(TOPICS),
      priority: random.pick(PRIORITIES),
      status: random.pick(states),
      opened: timeAt(clock, opened - 1, random.int(7, 18), random.int(0, 59)),
      minutes: random.int(1, 40) * 5,
      [things ? 'thing' : 'device']: about ? random.pick(about.keys()) : null,
    });
    for (let n = message ? random.int(0, 3) : 0; n > 0; n--) {
      const time = timeAt(clock, Math.min(opened, -1), random.int(7, 18), random.int(0, 59));
      kit.add(message!, { ticket: ticket.key(row), body: kit.name('title'), time });
    }
  }
  const filters = [
    'status',
    'priority',
    'topic',
    'requester',
    'opened>=',
    'opened<=',
    'thing',
    'device',
  ];
  find(kit, ticket, filters, { sort: 'opened', hide: ['minutes', 'requester'] });
  get(kit, ticket);
  searchText(kit, ticket, ['subject'], ['subject', 'status'], { extra: true });
  count(kit, ticket, ['status', 'priority', 'topic']);
  create(kit, ticket, ['subject', 'requester', 'topic', 'priority', 'thing', 'device'], {
    status: 'open',
    opened: clock,
    minutes: 0,
  });
  if (message) {
    children(kit, message, 'ticket', { sort: 'time' });
    postMessage(kit, message, ['ticket', 'body'], 'time');
  }
  moves(kit, ticket, waiting);
  const edit = update(kit, ticket, ['priority', 'topic', 'minutes']);
  const action = { en: 'change a ticket', zh: '修改工单' };
  onlyWhere(kit, edit, ticket, 'status', states.slice(0, -1), { action });
  const columns = ticket.cols('priority', 'topic', 'minutes');
  kit.affords({ kind: 'editable', table: ticket.name, tool: edit, columns });
  if (ticket.has('minutes')) {
    kit.affords({
      kind: 'measure',
      table: ticket.name,
      measure: ticket.col('minutes'),
      filters: ticket.cols('status', 'priority', 'topic', 'requester'),
      time: ticket.col('opened'),
    });
  }
  if (kit.is('visits', 'table')) {
    const skills = ['electric', 'plumbing', 'network', 'carpentry'];
    staffing(kit, { worker: 'fitter', job: 'visit', skills, jobs: 46, rate: false });
  }
  return kit.finish();
}

function moves(kit: Kit, ticket: TableHandle, waiting: boolean): void {
  const active = waiting ? ['open', 'waiting'] : ['open'];
  const solve = transition(kit, 'solve', ticket, active, 'solved');
  const close = transition(kit, 'close', ticket, ['solved'], 'closed');
  const reopen = transition(kit, 'reopen', ticket, ['solved'], 'open');
  const made = [
    { from: active, to: 'solved', tool: solve },
    { from: ['solved'], to: 'closed', tool: close },
    { from: ['solved'], to: 'open', tool: reopen },
  ];
  if (waiting) {
    const tool = transition(kit, 'hold', ticket, ['open'], 'waiting');
    made.push({ from: ['open'], to: 'waiting', tool });
  }
  const action = { en: 'close a ticket', zh: '关闭工单' };
  onlyWhere(kit, close, ticket, 'priority', ['low', 'normal', 'high'], { action });
  kit.affords({ kind: 'workflow', table: ticket.name, column: ticket.col('status'), moves: made });
}
