// A small corpus made by hand: one environment (customers, products, orders, routers) and as many
// tasks as asked for, of four kinds: submit, change, tell, diagnose with a user. Private parts carry
// MARKER, so that a test can look for it where it must not be.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from '../../src/synth/canonical.js';
import { CorpusWriter, type TaskPair } from '../../src/synth/corpus-writer.js';
import { loadEnvironment } from '../../src/synth/load-environment.js';
import { replay } from '../../src/synth/replay.js';
import type { PrivateTask, PublicTask, SolutionPlan } from '../../src/synth/task-types.js';
import { parametersOf } from '../../src/synth/tools/parameters.js';
import { Session, type LoadedEnvironment } from '../../src/synth/tools/session.js';
import type {
  Column,
  Environment,
  Expr,
  Json,
  JsonObject,
  Row,
  TableSpec,
  ToolImpl,
  ToolSpec,
} from '../../src/synth/world-types.js';

export const MARKER = 'zq-private-marker-qz';
export const ENV_ID = 'catalogue+orders+devices/fixture-0001';

const label = (text: string) => ({ en: text, zh: `${text}（中）` });
const column = (name: string, type: Column['type'], more: Partial<Column> = {}): Column => ({
  name,
  type,
  meaning: name,
  label: label(name),
  ...more,
});
const table = (name: string, columns: readonly Column[]): TableSpec => ({
  name,
  meaning: name,
  module: 'fixture',
  label: label(name),
  key: 'id',
  columns: [column('id', 'id'), ...columns],
  visible: true,
});

const CATEGORIES = ['lamp', 'rope', 'buoy', 'net'];
const TABLES: readonly TableSpec[] = [
  table('customer', [column('name', 'text'), column('city', 'text')]),
  table('product', [
    column('name', 'text'),
    column('category', 'enum', { values: CATEGORIES }),
    column('price', 'money'),
  ]),
  table('purchase', [
    column('customer', 'ref', { references: 'customer' }),
    column('product', 'ref', { references: 'product' }),
    column('amount', 'int'),
    column('status', 'enum', { values: ['open', 'sent', 'cancelled'] }),
  ]),
  table('router', [
    column('customer', 'ref', { references: 'customer' }),
    column('power', 'bool'),
    column('channel', 'int', { hidden: true }),
  ]),
];

export const NUM_PURCHASES = 120;

function rowsOf(): Record<string, Row[]> {
  const id = (prefix: string, i: number) =>
    `${prefix}-${contentHash(['fixture', prefix, i]).slice(0, 8)}`;
  const customers = Array.from({ length: 20 }, (_, i) => ({
    id: id('cu', i),
    name: `Customer ${'ABCDEFGHIJKLMNOPQRST'[i]}`,
    city: ['Oslo', 'Porto', 'Busan'][i % 3]!,
  }));
  const products = Array.from({ length: 40 }, (_, i) => ({
    id: id('pr', i),
    name: `Product ${i + 1}`,
    category: CATEGORIES[i % 4]!,
    price: 1000 + ((i * 737) % 4001),
  }));
  const purchases = Array.from({ length: NUM_PURCHASES }, (_, i) => ({
    id: id('pu', i),
    customer: customers[i % 20]!.id,
    product: products[(i * 7) % 40]!.id,
    amount: 1 + (i % 5),
    status: i % 2 === 0 ? 'open' : 'sent',
  }));
  const routers = customers.map((customer, i) => ({
    id: id('ro', i),
    customer: customer.id,
    power: false,
    channel: i,
  }));
  return { customer: customers, product: products, purchase: purchases, router: routers };
}

const at = (of: string, name: string): Expr => ({ op: 'field', of: { op: 'var', name: of }, name });

const IMPLS: readonly [name: string, side: ToolSpec['side'], impl: ToolImpl][] = [
  [
    'get_product',
    'agent',
    {
      archetype: 'get',
      table: 'product',
      param: 'product_id',
      returns: ['id', 'name', 'category', 'price'],
    },
  ],
  [
    'find_products',
    'agent',
    {
      archetype: 'find',
      table: 'product',
      filters: [{ param: 'category', column: 'category', op: 'eq', required: false }],
      returns: ['id', 'name', 'price'],
      sort: 'name',
      pageSize: 5,
    },
  ],
  [
    'get_purchase',
    'agent',
    {
      archetype: 'get',
      table: 'purchase',
      param: 'purchase_id',
      returns: ['id', 'customer', 'product', 'amount', 'status'],
    },
  ],
  [
    'count_purchases',
    'agent',
    {
      archetype: 'count',
      table: 'purchase',
      filters: [{ param: 'status', column: 'status', op: 'eq', required: false }],
    },
  ],
  [
    'cancel_purchase',
    'agent',
    {
      archetype: 'transition',
      table: 'purchase',
      param: 'purchase_id',
      column: 'status',
      from: ['open'],
      to: 'cancelled',
      stampColumn: null,
    },
  ],
  [
    'get_router',
    'agent',
    { archetype: 'get', table: 'router', param: 'router_id', returns: ['id', 'customer'] },
  ],
  [
    'switch_router',
    'user',
    { archetype: 'toggle-setting', table: 'router', param: 'router_id', column: 'power' },
  ],
  [
    'router_light',
    'user',
    {
      archetype: 'probe',
      table: 'router',
      param: 'router_id',
      works: at('row', 'power'),
      ok: 'green',
      broken: 'dark',
    },
  ],
  ['note', 'agent', { archetype: 'note-write' }],
  ['calculate', 'agent', { archetype: 'calculate' }],
  ['hand_in', 'agent', { archetype: 'submit', schemaParam: 'result' }],
  // More than one page of tools.
  ...Array.from({ length: 14 }, (_, i): [string, 'agent', ToolImpl] => [
    `count_${i}`,
    'agent',
    { archetype: 'count', table: 'customer', filters: [] },
  ]),
];

/** @param number changes names only, to have many environments of one kind */
export function fixtureEnvironment(number = 1): Environment {
  const tools = IMPLS.map(([name, side, impl]): ToolSpec => {
    const effect = ['transition', 'toggle-setting'].includes(impl.archetype)
      ? 'write'
      : ['note-write', 'calculate', 'submit'].includes(impl.archetype)
        ? 'generic'
        : 'read';
    const description = { en: `Does ${name}.`, zh: `执行 ${name}。` };
    const parameters = parametersOf(impl, { tables: TABLES });
    return { name, description, parameters, effect, impl, errorCodes: [], side };
  });
  return {
    id: ENV_ID.replace('0001', String(number).padStart(4, '0')),
    version: '1.0.0',
    generator: { name: 'fixture', version: '1', seed: number },
    modules: ['catalogue', 'orders', 'devices'],
    theme: 'fixture',
    fingerprint: `fixture-${number}`,
    clock: '2025-12-01T09:00',
    tables: TABLES,
    tools,
    rules: [],
    invariants: [],
    affordances: [],
    policy: { en: 'Cancel open purchases only.', zh: '只能取消未发货的订单。' },
    limits: { maxTurns: 30, maxToolCalls: 60, wallMs: 60_000 },
    license: 'MIT',
    rows: rowsOf(),
  };
}

/** Task number `i` with everything that belongs to it. */
export function fixtureTask(i: number, loaded: LoadedEnvironment): TaskPair {
  const { env } = loaded;
  const draft = [selection, cancellation, telling, diagnosis][i % 4]!(i, loaded);
  const { solution, ...privateRest } = draft.secret;
  const session = new Session(loaded, []);
  const { problems } = replay(solution, session);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const verifier = {
    ...privateRest.verifier,
    ...(draft.checksState && { expectedStateHash: session.db.stateHash() }),
  };
  const language = i % 3 === 2 ? 'zh' : 'en';
  const content = { ...draft.content, language };
  const hash = contentHash([i, content] as unknown as Json);
  const taskId = `${env.id}#${i}`;
  const task: PublicTask = {
    taskId,
    key: `${env.id.split('/')[1]}.${i}`,
    hash,
    envId: env.id,
    envVersion: env.version,
    split: i % 10 === 0 ? 'test' : 'train',
    skeleton: `fixture-${i % 4}`,
    language,
    patch: [],
    difficulty: {
      minCalls: solution.steps.length,
      tablesTouched: 1,
      writes: draft.checksState ? 1 : 0,
      constraints: 1,
      solutions: 1,
      candidatesLog10: 1,
      solverNodes: 1,
      ladder: {},
      level: 1,
    },
    ...draft.content,
  };
  const ir: JsonObject = { marker: MARKER };
  const secret: PrivateTask = { taskId, hash, ir, verifier, solution, alternatives: [] };
  return { task, private: secret };
}

interface Draft {
  readonly content: Pick<PublicTask, 'family' | 'request' | 'submissionSchema' | 'user'>;
  readonly secret: Pick<PrivateTask, 'verifier' | 'solution'>;
  readonly checksState?: boolean;
}

function selection(i: number, { base }: LoadedEnvironment): Draft {
  const category = CATEGORIES[(i >> 2) % 4]!;
  const answer = [...base.table('product').values()]
    .filter((row) => row['category'] === category)
    .toSorted((a, b) => (a['price'] as number) - (b['price'] as number))[0]!;
  const id = String(answer['id']);
  const page = (number: number) => ({
    tool: 'find_products',
    arguments: {
      category: { literal: category },
      ...(number > 1 && { page: { literal: number } }),
    },
    bind: `r${number}`,
  });
  return {
    content: {
      family: 'selection',
      request: `Hand in the id of the cheapest product of the category ${category} (request ${i}).`,
      submissionSchema: { type: 'object', properties: { id: { type: 'string' } } },
    },
    secret: {
      verifier: {
        submissionChecks: [
          {
            id: 'cheapest',
            expr: { op: '=', left: at('submission', 'id'), right: { op: 'const', value: id } },
          },
          {
            id: 'marked',
            expr: { op: '!=', left: at('submission', 'id'), right: { op: 'const', value: MARKER } },
          },
        ],
      },
      solution: {
        steps: [
          page(1),
          page(2),
          { tool: 'hand_in', arguments: { result: { derived: { id }, using: ['r1', 'r2'] } } },
        ],
        submission: { id },
      },
    },
  };
}

function cancellation(i: number, { base }: LoadedEnvironment): Draft {
  const open = [...base.table('purchase').values()].filter((row) => row['status'] === 'open');
  const id = String(open[i % open.length]!['id']);
  const solution: SolutionPlan = {
    steps: [
      { tool: 'get_purchase', arguments: { purchase_id: { literal: id } }, bind: 'r1' },
      { tool: 'cancel_purchase', arguments: { purchase_id: { from: 'r1', path: ['id'] } } },
    ],
    message: 'Done.',
  };
  return {
    content: { family: 'policy-edit', request: `Cancel the purchase ${id} (request ${i}).` },
    secret: { verifier: {}, solution },
    checksState: true,
  };
}

function telling(i: number, { base }: LoadedEnvironment): Draft {
  const open = [...base.table('purchase').values()].filter((row) => row['status'] === 'open');
  const message = `There are ${open.length} open purchases ${MARKER}.`;
  return {
    content: { family: 'aggregate', request: `How many purchases are open? (request ${i})` },
    secret: {
      verifier: { communicate: [`${open.length} open purchases ${MARKER}`] },
      solution: {
        steps: [
          { tool: 'count_purchases', arguments: { status: { literal: 'open' } }, bind: 'r1' },
        ],
        message,
      },
    },
  };
}

function diagnosis(i: number, { base }: LoadedEnvironment): Draft {
  const routers = [...base.table('router').keys()];
  const id = routers[i % routers.length]!;
  return {
    content: {
      family: 'diagnosis',
      request: `My router ${id} shows no light (request ${i}).`,
      user: {
        opening: 'My router is dark.',
        facts: [
          {
            id: 'place',
            ask: { en: 'In which room is the router?', zh: '路由器在哪个房间？' },
            answer: `It stands in room ${i}-hidden-until-asked.`,
          },
        ],
        tools: ['switch_router', 'router_light'],
      },
    },
    secret: {
      verifier: {
        stateChecks: [
          {
            id: 'on',
            expr: {
              op: 'field',
              of: { op: 'row', db: 'after', table: 'router', key: { op: 'const', value: id } },
              name: 'power',
            },
          },
        ],
      },
      solution: {
        steps: [
          { tool: 'get_router', arguments: { router_id: { literal: id } }, bind: 'r1' },
          { tool: 'switch_router', arguments: { router_id: { from: 'r1', path: ['id'] } } },
        ],
        message: 'Switched on.',
      },
    },
  };
}

export interface CorpusFixture {
  readonly folder: string;
  readonly pairs: readonly TaskPair[];
}

/** Writes it to a temporary folder; tasks are spread over the environments and two shards. */
export function writeFixtureCorpus({ numTasks = 8, numEnvironments = 1 } = {}): CorpusFixture {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-synth-'));
  const writer = new CorpusWriter(folder);
  const loaded = Array.from({ length: numEnvironments }, (_, i) => fixtureEnvironment(i + 1)).map(
    (env) => (writer.writeEnvironment(env), loadEnvironment(env)),
  );
  const pairs = Array.from({ length: numTasks }, (_, i) =>
    fixtureTask(i, loaded[i % numEnvironments]!),
  );
  const half = Math.ceil(numTasks / 2);
  writer.writeTasks('0000', pairs.slice(0, half));
  writer.writeTasks('0001', pairs.slice(half));
  writer.finish();
  return { folder, pairs };
}
