// The sentences of a batch for one kind of thing, both ways: what is worked through and in which order, what
// is left out, the budget and the change.

import type { Environment, Json, JsonObject } from '../world-types.js';
import type { Comparison } from './constraint.js';
import { choice, frame, mapped, oneOf, type Form } from './grammar/form.js';
import { mannerOf, predicateForm } from './grammar/predicates.js';
import { affordancesOf } from './operate/operation.js';
import type { Phrases } from './operate/phrases.js';

export type Parts = Readonly<Record<string, Json>>;

/** Columns that can be spoken of, with the column's value form. */
function columnsOf({ words }: Phrases, table: string) {
  return words
    .plainColumns(table)
    .filter(({ type }) => type !== 'id' && type !== 'ref' && type !== 'text');
}

export function scopes(phrases: Phrases, table: string): Form<Parts>[] {
  const { words } = phrases;
  const columns = columnsOf(phrases, table);
  const kinds = columns.filter(({ type }) => type === 'enum');
  const ordered = columns.filter(({ type }) => type !== 'enum' && type !== 'bool');
  if (kinds.length === 0 || ordered.length === 0) return [];
  const filter = choice(
    kinds.map(({ name, label }) =>
      mapped<{ value: Json }, Parts>(
        frame<{ value: Json }>(phrases.say([`${label.en} is {value}`], [`${label.zh}为{value}`]), {
          value: words.values(table, name),
        }),
        ({ value }) => ({ column: name, value }),
        (one) => (one['column'] === name ? { value: one['value']! } : null),
      ),
    ),
  );
  const order = oneOf<Parts>(
    ordered.flatMap(({ name, label, type }) => {
      const date = type === 'date' || type === 'datetime';
      const up = { column: name, descending: false };
      const down = { column: name, descending: true };
      return [
        [
          up,
          phrases.say(
            date
              ? [`from the earliest ${label.en} to the latest`]
              : [`from the lowest ${label.en} to the highest`],
            date ? [`按${label.zh}由早到晚`] : [`按${label.zh}由低到高`],
          ),
        ] as const,
        [
          down,
          phrases.say(
            date
              ? [`from the latest ${label.en} to the earliest`]
              : [`from the highest ${label.en} to the lowest`],
            date ? [`按${label.zh}由晚到早`] : [`按${label.zh}由高到低`],
          ),
        ] as const,
      ];
    }),
  );
  const [thing, things] = [words.thing(table), words.things(table)];
  const form = frame<{ filter: Parts; order: Parts }>(
    phrases.say(
      [
        `work through all ${things} whose {filter}, {order}.`,
        `please take every ${thing} whose {filter}, one after the other, {order}.`,
      ],
      [
        `请逐个处理{filter}的所有${things}，{order}。`,
        `把{filter}的每个${thing}依次过一遍，{order}。`,
      ],
    ),
    { filter, order },
  );
  return [withTable(form, table)];
}

export function skips(phrases: Phrases, table: string): Form<Parts>[] {
  const { words } = phrases;
  return columnsOf(phrases, table).map(({ name, label, type }) => {
    const form = frame<{ check: { op: Comparison; value: Json } }>(
      phrases.say(
        [
          `leave out every ${words.thing(table)} whose ${label.en}{check}.`,
          `do not touch any ${words.thing(table)} whose ${label.en}{check}; it uses nothing up.`,
        ],
        [
          `${label.zh}{check}的${words.thing(table)}不要处理。`,
          `凡${label.zh}{check}的${words.thing(table)}一律跳过。`,
        ],
      ),
      {
        check: predicateForm(
          words.language,
          'condition',
          mannerOf(type),
          words.values(table, name),
        ),
      },
    );
    return mapped<{ check: { op: Comparison; value: Json } }, Parts>(
      form,
      ({ check }) => ({ table, column: name, ...check }),
      (one) =>
        one['table'] === table && one['column'] === name
          ? { check: { op: one['op'] as Comparison, value: one['value']! } }
          : null,
    );
  });
}

export function budgets(phrases: Phrases, table: string): Form<Parts>[] {
  const { words } = phrases;
  const things = words.things(table);
  const measures = columnsOf(phrases, table).filter(
    ({ type }) => type === 'int' || type === 'money',
  );
  return measures.map(({ name, label }) => {
    const mode = oneOf<'skip' | 'stop'>([
      [
        'skip',
        phrases.say(
          [
            'pass over each one that would go beyond that and go on',
            'skip any that no longer fits and try the next',
          ],
          ['超出的跳过，继续看下一个', '放不下的就跳过，再看后面的'],
        ),
      ],
      [
        'stop',
        phrases.say(
          [
            'stop altogether at the first one that would go beyond that',
            'end the work as soon as one no longer fits',
          ],
          ['遇到第一个会超出的就全部停止', '一旦有放不下的便到此为止'],
        ),
      ],
    ]);
    type Budget = { limit: number; mode: 'skip' | 'stop' };
    const form = frame<Budget>(
      phrases.say(
        [
          `the ${label.en} of all changed ${things} together may be at most {limit}: {mode}.`,
          `you have a budget of {limit}, of which each changed ${words.thing(table)} uses its ${label.en}; {mode}.`,
        ],
        [
          `变更的${things}的${label.zh}合计最多{limit}：{mode}。`,
          `额度为{limit}，每变更一个${words.thing(table)}占用其${label.zh}；{mode}。`,
        ],
      ),
      { limit: phrases.amount(table, name), mode },
    );
    return mapped<Budget, Parts>(
      form,
      (parts) => ({ table, column: name, ...parts }),
      (one) =>
        one['table'] === table && one['column'] === name
          ? { limit: one['limit'] as number, mode: one['mode'] as 'skip' | 'stop' }
          : null,
    );
  });
}

export function actions(phrases: Phrases, env: Environment, table: string): Form<Json>[] {
  const { words } = phrases;
  const thing = words.thing(table);
  const found: Form<Json>[] = [];
  const add = <T extends JsonObject>(
    en: readonly string[],
    zh: readonly string[],
    slot: Form<Json>,
    to: (value: Json) => T | null,
    from: (one: T) => Json | null,
  ): void => {
    found.push(
      mapped<{ value: Json }, Json>(
        frame<{ value: Json }>(phrases.say(en, zh), { value: slot }),
        ({ value }) => {
          const action = to(value);
          return action && { table, action };
        },
        (one) => {
          const { table: own, action } = one as { table: string; action: T };
          const value = own === table ? from(action) : null;
          return value === null ? null : { value };
        },
      ),
    );
  };
  for (const { column } of affordancesOf(env, 'workflow').filter((one) => one.table === table)) {
    const label = words.label(table, column);
    add(
      [
        `bring each ${thing} to the ${label} {value}.`,
        `the ${label} of each such ${thing} should become {value}.`,
      ],
      [`把每个${thing}的${label}转为{value}。`],
      words.values(table, column),
      (to) => ({ kind: 'move', to }),
      (one) => (one['kind'] === 'move' ? one['to']! : null),
    );
  }
  for (const { columns } of affordancesOf(env, 'editable').filter((one) => one.table === table)) {
    for (const column of columns) {
      const { type } = words.column(table, column);
      if (type === 'ref' || type === 'id' || type === 'text') continue;
      const label = words.label(table, column);
      add(
        [
          `set the ${label} of each ${thing} to {value}.`,
          `each such ${thing} gets {value} as its ${label}.`,
        ],
        [`把每个${thing}的${label}设为{value}。`],
        words.values(table, column),
        (value) => ({ kind: 'set', column, value }),
        (one) => (one['kind'] === 'set' && one['column'] === column ? one['value']! : null),
      );
    }
  }
  for (const { column } of affordancesOf(env, 'balance').filter((one) => one.table === table)) {
    const label = words.label(table, column);
    for (const sign of [1, -1]) {
      const [en, zh] = sign > 0 ? ['raise', '增加'] : ['lower', '减少'];
      add(
        [`${en} the ${label} of each ${thing} by {value}.`],
        [`把每个${thing}的${label}${zh}{value}。`],
        words.values(table, column),
        (value) =>
          typeof value === 'number' && value > 0
            ? { kind: 'adjust', column, by: sign * value }
            : null,
        (one) =>
          one['kind'] === 'adjust' &&
          one['column'] === column &&
          Math.sign(one['by'] as number) === sign
            ? Math.abs(one['by'] as number)
            : null,
      );
    }
  }
  return found;
}

function withTable(form: Form<{ filter: Parts; order: Parts }>, table: string): Form<Parts> {
  return mapped<{ filter: Parts; order: Parts }, Parts>(
    form,
    (parts) => ({ table, ...parts }),
    (one) =>
      one['table'] === table
        ? { filter: one['filter'] as Parts, order: one['order'] as Parts }
        : null,
  );
}
