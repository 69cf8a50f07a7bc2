// A small harbour for tests of families: two kinds of things to choose from, piers they belong to,
// documents in versions, and moorings to count. Written by hand so that family tests rest on affordances
// alone and on no module.

import { Random } from '../random.js';
import { parametersOf } from '../tools/parameters.js';
import type {
  Bilingual,
  Column,
  ColumnType,
  Environment,
  Row,
  TableSpec,
  ToolImpl,
  ToolSpec,
} from '../world-types.js';

type Extra = Partial<Omit<Column, 'name' | 'type' | 'label'>>;

function column(name: string, type: ColumnType, zh: string, extra: Extra = {}): Column {
  return { name, type, meaning: name, label: { en: name.replaceAll('_', ' '), zh }, ...extra };
}

function labels(values: Readonly<Record<string, string>>): Extra {
  const valueLabels = Object.fromEntries(
    Object.entries(values).map(([en, zh]): [string, Bilingual] => [en, { en, zh }]),
  );
  return { values: Object.keys(values), valueLabels };
}

function table(name: string, zh: string, columns: readonly Column[]): TableSpec {
  const key = column('id', 'id', '编号', { unique: true });
  const label = { en: name.replaceAll('_', ' '), zh };
  return {
    name,
    meaning: name,
    module: 'harbour',
    label,
    key: 'id',
    columns: [key, ...columns],
    visible: true,
  };
}

const SIZES = labels({ small: '小型', medium: '中型', large: '大型' });
const REGIONS = labels({ north: '北区', south: '南区', east: '东区' });
const SKILLS = labels({ towing: '拖带', diving: '潜水', repair: '维修', survey: '勘测' });
const TOPICS = labels({ noise: '噪音', visitors: '访客', weight: '重量', hours: '时长' });

const TABLES: readonly TableSpec[] = [
  table('pier', '码头', [
    column('name', 'text', '名称'),
    column('region', 'enum', '区域', REGIONS),
    column('staff_count', 'int', '人员数'),
  ]),
  table('berth', '泊位', [
    column('name', 'text', '名称'),
    column('price', 'money', '价格'),
    column('size', 'enum', '规格', SIZES),
    column('depth', 'int', '水深'),
    column('lit', 'bool', '有照明'),
    column('pier', 'ref', '所在码头', { references: 'pier' }),
  ]),
  table('crew', '班组', [
    column('name', 'text', '名称'),
    column('fee', 'money', '费用'),
    column('skill', 'enum', '技能', SKILLS),
    column('rating', 'int', '评分'),
    column('since', 'date', '成立日期'),
  ]),
  table('rulebook', '规章', [
    column('title', 'text', '标题'),
    column('body', 'text', '正文'),
    column('issued', 'date', '发布日期'),
    column('supersedes', 'ref', '取代', { references: 'rulebook', nullable: true }),
  ]),
  table('clause', '条款', [
    column('rulebook', 'ref', '所属规章', { references: 'rulebook' }),
    column('topic', 'enum', '主题', TOPICS),
    column('limit', 'int', '上限'),
  ]),
  table('mooring', '停靠', [
    column('berth', 'ref', '泊位', { references: 'berth' }),
    column('tonnage', 'int', '吨位'),
    column('status', 'enum', '状态', labels({ planned: '计划中', done: '已完成', void: '作废' })),
    column('day', 'date', '日期'),
  ]),
];

function rowsOf(random: Random): Readonly<Record<string, Row[]>> {
  const id = (prefix: string): string => `${prefix}-${random.token(6)}`;
  const name = (prefix: string): string => `${prefix} ${random.token(5)}`;
  const day = (): string => `202${random.int(0, 5)}-0${random.int(1, 9)}-${random.int(10, 28)}`;
  const many = (count: number, make: (i: number) => Row): Row[] =>
    Array.from({ length: count }, (_, i) => make(i));
  const pick = (extra: Extra): string => random.pick(extra.values!);
  const pier = many(9, () => ({
    id: id('pi'),
    name: name('Pier'),
    region: pick(REGIONS),
    staff_count: random.int(2, 40),
  }));
  const berth = many(64, () => ({
    id: id('be'),
    name: name('Berth'),
    price: random.int(30, 990) * 10,
    size: pick(SIZES),
    depth: random.int(3, 20),
    lit: random.chance(50),
    pier: random.pick(pier).id as string,
  }));
  const crew = many(48, () => ({
    id: id('cr'),
    name: name('Crew'),
    fee: random.int(30, 990) * 10,
    skill: pick(SKILLS),
    rating: random.int(1, 50),
    since: day(),
  }));
  const rulebook: Row[] = [];
  const clause: Row[] = [];
  for (let family = 0; family < 12; family++) {
    const title = name('Rules');
    let supersedes: string | null = null;
    for (let version = 0; version < random.int(2, 3); version++) {
      const key = id('ru');
      rulebook.push({
        id: key,
        title,
        body: 'On harbour matters.',
        issued: `202${version}-0${random.int(1, 9)}-15`,
        supersedes,
      });
      for (const topic of random.sample(TOPICS.values!, 3)) {
        clause.push({ id: id('cl'), rulebook: key, topic, limit: random.int(2, 90) });
      }
      supersedes = key;
    }
  }
  const mooring = many(90, () => ({
    id: id('mo'),
    berth: random.pick(berth).id as string,
    tonnage: random.int(100, 9000),
    status: random.pick(['planned', 'done', 'void']),
    day: day(),
  }));
  return { pier, berth, crew, rulebook, clause, mooring };
}

function find(name: string, filters: readonly string[], omit: readonly string[] = []): ToolImpl {
  const columns = TABLES.find((one) => one.name === name)!.columns.map((one) => one.name);
  return {
    archetype: 'find',
    table: name,
    filters: filters.map((one) => ({ param: one, column: one, op: 'eq', required: false })),
    returns: columns.filter((one) => !omit.includes(one)),
    sort: 'id',
    pageSize: 8,
  };
}

const get = (name: string): ToolImpl => ({
  archetype: 'get',
  table: name,
  param: `${name}_id`,
  returns: TABLES.find((one) => one.name === name)!.columns.map((one) => one.name),
});

const IMPLS: Readonly<Record<string, ToolImpl>> = {
  find_berth: find('berth', ['size', 'lit', 'pier']),
  get_pier: get('pier'),
  find_pier: find('pier', ['region', 'name']),
  find_crew: find('crew', ['skill']),
  find_rulebook: find('rulebook', ['title'], ['body']),
  search_rulebook: {
    archetype: 'search-text',
    table: 'rulebook',
    textColumns: ['title', 'body'],
    param: 'query',
    returns: ['id', 'title', 'issued'],
    pageSize: 5,
  },
  get_rulebook: get('rulebook'),
  list_clauses: {
    archetype: 'children',
    table: 'clause',
    parentColumn: 'rulebook',
    param: 'rulebook_id',
    returns: ['id', 'rulebook', 'topic', 'limit'],
    sort: 'id',
    pageSize: 5,
  },
  find_mooring: find('mooring', ['status', 'berth']),
  get_berth: get('berth'),
  get_crew: get('crew'),
  current_time: { archetype: 'current-time' },
  submit: { archetype: 'submit', schemaParam: 'result' },
};

/** @param seed of the rows; tables and tools are the same for all */
export function harbour(seed: number): Environment {
  const tools = Object.entries(IMPLS).map(([name, impl]): ToolSpec => ({
    name,
    description: { en: name, zh: name },
    parameters: parametersOf(impl, { tables: TABLES }),
    effect: 'read',
    impl,
    errorCodes: [],
    side: 'agent',
  }));
  return {
    id: `harbour-${seed}`,
    version: '1',
    generator: { name: 'fixture', version: '1', seed },
    modules: ['harbour'],
    theme: 'harbour',
    fingerprint: 'harbour',
    clock: '2026-03-02T09:00',
    tables: TABLES,
    tools,
    rules: [],
    invariants: [],
    affordances: [
      {
        kind: 'selectable',
        table: 'berth',
        name: 'name',
        cost: 'price',
        attributes: ['size', 'depth', 'lit'],
        group: 'pier',
      },
      {
        kind: 'selectable',
        table: 'crew',
        name: 'name',
        cost: 'fee',
        attributes: ['rating', 'since'],
        group: 'skill',
      },
      {
        kind: 'documents',
        table: 'rulebook',
        title: 'title',
        body: 'body',
        issued: 'issued',
        supersedes: 'supersedes',
        clauseTable: 'clause',
        searchTool: 'search_rulebook',
        readTool: 'get_rulebook',
      },
      {
        kind: 'measure',
        table: 'mooring',
        measure: 'tonnage',
        filters: ['berth', 'status'],
        time: 'day',
      },
    ],
    policy: { en: 'Read only.', zh: '只读。' },
    limits: { maxTurns: 100, maxToolCalls: 200, wallMs: 60_000 },
    license: 'CC0-1.0',
    rows: rowsOf(new Random('harbour', seed)),
  };
}
