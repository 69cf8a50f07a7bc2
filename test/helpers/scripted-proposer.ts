// A model that designs tasks by rule: it reads what the prompts say of the environment, as a model would, and
// writes a task over a paged list (how many rows meet two conditions, what they add up to, which is the
// lowest). Replies can be spoilt, to see what a bad model gets away with.

import type { ChatMessage } from '../../src/synth/task-prompt.js';
import type { Expr, Json } from '../../src/synth/world-types.js';

interface ToldTable {
  readonly table: string;
  readonly key: string;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly values?: readonly string[];
  }[];
  readonly examples: readonly Readonly<Record<string, Json>>[];
}

interface ToldTool {
  readonly name: string;
  readonly effect: string;
  readonly parameters: { readonly required: readonly string[]; readonly properties: object };
  readonly example?: { readonly result: unknown };
}

/** What a task is made of. */
export interface Choice {
  readonly tool: string;
  readonly table: string;
  readonly pages: number;
  readonly kind: string;
  readonly measure: string;
  readonly name: string;
  readonly value: string;
  readonly min: number;
}

export type Step =
  | 'environment'
  | 'vocabulary'
  | 'tools'
  | 'task'
  | 'harden'
  | 'solver'
  | 'second'
  | 'reader'
  | 'other';
export interface ProposerOptions {
  /** Replaces the reply of a step; `undefined` = the good one. @param nth of this step, from 0 */
  readonly spoil?: (step: Step, nth: number, good: string) => string | undefined;
}

const MODULES = [
  ['people', 'catalogue', 'orders'],
  ['people', 'lending', 'ledger', 'documents'],
  ['people', 'tickets', 'ledger', 'devices'],
  ['people', 'bookings', 'orders', 'catalogue'],
  ['people', 'catalogue', 'inventory', 'orders', 'documents'],
  ['people', 'assignments', 'subscriptions', 'documents'],
];
const NAMES = ['Amber Vale', 'Brisk Holt', 'Cedar Finch', 'Dorian Pell', 'Ember Quill'];

export function scriptedProposer({ spoil = () => undefined }: ProposerOptions = {}) {
  const seen: Partial<Record<Step, number>> = {};
  let last: Choice | undefined;
  return (messages: readonly ChatMessage[]): string => {
    const begin = messages.find(({ role }) => role === 'user')!.content!;
    const latest = messages.at(-1)!.content!;
    const step = stepOf(begin, latest);
    const nth = seen[step] ?? 0;
    seen[step] = nth + 1;
    const good = reply(step, begin, latest);
    return spoil(step, nth, good) ?? good;
  };

  function reply(step: Step, begin: string, latest: string): string {
    switch (step) {
      case 'environment':
        return JSON.stringify(environment(seen.environment! - 1));
      case 'vocabulary':
        return JSON.stringify(words(latest));
      case 'tools':
        return JSON.stringify(tools(begin));
      case 'task':
      case 'harden': {
        const choices = choicesIn(begin);
        const long = choices.find(({ pages }) => pages >= 10 && pages <= 40);
        const short = choices.find(({ pages }) => pages < 10);
        last = (step === 'task' ? (short ?? long) : long)!;
        if (!last) throw new Error('no list of this environment is long enough');
        return `Here it is.\n\`\`\`json\n${JSON.stringify(draft(last))}\n\`\`\``;
      }
      case 'solver':
        return JSON.stringify({ program: solver(last!) });
      case 'second':
        return JSON.stringify({ checks: checks(last!, true) });
      case 'reader':
        return JSON.stringify({ conditions: conditions(last!), others: [] });
      default:
        throw new Error(`nothing to say to ${latest.slice(0, 200)}`);
    }
  }
}

function stepOf(begin: string, latest: string): Step {
  if (begin.startsWith('Design an environment')) {
    const isNaming = latest.startsWith('It is built') || latest.includes('is no column of names');
    return isNaming ? 'vocabulary' : 'environment';
  }
  if (begin.includes('Tools that are there: ')) return 'tools';
  if (begin.includes('Write one task'))
    return latest.includes('make it harder') || latest.includes('Make it harder')
      ? 'harden'
      : 'task';
  if (begin.includes('Write export default function (input)')) return 'solver';
  if (begin.includes('Write checks that all hold')) return 'second';
  if (begin.startsWith('The request:')) return 'reader';
  return 'other';
}

function environment(nth: number): object {
  const word = (en: string, zh: string) => ({ en, zh });
  return {
    modules: MODULES[nth % MODULES.length],
    theme: {
      id: `tool_library_${'abcdefgh'[nth % 8]}`,
      title: { en: 'tool library', zh: '工具图书馆' },
      words: {
        person: word('borrower', '借用人'),
        thing: word('tool', '工具'),
        place: word('depot', '站点'),
        resource: word('workbench', '工作台'),
        job: word('repair', '修理'),
        organisation: word('maker', '制造商'),
      },
    },
  };
}

function words(prompt: string): object {
  const columns = jsonAfter(prompt, 'what stands there now:\n') as {
    column: string;
    rows: number;
  }[];
  const [first] = columns;
  const names = first ? { [first.column]: NAMES.slice(0, first.rows) } : {};
  return { names };
}

/** Rows with a given value in the first column of that kind, counted by a tool of its own. */
function tools(prompt: string): object {
  const tables = jsonAfter(prompt, 'Tables: ') as ToldTable[];
  const table = tables.find(({ columns }) => columns.some(({ type }) => type === 'enum'))!;
  const { name: column } = table.columns.find(({ type }) => type === 'enum')!;
  const value: Expr = { op: 'field', of: { op: 'var', name: 'x' }, name: column };
  const wanted: Expr = { op: 'field', of: { op: 'var', name: 'args' }, name: 'wanted' };
  const rows: Expr = { op: 'rows', db: 'before', table: table.table };
  const fitting: Expr = {
    op: 'where',
    of: rows,
    as: 'x',
    check: { op: '=', left: value, right: wanted },
  };
  const description = {
    en: `Share of ${table.table} rows with a given ${column}, in percent.`,
    zh: '给定值的行所占百分比。',
  };
  const hundred: Expr = {
    op: '*',
    left: { op: 'count', of: fitting },
    right: { op: 'const', value: 100 },
  };
  const result: Expr = { op: 'div', left: hundred, right: { op: 'count', of: rows } };
  const [, has, most, names] =
    /There are (\d+) tools, and there may be (\d+): to make room, leave out some of (\[.*?\])/.exec(
      prompt,
    )!;
  const spare = (JSON.parse(names!) as string[]).slice(
    0,
    Math.max(0, Number(has) + 2 - Number(most)),
  );
  const args = [{ name: 'wanted', type: 'text', description: column }];
  return {
    tools: [
      { archetype: 'compute', name: 'share_in_percent', description, arguments: args, result },
      { archetype: 'list-values', name: 'values_that_occur', table: table.table, column },
    ],
    leave_out: spare,
  };
}

/** Lists of which every page can be read, with a kind, a number and a name. */
function choicesIn(prompt: string): Choice[] {
  const tables = jsonAfter(prompt, 'Tables: ') as ToldTable[];
  const tools = jsonAfter(prompt, 'Tools: ') as ToldTool[];
  return tools.flatMap(({ name: tool, effect, parameters, example }) => {
    const text =
      typeof example?.result === 'string' ? example.result : JSON.stringify(example?.result);
    const isList =
      effect === 'read' && parameters.required.length === 0 && text?.includes('"items"');
    if (!isList || !Object.hasOwn(parameters.properties, 'page')) return [];
    const shows = (column: string): boolean => text.includes(`"${column}":`);
    const table = tables.find(({ examples }) => {
      const [row] = examples;
      return (
        row &&
        tool.length > 0 &&
        Object.keys(row).filter(shows).length > 2 &&
        text.includes(`"${rowKey(row)}"`)
      );
    });
    if (!table) return [];
    const of = (type: string) =>
      table.columns.filter((one) => one.type === type && shows(one.name));
    const [kind] = of('enum');
    const [measure] = [...of('money'), ...of('int')];
    const [name] = of('text');
    const row = table.examples.find((one) => kind && measure && one[kind.name] !== null);
    if (!kind || !measure || !name || !row) return [];
    // The result is cut off, so the number of pages is reckoned by rows of a page.
    const perPage = text.split('},{').length;
    const pages = Number(/"pages":(\d+)/.exec(text)?.[1] ?? Math.ceil(table.rows / perPage));
    return [
      {
        tool,
        table: table.table,
        pages,
        kind: kind.name,
        measure: measure.name,
        name: name.name,
        value: String(row[kind.name]),
        min: row[measure.name] as number,
      },
    ];
  });
}

const rowKey = (row: Readonly<Record<string, Json>>): string => String(Object.values(row)[0]);

function conditions({ kind, value, measure, min }: Choice) {
  return [
    { id: 'kind', column: kind, value },
    { id: 'least', column: measure, min },
  ];
}

function draft(choice: Choice): object {
  const { table, kind, value, measure, min, name, tool } = choice;
  return {
    request: `Go through all rows of ${table}. Only those count whose ${kind} is ${value} and whose ${measure} is ${min} or more. Hand in how many there are, what their ${measure} adds up to, and the ${name} of the one with the lowest ${measure}.`,
    conditions: conditions(choice),
    submission: {
      count: { type: 'integer', description: 'how many rows count' },
      total: { type: 'integer', description: `sum of ${measure}` },
      top: { type: 'string', description: `${name} of the lowest` },
    },
    solution: `export default function (call, conditions) {
  const [kind, least] = conditions.constraints;
  const rows = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const shown = call(${JSON.stringify(tool)}, { page });
    pages = shown.pages;
    rows.push(...shown.items);
  }
  const fit = rows.filter((row) => row[kind.column] === kind.value && row[least.column] >= least.min);
  const sorted = fit.slice().sort((a, b) => a[least.column] - b[least.column]);
  const total = fit.reduce((sum, row) => sum + row[least.column], 0);
  return { count: fit.length, total, top: sorted[0].${name} };
}`,
    checks: checks(choice, false),
  };
}

function solver({ table, kind, measure, name }: Choice): string {
  return `export default function ({ tables, conditions }) {
  const of = (id) => conditions.find((one) => one.id === id);
  const [kind, least] = [of('kind'), of('least')];
  const rows = tables[${JSON.stringify(table)}]
    .filter((row) => !kind || row[kind.column] === kind.value)
    .filter((row) => !least || row[least.column] >= least.min)
    .filter((row) => row.${kind} !== null && row.${measure} !== null);
  if (rows.length === 0) return [];
  const edge = Math.min(...rows.map((row) => row.${measure}));
  const total = rows.reduce((sum, row) => sum + row.${measure}, 0);
  return rows
    .filter((row) => row.${measure} === edge)
    .map((row) => ({ answer: { count: rows.length, total, top: row.${name} } }));
}`;
}

/** @param isOther written in another way, as somebody else would */
function checks({ table, kind, value, measure, min, name }: Choice, isOther: boolean): object[] {
  const x: Expr = { op: 'var', name: 'x' };
  const of = (column: string, row: Expr = x): Expr => ({ op: 'field', of: row, name: column });
  const constant = (of_: Json): Expr => ({ op: 'const', value: of_ });
  const submitted = (field: string): Expr => of(field, { op: 'var', name: 'submission' });
  const conditionsHold: Expr[] = [
    { op: '=', left: of(kind), right: constant(value) },
    isOther
      ? { op: '<=', left: constant(min), right: of(measure) }
      : { op: '>=', left: of(measure), right: constant(min) },
  ];
  const rows: Expr = {
    op: 'where',
    of: { op: 'rows', db: 'before', table },
    as: 'x',
    check: { op: 'and', of: isOther ? conditionsHold.toReversed() : conditionsHold },
  };
  const measures: Expr = { op: 'map', of: rows, as: 'x', to: of(measure) };
  const equal = (left: Expr, right: Expr): Expr =>
    isOther ? { op: '=', left: right, right: left } : { op: '=', left, right };
  return [
    { id: 'count', expr: equal(submitted('count'), { op: 'count', of: rows }) },
    { id: 'total', expr: equal(submitted('total'), { op: 'sum', of: measures }) },
    {
      id: 'top',
      expr: {
        op: 'some',
        of: rows,
        as: 'x',
        check: {
          op: 'and',
          of: [equal(submitted('top'), of(name)), equal(of(measure), { op: 'min', of: measures })],
        },
      },
    },
  ];
}

/** The JSON value that begins behind the mark and ends its line. */
function jsonAfter(text: string, mark: string): unknown {
  const from = text.indexOf(mark) + mark.length;
  const end = text.indexOf('\n', from);
  return JSON.parse(text.slice(from, end === -1 ? undefined : end));
}
