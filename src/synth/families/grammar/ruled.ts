// Sentences for demands whose numbers stand in documents, both ways.

import type { Comparison, Slots } from '../constraint.js';
import type { Ruled, Rulebook } from '../choose/ruled.js';
import { slotsForm, subjectForm, sumForm, termForm, type Term } from './constraints.js';
import { choice, frame, mapped, oneOf, type Form } from './form.js';
import { moneyForm } from './money.js';
import { nameForm } from './names.js';
import type { Words } from './words.js';

type Limit = { readonly title: string; readonly topic: string };

/** `the limit for noise in the newest version of “…”` */
function limitForm(words: Words, book: Rulebook): Form<Limit> {
  const topic = words.values(book.clauseTable, book.topic) as Form<string>;
  const document = words.thing(book.table);
  const label = words.label(book.clauseTable, book.limit);
  const texts =
    words.language === 'en'
      ? [
          `the ${label} for {topic} in the newest version of the ${document} {title}`,
          `the ${label} that the latest ${document} {title} sets for {topic}`,
        ]
      : [
          `最新版${document}{title}中{topic}的${label}`,
          `${document}{title}最新版本对{topic}规定的${label}`,
        ];
  return frame<Limit>(texts, { topic, title: nameForm(words.language) });
}

/** Demands on what the sentence speaks of, as comparisons with the limit that follows. */
function comparisonForm(words: Words): Form<Comparison> {
  return oneOf<Comparison>(
    words.language === 'en'
      ? [
          ['<=', [' must not be above ', ' must stay at or below ']],
          ['>=', [' must not be below ', ' must reach or exceed ']],
        ]
      : [
          ['<=', ['不得高于', '最高只能到']],
          ['>=', ['不得低于', '必须达到或超过']],
        ],
  );
}

/** Sentences with their final stop. */
export function ruledSentences(
  words: Words,
  tables: readonly string[],
  terms: readonly Term[],
  books: readonly Rulebook[],
): Form<Ruled> {
  const limit = choice<Limit>(books.map((book) => limitForm(words, book)));
  const op = comparisonForm(words);
  const isEnglish = words.language === 'en';
  const money = moneyForm(words.language);
  type Total = { sum: { of: Slots }; op: Comparison; limit: Limit; unit: number };
  const total = mapped<Total, Ruled>(
    frame<Total>(
      isEnglish
        ? ['{sum}{op}{limit}, multiplied by {unit}.', '{sum}{op}{limit} times {unit}.']
        : ['{sum}{op}{limit}乘以{unit}。', '{sum}{op}{limit}与{unit}的乘积。'],
      { sum: sumForm(words, slotsForm(words, tables)), op, limit, unit: money },
    ),
    (parts) => ({
      kind: 'ruled-total',
      of: parts.sum.of,
      op: parts.op,
      ...parts.limit,
      unit: parts.unit,
    }),
    (ruled) =>
      ruled.kind === 'ruled-total'
        ? {
            sum: { of: ruled.of },
            op: ruled.op,
            limit: { title: ruled.title, topic: ruled.topic },
            unit: ruled.unit,
          }
        : null,
  );
  type Atom = { term: { of: string }; op: Comparison; limit: Limit };
  const atoms = terms
    .filter(({ column }) => column.type === 'int')
    .map((term) =>
      mapped<Atom, Ruled>(
        frame<Atom>([isEnglish ? '{term}{op}{limit}.' : '{term}{op}{limit}。'], {
          term: termForm(words, term, subjectForm(words, [term.table])),
          op,
          limit,
        }),
        (parts) => ({
          kind: 'ruled-atom',
          of: parts.term.of,
          path: term.path,
          op: parts.op,
          ...parts.limit,
        }),
        (ruled) =>
          ruled.kind === 'ruled-atom' &&
          ruled.path.join() === term.path.join() &&
          ruled.of.startsWith(`${term.table}_`)
            ? {
                term: { of: ruled.of },
                op: ruled.op,
                limit: { title: ruled.title, topic: ruled.topic },
              }
            : null,
      ),
    );
  return choice<Ruled>([total, ...atoms]);
}
