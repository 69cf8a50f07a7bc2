// Requests for money that approvers with limits decide on, and the audit log of who did what.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, datetime, int, money, named, ref, text, when } from '../columns.js';
import { timeAt } from '../dates.js';
import {
  absentOr,
  and,
  argument,
  constant,
  eq,
  field,
  isIn,
  le,
  not,
  or,
  rowOf,
} from '../exprs.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { children, count, extreme, find, get, keyParam } from '../read-makers.js';
import { assign, create, transition, update } from '../write-makers.js';

const KINDS = ['travel', 'purchase', 'repair', 'training'];
const ROLES = ['clerk', 'manager', 'director'];

export const approvals: DomainModule = {
  id: 'approvals',
  offers: { event: 'request' },
  needs: ['person'],
  axes: {
    steps: ['one', 'review'],
    audit: ['none', 'log'],
    payout: ['none', 'paid'],
    requester: ['text', 'ref'],
    urgency: ['none', 'level'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('approvals', context);
  const { random, clock } = kit;
  const people = kit.is('requester', 'ref') ? partner(kit, 'person', 50) : undefined;
  const [review, paid] = [kit.is('steps', 'review'), kit.is('payout', 'paid')];
  const approver = kit.table('approver', [named(), choice('role', ROLES), money('ceiling')]);
  for (let i = 0; i < 24; i++) {
    const role = ROLES[i % 3]!;
    const ceiling = (ROLES.indexOf(role) + 1) * random.int(8, 20) * 10_000;
    kit.add(approver, { name: kit.name('person'), role, ceiling });
  }
  const states = [
    'submitted',
    ...(review ? ['reviewed'] : []),
    'approved',
    'rejected',
    ...(paid ? ['paid'] : []),
  ];
  const request = kit.table('request', [
    text('title', { unique: true }),
    ...(people ? [ref('requester', people)] : []),
    choice('kind', KINDS),
    money('amount'),
    choice('status', states),
    ref('approver', approver, { nullable: true }),
    datetime('submitted'),
    datetime('decided', { nullable: true }),
    ...when(kit.is('urgency', 'level'), int('urgency')),
  ]);
  const log = kit.is('audit', 'log')
    ? kit.table('audit_entry', [
        ref('request', request),
        choice('action', ['viewed', 'commented', 'returned']),
        datetime('time'),
      ])
    : undefined;
  for (let i = 0; i < random.int(80, 120); i++) {
    const status = random.pick(states);
    const decided = ['approved', 'rejected', 'paid'].includes(status);
    const row = kit.add(request, {
      title: kit.name('title'),
      requester: people ? random.pick(people.keys()) : null,
      kind: random.pick(KINDS),
      amount: random.int(10, 600) * 1000,
      status,
      approver: decided || random.chance(40) ? random.pick(approver.keys()) : null,
      submitted: timeAt(clock, -random.int(8, 60), random.int(8, 18), random.int(0, 59)),
      decided: decided ? timeAt(clock, -random.int(1, 7), random.int(8, 18)) : null,
      urgency: random.int(1, 5),
    });
    for (let n = log ? random.int(0, 3) : 0; n > 0; n--) {
      kit.add(log!, {
        request: request.key(row),
        action: random.pick(['viewed', 'commented', 'returned']),
        time: timeAt(clock, -random.int(1, 8), random.int(8, 18), random.int(0, 59)),
      });
    }
  }
  const filters = [
    'status',
    'kind',
    'requester',
    'approver',
    'amount>=',
    'amount<=',
    'submitted>=',
    'urgency',
  ];
  find(kit, request, filters, { sort: 'submitted', hide: ['decided', 'urgency'] });
  get(kit, request);
  find(kit, approver, ['role', 'name~', 'ceiling>='], { sort: 'name' });
  get(kit, approver, { extra: true });
  count(kit, request, ['status', 'kind', 'approver']);
  extreme(kit, request, 'amount', 'max', ['status', 'kind']);
  create(kit, request, ['title', 'requester', 'kind', 'amount', 'urgency'], {
    status: 'submitted',
    submitted: clock,
  });
  if (log) children(kit, log, 'request', { sort: 'time' });
  const give = assign(kit, request, 'approver', approver);
  const edit = update(kit, request, ['amount', 'kind', 'urgency']);
  const columns = request.cols('amount', 'kind', 'urgency');
  kit.affords({ kind: 'editable', table: request.name, tool: edit, columns });
  const before = review ? ['reviewed'] : ['submitted'];
  const approve = transition(kit, 'approve', request, before, 'approved', { stamp: 'decided' });
  const open = review ? ['submitted', 'reviewed'] : ['submitted'];
  const reject = transition(kit, 'reject', request, open, 'rejected', { stamp: 'decided' });
  const moves = [
    { from: before, to: 'approved', tool: approve },
    { from: open, to: 'rejected', tool: reject },
  ];
  if (review) {
    moves.push({
      from: ['submitted'],
      to: 'reviewed',
      tool: transition(kit, 'review', request, ['submitted'], 'reviewed'),
    });
  }
  if (paid) {
    moves.push({
      from: ['approved'],
      to: 'paid',
      tool: transition(kit, 'pay', request, ['approved'], 'paid'),
    });
  }
  kit.affords({ kind: 'workflow', table: request.name, column: request.col('status'), moves });
  const row = rowOf(request.name, argument(keyParam(request)));
  const who = field(rowOf(approver.name, argument(keyParam(approver))), approver.col('role'));
  const limit = random.int(15, 40) * 10_000;
  const rule = kit.rule({
    code: 'approver_role',
    tools: [give],
    allows: or(le(field(row, request.col('amount')), constant(limit)), isIn(who, ['director'])),
    text: {
      en: `Requests above ${limit} may only be given to directors.`,
      zh: `超过${limit}的申请只能交给总监。`,
    },
  });
  kit.affords({
    kind: 'permission',
    accountTable: approver.name,
    role: approver.col('role'),
    rule,
  });
  const chosen = rowOf(approver.name, field(row, request.col('approver')));
  kit.rule({
    code: 'over_ceiling',
    tools: [approve],
    allows: le(field(row, request.col('amount')), field(chosen, approver.col('ceiling'))),
    text: {
      en: 'A request may be approved only if its approver has a ceiling of at least its amount.',
      zh: '只有审批人的上限不低于申请金额时，才能批准申请。',
    },
  });
  kit.rule({
    code: 'decided_already',
    tools: [edit],
    allows: and(
      isIn(field(row, request.col('status')), open),
      absentOr(
        request.col('amount'),
        or(
          not(eq(field(row, request.col('kind')), constant('travel'))),
          le(argument(request.col('amount')), constant(limit)),
        ),
      ),
    ),
    text: {
      en: `Decided requests may not be changed, and no travel request may be set above ${limit}.`,
      zh: `已决定的申请不得修改，差旅申请的金额不得设为高于${limit}。`,
    },
  });
  kit.affords({
    kind: 'measure',
    table: request.name,
    measure: request.col('amount'),
    filters: request.cols('status', 'kind', 'requester'),
    time: request.col('submitted'),
  });
  return kit.finish();
}
