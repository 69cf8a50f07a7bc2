// The words of changes under a policy, both ways: what is asked, one sentence per change, and what is to
// be reported.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { frame, oneOf } from './grammar/form.js';
import { readRequest, renderRequest, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import type { Operation } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';

const sentencesOf = perLanguage((env, language): Sentences => {
  const phrases = new Phrases(new Words(env, language), env);
  return {
    intro: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'I have some changes for you; do those that the policy and the present state allow, and leave out the others.',
            'please go through the following changes in this order: carry out what is allowed and refuse what is not.',
            'here is a list of wishes, not all of which may be permitted; do what is permitted and nothing else.',
          ],
          [
            '有几项变更要处理：规定和现状允许的请执行，其余不要动。',
            '请按顺序处理下列变更：允许的就办，不允许的就拒绝。',
            '以下愿望未必都合规；合规的照办，别的什么都不要做。',
          ],
        ),
      ],
    ]),
    change: frame<{ change: Operation }>(
      phrases.say(
        ['please {change}.', '{change}.', 'I would like you to {change}.', 'next, {change}.'],
        ['请{change}。', '{change}。', '希望你{change}。', '另外{change}。'],
      ),
      { change: phrases.changes() },
    ),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in under "refused" the name of every item whose change you left out (the giving account of a transfer, the thing that was to be booked or carried, the job that was to be given to somebody); an empty list if there is none.',
            'report as "refused" what you did not do, each by the name of the item to be changed: for transfers the side that gives, for bookings and goods the thing itself, for jobs the job; nothing refused means an empty list.',
          ],
          [
            '请在“refused”中提交所有未执行变更的对象名称（转账填转出方，预订或搬运填物品本身，派工填任务）；没有则提交空列表。',
            '未办理的变更请以对象名称列入“refused”：转账写转出方，预订和货物写其本身，派工写任务；若全部办理则为空列表。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

/** @throws GrammarError for a change without words */
export function renderEdits(
  operations: readonly Operation[],
  env: Environment,
  language: Language,
  random: Random,
): string {
  const pieces = [
    { kind: 'intro', value: null },
    ...operations.map((change) => ({ kind: 'change', value: { change } as unknown as Json })),
    { kind: 'report', value: null },
  ];
  const remarks = random.int(0, 2);
  return renderRequest(pieces, sentencesOf(env, language), { language, random, remarks });
}

export function readEdits(text: string, env: Environment, language: Language): JsonObject | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (pieces?.[0]?.kind !== 'intro' || pieces.at(-1)?.kind !== 'report') return null;
  const changes = pieces.slice(1, -1);
  if (changes.length === 0 || changes.some(({ kind }) => kind !== 'change')) return null;
  return { operations: changes.map(({ value }) => (value as JsonObject)['change']!) };
}
