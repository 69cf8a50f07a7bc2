// The IR of requests that choose, and its sentences: what to choose, the constraints, what is best, and
// what to do if nothing fits. Constraints are kept in canonical order, since their order in the text
// means nothing. Both ways.

import { byCodeUnit, canonicalJson } from '../../canonical.js';
import type { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import type { Environment, Json, JsonObject } from '../../world-types.js';
import { MAX_SLOTS, type Constraint } from '../constraint.js';
import { constraintSentences, termsOf } from '../grammar/constraints.js';
import { frame, listed, oneOf } from '../grammar/form.js';
import { inChinese, inWords } from '../grammar/numbers.js';
import { readRequest, renderRequest, type Piece, type Sentences } from '../grammar/request.js';
import { ruledSentences } from '../grammar/ruled.js';
import { Words } from '../grammar/words.js';
import { rulebooks, type Ruled } from './ruled.js';
import { choosables, type Picks } from './world.js';

/** Cheapest or dearest in total; equal ones are told apart by the costs of these slots, lowest first. */
export type Objective = { readonly goal: 'cheapest' | 'dearest'; readonly ties: readonly string[] };

export type ChoiceIr = {
  readonly picks: readonly Picks[];
  readonly constraints: readonly Constraint[];
  /** Demands whose numbers stand in documents. */
  readonly ruled: readonly Ruled[];
  readonly objective: Objective | null;
  /** Whether the request says what to do if nothing fits. */
  readonly refuse: boolean;
};

export function canonicalIr(ir: ChoiceIr): ChoiceIr {
  const order = (a: Json, b: Json): number => byCodeUnit(canonicalJson(a), canonicalJson(b));
  const { constraints, ruled } = ir;
  return { ...ir, constraints: constraints.toSorted(order), ruled: ruled.toSorted(order) };
}

function sentencesFor(env: Environment, language: Language): Sentences {
  const words = new Words(env, language);
  const things = choosables(env);
  const books = rulebooks(env);
  const say = (en: readonly string[], zh: readonly string[]): readonly string[] =>
    language === 'en' ? en : zh;
  const counts = Array.from({ length: MAX_SLOTS }, (_, i) => i + 1);
  const some = oneOf<Picks>(
    things.flatMap(({ table }) =>
      counts.map((count): readonly [Picks, readonly string[]] => {
        const thing = count === 1 ? words.thing(table) : words.things(table);
        const measure = words.measure(table);
        return [
          { table, count },
          language === 'en'
            ? [`${count} ${thing}`, `${inWords(count)} ${thing}`]
            : [
                `${count}${measure}${thing}`,
                `${count === 2 ? '两' : inChinese(count)}${measure}${thing}`,
              ],
        ];
      }),
    ),
  );
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '、', and: '和' };
  const slots = oneOf<string>(
    things.flatMap(({ table }) =>
      counts.map((n): readonly [string, readonly string[]] => [
        `${table}_${n}`,
        language === 'en'
          ? [`${words.thing(table)} no. ${n}`, `${words.thing(table)} number ${n}`]
          : [
              `${n}号${words.thing(table)}`,
              `第${inChinese(n)}${words.measure(table)}${words.thing(table)}`,
            ],
      ]),
    ),
  );
  const goal = oneOf<'cheapest' | 'dearest'>([
    ['cheapest', say(['lowest', 'smallest'], ['最低', '最少'])],
    ['dearest', say(['highest', 'largest'], ['最高', '最多'])],
  ]);
  return {
    choose: frame<{ picks: readonly Picks[] }>(
      say(
        [
          'please choose {picks} for me.',
          'I need you to pick {picks}.',
          'we have to settle on {picks}, and I leave the search to you.',
          'find {picks} that meet everything below.',
        ],
        [
          '请为我选出{picks}。',
          '我需要你挑选{picks}。',
          '我们要定下{picks}，具体由你来查。',
          '请找出满足以下全部要求的{picks}。',
        ],
      ),
      { picks: listed(some, joint) },
    ),
    constraint: constraintSentences(words, things),
    ...(books.length > 0 && {
      ruled: ruledSentences(
        words,
        things.map(({ table }) => table),
        things.flatMap((thing) => termsOf(words, thing)),
        books,
      ),
    }),
    objective: frame<Objective>(
      say(
        [
          'among all that fit, take the choice with the {goal} total cost; if several tie, prefer a lower cost for {ties}, in this order.',
          'of everything possible I want the {goal} total cost, and where that is equal, the lower cost decides, looking at {ties} in turn.',
        ],
        [
          '在所有符合的方案中，取总费用{goal}的；如有并列，依次看{ties}，费用较低者优先。',
          '符合条件的方案里我要总费用{goal}的，若相同则依次比较{ties}的费用，取较低者。',
        ],
      ),
      { goal, ties: listed(slots, joint) },
    ),
    refuse: oneOf<null>([
      [
        null,
        say(
          [
            'if nothing fits, change nothing, report feasible = false and give, as lowest_total, the lowest total cost (in cents) that is possible when the limits on the cost of all the choices together are left aside.',
            'should there be no solution, do not touch anything: hand in feasible = false and, as lowest_total, the smallest total in cents that all the other requirements allow without the limits on the cost of all the choices together.',
          ],
          [
            '如果没有符合的方案，请不要改动任何数据，提交 feasible = false，并在 lowest_total 中给出不考虑全部选择总费用限制时可能达到的最低总费用（以分为单位）。',
            '若无解，请勿修改任何内容：提交 feasible = false，并以 lowest_total 给出去掉对全部选择总费用的限制后、其余要求所允许的最小总额（单位：分）。',
          ],
        ),
      ],
    ]),
    'hand-in': oneOf<null>([
      [
        null,
        say(
          [
            'hand in the result with one field per choice, holding its exact name.',
            'the answer goes into the form: for each place the exact name of what you chose.',
            'submit the exact names, one for each field of the form.',
          ],
          [
            '提交结果时，每项填写所选对象的准确名称。',
            '请按表单作答：每一栏写明所选项的准确名称。',
            '请提交准确名称，表单中每个字段一个。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
}

/** Sentences depend on the environment only: made once for each and language. */
const known = new WeakMap<Environment, Map<Language, Sentences>>();

function sentencesOf(env: Environment, language: Language): Sentences {
  let made = known.get(env);
  if (!made) known.set(env, (made = new Map<Language, Sentences>()));
  let sentences = made.get(language);
  if (!sentences) made.set(language, (sentences = sentencesFor(env, language)));
  return sentences;
}

/** @throws GrammarError for an IR without words */
export function renderChoice(
  ir: ChoiceIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const rest: Piece[] = [
    ...ir.constraints.map((value) => ({ kind: 'constraint', value })),
    ...ir.ruled.map((value) => ({ kind: 'ruled', value })),
  ];
  const last: Piece[] = [];
  if (ir.objective) last.push({ kind: 'objective', value: ir.objective });
  if (ir.refuse) last.push({ kind: 'refuse', value: null });
  last.push({ kind: 'hand-in', value: null });
  const pieces = [
    { kind: 'choose', value: { picks: ir.picks } },
    ...random.shuffled(rest),
    ...random.shuffled(last),
  ];
  const remarks = random.int(0, 3);
  return renderRequest(pieces, sentencesOf(env, language), { language, random, remarks });
}

/** null where the text is no such request, or has several meanings. */
export function readChoice(text: string, env: Environment, language: Language): ChoiceIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const of = (kind: string): Json[] =>
    pieces.filter((piece) => piece.kind === kind).map(({ value }) => value);
  const [choose, ...more] = of('choose') as JsonObject[];
  const objectives = of('objective');
  if (!choose || more.length > 0 || objectives.length > 1 || of('refuse').length > 1) return null;
  if (of('hand-in').length !== 1) return null;
  return canonicalIr({
    picks: choose['picks'] as unknown as readonly Picks[],
    constraints: of('constraint') as unknown as readonly Constraint[],
    ruled: of('ruled') as unknown as readonly Ruled[],
    objective: (objectives[0] ?? null) as unknown as Objective | null,
    refuse: of('refuse').length === 1,
  });
}
