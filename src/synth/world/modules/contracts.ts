// Agreements with organisations: values, states, and clauses whose numbers change from version to version.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, flag, int, money, ref, when } from '../columns.js';
import { and, argument, constant, field, isIn, le, or, rowOf, not, eq } from '../exprs.js';
import { Kit } from '../kit.js';
import { clauses } from '../parts/clauses.js';
import { partner } from '../parts/partners.js';
import { count, extreme, find, keyParam } from '../read-makers.js';
import { amountLimit } from '../rule-makers.js';
import { adjust, transition } from '../write-makers.js';

const TOPICS = [
  'payment_days',
  'penalty',
  'delivery_days',
  'guarantee',
  'renewal',
  'claims',
  'notice',
];
const KINDS = ['lease', 'supply', 'service', 'licence'];

export const contracts: DomainModule = {
  id: 'contracts',
  offers: { document: 'agreement' },
  needs: ['organisation', 'person'],
  axes: {
    party: ['organisation', 'person'],
    value: ['fixed', 'adjustable'],
    numbering: ['none', 'number'],
    signing: ['none', 'signed'],
    term: ['none', 'months'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('contracts', context);
  const { random } = kit;
  const parties = partner(kit, kit.is('party', 'person') ? 'person' : 'organisation', 24);
  const signing = kit.is('signing', 'signed');
  const states = [...(signing ? ['offered'] : []), 'running', 'terminated'];
  const { documents: table } = clauses(kit, {
    document: 'agreement',
    clause: 'term',
    topics: TOPICS,
    families: random.int(22, 30),
    inline: true,
    numbered: kit.is('numbering', 'number'),
    columns: [
      ref('party', parties),
      choice('kind', KINDS),
      money('value'),
      choice('status', states),
      flag('exclusive'),
      ...when(kit.is('term', 'months'), int('months')),
    ],
    values: (superseded) => ({
      party: random.pick(parties.keys()),
      kind: random.pick(KINDS),
      value: random.int(10, 900) * 1000,
      status: superseded ? 'terminated' : random.pick([...states.slice(0, -1), 'running']),
      exclusive: random.chance(35),
      months: random.int(1, 8) * 6,
    }),
  });
  const filters = ['party', 'kind', 'status', 'exclusive', 'value>=', 'value<=', 'title~'];
  find(kit, table, filters, { sort: 'issued', omit: ['body'], hide: ['supersedes', 'months'] });
  count(kit, table, ['kind', 'status', 'party']);
  extreme(kit, table, 'value', 'max', ['kind', 'status']);
  const end = transition(kit, 'terminate', table, ['running'], 'terminated');
  const moves = [{ from: ['running'], to: 'terminated', tool: end }];
  if (signing) {
    const tool = transition(kit, 'sign', table, ['offered'], 'running');
    moves.push({ from: ['offered'], to: 'running', tool });
  }
  const row = rowOf(table.name, argument(keyParam(table)));
  const limit = random.int(30, 60) * 10_000;
  kit.rule({
    code: 'exclusive_agreement',
    tools: [end],
    allows: and(
      or(
        not(eq(field(row, table.col('exclusive')), constant(true))),
        le(field(row, table.col('value')), constant(limit)),
      ),
      isIn(
        field(row, table.col('kind')),
        KINDS.filter((kind) => kind !== 'lease'),
      ),
    ),
    text: {
      en: `Leases may not be terminated, nor exclusive agreements worth more than ${limit}.`,
      zh: `租约不得终止，价值超过${limit}的独家协议也不得终止。`,
    },
  });
  kit.affords({ kind: 'workflow', table: table.name, column: table.col('status'), moves });
  if (kit.is('value', 'adjustable')) {
    const tool = adjust(kit, table, 'value', 2_000_000);
    amountLimit(kit, tool, 'change', random.int(20, 90) * 1000, {
      en: 'raise in value',
      zh: '增值',
    });
    kit.affords({ kind: 'balance', table: table.name, column: table.col('value'), tool });
  }
  kit.affords({
    kind: 'measure',
    table: table.name,
    measure: table.col('value'),
    filters: table.cols('party', 'kind', 'status', 'exclusive'),
    time: table.col('issued'),
  });
  return kit.finish();
}
