// Sentences that ask: a field of the submission, what it is to hold, and the conditions on rows, in both
// languages and both ways.

import { byCodeUnit, canonicalJson } from '../../canonical.js';
import type { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import type { Column, Environment, Json } from '../../world-types.js';
import { choice, frame, listed, mapped, oneOf, remembered, type Form } from '../grammar/form.js';
import { mannerOf, predicateForm, type Predicate } from '../grammar/predicates.js';
import { readRequest, renderRequest, type Sentences } from '../grammar/request.js';
import { Words } from '../grammar/words.js';
import {
  fieldName,
  MAX_QUESTIONS,
  type Asked,
  type Condition,
  type QueryIr,
  type Question,
} from './ir.js';

/** A column that can be spoken of, own or of what a row refers to. */
export interface Place {
  readonly path: readonly string[];
  readonly column: Column;
  readonly owner: string;
}

/** Columns that texts can name, by table: own ones, and those of rows that are referred to. */
export function placesOf(words: Words, table: string): Place[] {
  const plain = words.plainColumns(table);
  const isSaid = ({ type }: Column): boolean => type !== 'id' && type !== 'ref';
  const own = plain
    .filter(isSaid)
    .map((column): Place => ({ path: [column.name], column, owner: table }));
  const far = plain.flatMap(({ name, references }) => {
    if (references === undefined || references === table) return [];
    if (!words.table(references).visible) return [];
    return words
      .plainColumns(references)
      .filter(isSaid)
      .map((column): Place => ({ path: [name, column.name], column, owner: references }));
  });
  return [...own, ...far];
}

/** Tables whose word no other table has, in either language. */
export function plainTables(env: Environment): string[] {
  const isPlain = (language: Language, name: string): boolean => {
    const label = (one: string): string =>
      env.tables.find((table) => table.name === one)!.label[language].toLowerCase();
    return env.tables.filter((table) => label(table.name) === label(name)).length === 1;
  };
  return env.tables
    .filter(({ visible, name }) => visible && isPlain('en', name) && isPlain('zh', name))
    .map(({ name }) => name);
}

function conditionForm(
  words: Words,
  { path, column, owner }: Place,
  table: string,
): Form<Condition> {
  const { language } = words;
  const label = column.label[language];
  const way = path.length > 1 ? words.label(table, path[0]!) : null;
  if (column.type === 'bool') {
    const [it, its] = language === 'en' ? ['it is', `its ${way} is`] : ['', `其${way}`];
    const start = way === null ? it : its;
    const marked = (yes: boolean): readonly string[] =>
      language === 'en'
        ? [`${start}${yes ? '' : ' not'} marked as "${label}"`]
        : [`${start}${yes ? '已' : '未'}标为“${label}”`];
    return oneOf<Condition>([
      [{ path, op: '=', value: true }, marked(true)],
      [{ path, op: '=', value: false }, marked(false)],
    ]);
  }
  const subject =
    language === 'en'
      ? way === null
        ? `the ${label}`
        : `the ${label} of its ${way}`
      : way === null
        ? label
        : `其${way}的${label}`;
  const manner = mannerOf(column.type);
  const predicate = predicateForm(language, 'condition', manner, words.values(owner, column.name));
  return mapped<{ predicate: Predicate }, Condition>(
    frame<{ predicate: Predicate }>([`${subject}{predicate}`], { predicate }),
    ({ predicate: { op, value } }) => ({ path, op, value }),
    (one) =>
      one.path.join() === path.join() ? { predicate: { op: one.op, value: one.value } } : null,
  );
}

type Where = readonly Condition[];

function questionForm(words: Words, table: string): Form<Question> {
  const { language } = words;
  const say = (en: readonly string[], zh: readonly string[]): readonly string[] =>
    language === 'en' ? en : zh;
  const places = placesOf(words, table);
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '，', and: '，且' };
  const where: Form<Where> = remembered(
    listed(choice(places.map((place) => conditionForm(words, place, table))), joint),
  );
  const [thing, things] = [words.thing(table), words.things(table)];
  const numbers = places.filter(
    ({ path, column }) => path.length === 1 && mannerOf(column.type) === 'amount',
  );
  const column = oneOf<string>(numbers.map((one) => [one.path[0]!, [one.column.label[language]]]));
  const ask = oneOf<readonly string[]>(
    places.map(({ path, column: { label } }) => [
      path,
      path.length === 1
        ? [label[language]]
        : say(
            [`${label.en} of the ${words.label(table, path[0]!)}`],
            [`${words.label(table, path[0]!)}的${label.zh}`],
          ),
    ]),
  );
  const forms: Form<Question>[] = [
    mapped<{ where: Where }, Question>(
      frame<{ where: Where }>(
        say(
          [
            `the number of ${things} for which {where}`,
            `how many ${things} there are where {where}`,
          ],
          [`满足条件（{where}）的${thing}的数量`, `{where}的${thing}共有多少`],
        ),
        { where },
      ),
      (parts) => ({ kind: 'count', table, ...parts }),
      (one) => (one.kind === 'count' && one.table === table ? { where: one.where } : null),
    ),
    mapped<{ where: Where; ask: readonly string[] }, Question>(
      frame<{ where: Where; ask: readonly string[] }>(
        say(
          [
            `the {ask} of the only ${thing} for which {where}`,
            `the {ask} of the one ${thing} where {where}`,
          ],
          [
            `唯一满足条件（{where}）的${thing}的{ask}`,
            `符合（{where}）的唯一一${words.measure(table)}${thing}的{ask}`,
          ],
        ),
        { where, ask },
      ),
      (parts) => ({ kind: 'only', table, ...parts }),
      (one) =>
        one.kind === 'only' && one.table === table ? { where: one.where, ask: one.ask } : null,
    ),
  ];
  if (numbers.length === 0) return choice(forms);
  const verbs = {
    sum: say(
      [
        `the total {column} of all ${things} for which {where}`,
        `the sum of the {column} over the ${things} where {where}`,
      ],
      [`满足条件（{where}）的${thing}的{column}总和`, `{where}的全部${thing}的{column}合计`],
    ),
    max: say(
      [`the highest {column} among the ${things} for which {where}`],
      [`满足条件（{where}）的${thing}中{column}的最大值`],
    ),
    min: say(
      [`the lowest {column} among the ${things} for which {where}`],
      [`满足条件（{where}）的${thing}中{column}的最小值`],
    ),
  };
  for (const kind of ['sum', 'max', 'min'] as const) {
    forms.push(
      mapped<{ where: Where; column: string }, Question>(
        frame<{ where: Where; column: string }>(verbs[kind], { where, column }),
        (parts) => ({ kind, table, ...parts }),
        (one) =>
          one.kind === kind && one.table === table
            ? { where: one.where, column: one.column }
            : null,
      ),
    );
  }
  type Extreme = {
    where: Where;
    column: string;
    ask: readonly string[];
    order: 'highest' | 'lowest';
  };
  const order = oneOf<'highest' | 'lowest'>([
    ['highest', say(['highest', 'largest'], ['最高', '最大'])],
    ['lowest', say(['lowest', 'smallest'], ['最低', '最小'])],
  ]);
  forms.push(
    mapped<Extreme, Question>(
      frame<Extreme>(
        say(
          [
            `the {ask} of the ${thing} with the {order} {column} among those for which {where}`,
            `the {ask} of whichever ${thing} has the {order} {column} of all where {where}`,
          ],
          [
            `在满足条件（{where}）的${thing}中，{column}{order}的那个的{ask}`,
            `{where}的${thing}里{column}{order}者的{ask}`,
          ],
        ),
        { where, column, ask, order },
      ),
      ({ where: conditions, ...parts }) => ({
        kind: 'extreme',
        table,
        where: conditions,
        ...parts,
      }),
      (one) =>
        one.kind === 'extreme' && one.table === table
          ? { where: one.where, column: one.column, ask: one.ask, order: one.order }
          : null,
    ),
  );
  return choice(forms);
}

function sentencesFor(env: Environment, language: Language): Sentences {
  const words = new Words(env, language);
  const say = (en: readonly string[], zh: readonly string[]): readonly string[] =>
    language === 'en' ? en : zh;
  const fields = Array.from({ length: MAX_QUESTIONS }, (_, i) => fieldName(i + 1));
  const sentences = {
    intro: oneOf<null>([
      [
        null,
        say(
          [
            'I need some figures from the records.',
            'please look a few things up and hand them in.',
            'there is something to find out; report it field by field.',
          ],
          [
            '我需要从记录中查几项数据。',
            '请帮忙查清以下内容并提交。',
            '有几件事要查明，请逐项填报。',
          ],
        ),
      ],
    ]),
    units: oneOf<null>([
      [
        null,
        say(
          [
            'give amounts of money in cents, and everything else exactly as it is recorded.',
            'money goes in as whole cents; copy all other values as the records have them.',
          ],
          [
            '金额一律以分为单位，其余内容按记录原样填写。',
            '金额请换算成整数分，其他值照记录填写。',
          ],
        ),
      ],
    ]),
    ask: frame<Asked>(
      say(
        [
          'as {field}: {question}.',
          'under {field}, report {question}.',
          'for {field} I need {question}.',
        ],
        ['{field}：{question}。', '在{field}中填写{question}。', '{field}需要{question}。'],
      ),
      {
        field: oneOf<string>(fields.map((field) => [field, [field]])),
        question: choice(plainTables(env).map((table) => questionForm(words, table))),
      },
    ),
  };
  return sentences as unknown as Sentences;
}

const known = new WeakMap<Environment, Map<Language, Sentences>>();

function sentencesOf(env: Environment, language: Language): Sentences {
  let made = known.get(env);
  if (!made) known.set(env, (made = new Map<Language, Sentences>()));
  let sentences = made.get(language);
  if (!sentences) made.set(language, (sentences = sentencesFor(env, language)));
  return sentences;
}

/** Questions by field, conditions in canonical order: their order in the text means nothing. */
export function canonicalQuery({ asked }: QueryIr): QueryIr {
  const order = (a: Json, b: Json): number => byCodeUnit(canonicalJson(a), canonicalJson(b));
  return {
    asked: asked
      .map(({ field, question }) => ({
        field,
        question: { ...question, where: question.where.toSorted(order) },
      }))
      .toSorted((a, b) => byCodeUnit(a.field, b.field)),
  };
}

/** @throws GrammarError for an IR without words */
export function renderQuery(
  { asked }: QueryIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const questions = asked.map(({ field, question }) => ({
    kind: 'ask',
    value: { field, question: { ...question, where: random.shuffled(question.where) } },
  }));
  const rest = random.shuffled([...questions, { kind: 'units', value: null }]);
  const pieces = [{ kind: 'intro', value: null }, ...rest];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 3),
  });
}

/** null where the text asks nothing, or can be understood in two ways. */
export function readQuery(text: string, env: Environment, language: Language): QueryIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const asked = pieces.flatMap(({ kind, value }) => (kind === 'ask' ? [value as Asked] : []));
  const fields = new Set(asked.map(({ field }) => field));
  return asked.length > 0 && fields.size === asked.length ? canonicalQuery({ asked }) : null;
}
