// The words of a batch, both ways: what is worked through and in which order, what is left out, the budget,
// the change, and what is handed in. Every sentence names the kind of thing, so that columns of the same
// name in other tables are not meant.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { actions, budgets, scopes, skips, type Parts } from './batch-phrases.js';
import type { BatchIr } from './batch-types.js';
import { choice, oneOf, type Form } from './grammar/form.js';
import { readRequest, renderRequest, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import { nameColumn } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';

const sentencesOf = perLanguage((env, language): Sentences => {
  const words = new Words(env, language);
  const phrases = new Phrases(words, env);
  const tables = [
    ...new Set(
      env.affordances.flatMap((one) =>
        one.kind === 'workflow' || one.kind === 'editable' || one.kind === 'balance'
          ? [one.table]
          : [],
      ),
    ),
  ].filter((table) => nameColumn(env, table) !== null);
  const each = (make: (table: string) => readonly Form<Parts>[]): Form<Json> =>
    choice(tables.flatMap(make)) as unknown as Form<Json>;
  return {
    scope: each((table) => scopes(phrases, table)),
    skip: each((table) => skips(phrases, table)),
    budget: each((table) => budgets(phrases, table)),
    action: choice(
      tables.flatMap((table) => actions(phrases, env, table)),
    ) as unknown as Form<Json>,
    rules: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'pass over what is so already, and whatever the policy or its present state does not allow to be changed; it uses nothing up.',
            'where the change is forbidden, impossible or made already, go on to the next one, which costs nothing.',
          ],
          [
            '已经如此的，以及规定或现状不允许变更的，直接跳过，不占额度。',
            '不允许、无法变更或原本就如此的，跳到下一个，不计入额度。',
          ],
        ),
      ],
    ]),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in "changed", how many you changed, and "total", what they used up together.',
            'report how many were changed as "changed" and the sum that they used up as "total".',
          ],
          [
            '请提交“changed”（变更的数量）和“total”（共占用的数额）。',
            '在“changed”中填变更了多少个，在“total”中填合计占用多少。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

/** @throws GrammarError for what has no words */
export function renderBatch(
  ir: BatchIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const { table, filter, skip, order, budget, action } = ir;
  const middle = [
    ...(skip ? [{ kind: 'skip', value: { table, ...skip } }] : []),
    { kind: 'budget', value: { table, ...budget } },
    { kind: 'rules', value: null },
  ];
  const pieces = [
    { kind: 'scope', value: { table, filter, order } },
    { kind: 'action', value: { table, action } as unknown as Json },
    ...random.shuffled(middle),
    { kind: 'report', value: null },
  ];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 2),
  });
}

/** null where the text is no batch. */
export function readBatch(text: string, env: Environment, language: Language): BatchIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const one = (kind: string): JsonObject | null => {
    const found = pieces.filter((piece) => piece.kind === kind);
    return found.length === 1 ? (found[0]!.value as JsonObject) : null;
  };
  const [scope, action, budget, skip] = [one('scope'), one('action'), one('budget'), one('skip')];
  if (!scope || !action || !budget) return null;
  const table = scope['table'] as string;
  const all = [action, budget, ...(skip ? [skip] : [])];
  const expected = 5 + (skip ? 1 : 0);
  if (pieces.length !== expected || all.some((part) => part['table'] !== table)) return null;
  const plain = (part: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(part).filter(([name]) => name !== 'table'));
  return {
    table,
    filter: scope['filter'],
    skip: skip && plain(skip),
    order: scope['order'],
    budget: plain(budget),
    action: action['action'],
  } as unknown as BatchIr;
}
