// The words of conditional requests, both ways: each matter is one sentence with its fact, what to do, and
// what to do if that cannot be done.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import type { Comparison } from './constraint.js';
import { choice, frame, mapped, oneOf, type Form } from './grammar/form.js';
import { mannerOf, predicateForm, type Predicate } from './grammar/predicates.js';
import { readRequest, renderRequest, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import { nameColumn, type Operation } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';

/** A column of a named row, compared with a value. */
export type Fact = {
  readonly table: string;
  readonly row: string;
  readonly column: string;
  readonly op: Comparison;
  readonly value: Json;
};

/** The first that can be done, unless the fact holds; then the other thing, or nothing. */
export type Matter = {
  readonly unless: Fact;
  readonly first: Operation;
  readonly second: Operation;
  readonly instead: Operation | null;
};

function factForm(phrases: Phrases, env: Environment): Form<Fact> {
  const { words } = phrases;
  const tables = env.tables.filter(
    ({ name, visible }) => visible && nameColumn(env, name) !== null,
  );
  return choice<Fact>(
    tables.flatMap(({ name: table }) =>
      words
        .plainColumns(table)
        .filter(({ type }) => ['enum', 'int', 'money', 'date'].includes(type))
        .map(({ name: column, type, label }) => {
          type Parts = { row: string; check: Predicate };
          const form = frame<Parts>(
            phrases.say([`the ${label.en} of {row}{check}`], [`{row}的${label.zh}{check}`]),
            {
              row: phrases.row(table),
              check: predicateForm(
                words.language,
                'condition',
                mannerOf(type),
                words.values(table, column),
              ),
            },
          );
          return mapped<Parts, Fact>(
            form,
            ({ row, check }) => ({ table, row, column, ...check }),
            (fact) =>
              fact.table === table && fact.column === column
                ? { row: fact.row, check: { op: fact.op, value: fact.value } }
                : null,
          );
        }),
    ),
  );
}

const sentencesOf = perLanguage((env, language): Sentences => {
  const phrases = new Phrases(new Words(env, language), env);
  const change = phrases.changes();
  const fact = factForm(phrases, env);
  type Plain = { first: Operation; second: Operation; unless: Fact };
  const plain = mapped<Plain, Matter>(
    frame<Plain>(
      phrases.say(
        [
          'if it can be done and the policy allows it, {first}; otherwise {second}; but if {unless}, do neither.',
          '{first} if that is possible and allowed, else {second}, unless {unless}: then leave both alone.',
        ],
        [
          '如果可行且合规，就{first}；否则{second}；但若{unless}，两样都不做。',
          '能办且允许的话{first}，不然就{second}；除非{unless}，那就都别动。',
        ],
      ),
      { first: change, second: change, unless: fact },
    ),
    (parts) => ({ ...parts, instead: null }),
    ({ first, second, unless, instead }) => (instead ? null : { first, second, unless }),
  );
  type Full = Plain & { instead: Operation };
  const full = mapped<Full, Matter>(
    frame<Full>(
      phrases.say(
        [
          'if it can be done and the policy allows it, {first}; otherwise {second}; but if {unless}, do neither and {instead} instead.',
          'unless {unless}, {first} if that is possible and allowed, else {second}; if it is so after all, {instead} and nothing else.',
        ],
        [
          '如果可行且合规，就{first}；否则{second}；但若{unless}，两样都不做，改为{instead}。',
          '除非{unless}，否则能办且允许的话{first}，不然就{second}；若果真如此，则只{instead}。',
        ],
      ),
      { first: change, second: change, unless: fact, instead: change },
    ),
    (parts) => parts,
    ({ first, second, unless, instead }) => instead && { first, second, unless, instead },
  );
  return {
    intro: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'some matters depend on how things stand; take them in this order.',
            'please settle the following, each as the case may be.',
          ],
          ['以下几件事要看情况而定，请按顺序处理。', '请视情况办理下列事项。'],
        ),
      ],
    ]),
    matter: choice<Matter>([plain, full]),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in, for each matter in the order of this message, what you did: "first" (what was to be done if possible), "second" (the other way), "instead" (what was wanted in the exceptional case) or "none".',
            'report per matter, numbered as they come here, one word: "first" if the preferred change was made, "second" for the fallback, "instead" for what the exception asked for, "none" if nothing was changed.',
          ],
          [
            '请按本消息中的顺序提交每件事的结果：“first”（首选已办）、“second”（改用备选）、“instead”（按例外办理）或“none”（未作变更）。',
            '逐件上报一个词，编号按出现顺序：办了首选填“first”，办了备选填“second”，按例外处理填“instead”，什么也没改填“none”。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

/** @throws GrammarError for what has no words */
export function renderMatters(
  matters: readonly Matter[],
  env: Environment,
  language: Language,
  random: Random,
): string {
  const pieces = [
    { kind: 'intro', value: null },
    ...matters.map((value) => ({ kind: 'matter', value: value as unknown as Json })),
    { kind: 'report', value: null },
  ];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 2),
  });
}

export function readMatters(text: string, env: Environment, language: Language): JsonObject | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (pieces?.[0]?.kind !== 'intro' || pieces.at(-1)?.kind !== 'report') return null;
  const matters = pieces.slice(1, -1);
  if (matters.length === 0 || matters.some(({ kind }) => kind !== 'matter')) return null;
  return { matters: matters.map(({ value }) => value) };
}
