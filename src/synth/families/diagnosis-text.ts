// The words of diagnosis requests, both ways, and the user's side of the conversation.

import type { Random } from '../random.js';
import type { Language, UserScript } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { devicesOf, type Device, type DeviceIr } from './diagnosis-device.js';
import { choice, frame, listed, mapped, oneOf } from './grammar/form.js';
import { nameForm } from './grammar/names.js';
import { readRequest, renderRequest, type Piece, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import type { Trial } from './operate/attempt.js';
import { perLanguage, Phrases } from './operate/phrases.js';

const sentencesOf = perLanguage((env, language): Sentences => {
  const words = new Words(env, language);
  const phrases = new Phrases(words, env);
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '、', and: '和' };
  const names = listed(nameForm(language), joint);
  const devices = devicesOf(env);
  return {
    trouble: choice(
      devices.map(({ table }) =>
        mapped<{ names: readonly string[] }, Json>(
          frame<{ names: readonly string[] }>(
            phrases.say(
              [
                `something is wrong with some of my ${words.things(table)} {names}; please find out which do not work and get them to work.`,
                `not all of the ${words.things(table)} {names} do what they should; test each and repair those that do not work.`,
              ],
              [
                `我的${words.things(table)}{names}里有的出了问题，请查明哪些不工作并修好。`,
                `${words.things(table)}{names}并非都正常，请逐个测试，把不工作的修好。`,
              ],
            ),
            { names },
          ),
          (parts) => ({ table, ...parts }),
          (value) => {
            const one = value as JsonObject;
            return one['table'] === table ? { names: one['names'] as readonly string[] } : null;
          },
        ),
      ),
    ),
    manual: choice(
      devices.flatMap(({ table, settings }) =>
        settings.map(({ column }) => {
          const label = words.label(table, column);
          return mapped<{ good: Json }, Json>(
            frame<{ good: Json }>(
              phrases.say(
                [
                  `according to the manual, the setting "${label}" of ${words.aThing(table)} has to read {good}.`,
                  `${words.aThing(table)} works only while its setting "${label}" reads {good}.`,
                ],
                [
                  `手册写明，${words.thing(table)}的“${label}”应为{good}。`,
                  `只有“${label}”为{good}时${words.thing(table)}才工作。`,
                ],
              ),
              { good: words.values(table, column) },
            ),
            ({ good }) => ({ table, column, good }),
            (value) => {
              const one = value as JsonObject;
              return one['table'] === table && one['column'] === column
                ? { good: one['good']! }
                : null;
            },
          );
        }),
      ),
    ),
    unable: oneOf<Json>(
      devices.flatMap(({ table, settings }) =>
        settings.map(({ column }): readonly [Json, readonly string[]] => {
          const label = words.label(table, column);
          return [
            { table, column },
            phrases.say(
              [
                `the setting "${label}" of ${words.aThing(table)} cannot be changed from here, not even by me.`,
                `nobody here is able to change the setting "${label}" of ${words.aThing(table)} at the moment.`,
              ],
              [
                `${words.thing(table)}的“${label}”在这里改不了，我也不行。`,
                `目前没有人能更改${words.thing(table)}的“${label}”。`,
              ],
            ),
          ];
        }),
      ),
    ),
    rules: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'what you cannot get to work, leave exactly as it is and pass it on; do not touch what is in order.',
            'do not change anything about those that cannot be made to work: escalate them. Healthy ones stay as they are.',
          ],
          [
            '修不好的保持原样并转交；正常的不要动。',
            '无法修好的什么都别改，请上报；好的维持不变。',
          ],
        ),
      ],
    ]),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in "repaired" and "escalated", each a list of names.',
            'report the names of those that you got to work as "repaired" and of those that you passed on as "escalated".',
          ],
          [
            '请提交“repaired”和“escalated”两个名称列表。',
            '修好的名称填入“repaired”，转交的填入“escalated”。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

/** @throws GrammarError for what has no words */
export function renderTrouble(
  ir: DeviceIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const { table, names, manual, unable } = ir;
  const middle: Piece[] = [
    ...manual.map((one) => ({ kind: 'manual', value: { table, ...one } })),
    ...unable.map((column) => ({ kind: 'unable', value: { table, column } })),
  ];
  const pieces: Piece[] = [
    { kind: 'trouble', value: { table, names } },
    ...random.shuffled(middle),
    { kind: 'rules', value: null },
    { kind: 'report', value: null },
  ];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 2),
  });
}

/** null where the text tells of no trouble with devices. */
export function readTrouble(text: string, env: Environment, language: Language): DeviceIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const of = (kind: string): JsonObject[] =>
    pieces.filter((piece) => piece.kind === kind).map(({ value }) => value as JsonObject);
  const [trouble, manual, unable] = [of('trouble'), of('manual'), of('unable')];
  if (trouble.length !== 1 || of('rules').length !== 1 || of('report').length !== 1) return null;
  const table = trouble[0]!['table'] as string;
  if ([...manual, ...unable].some((one) => one['table'] !== table)) return null;
  return {
    table,
    names: trouble[0]!['names'] as unknown as readonly string[],
    manual: manual
      .map(({ column, good }) => ({ column: column as string, good: good as never }))
      .toSorted((a, b) => (a.column < b.column ? -1 : 1)),
    unable: unable.map(({ column }) => column as string).toSorted(),
  };
}

/** What the user can do and say: how the settings read that only the user sees, and what is out of reach. */
export function userOf(
  trial: Trial,
  { table, names, unable }: DeviceIr,
  { settings, readTools }: Device,
  opening: string,
  language: Language,
): UserScript {
  const words = new Words(trial.loaded.env, language);
  const own = settings.filter(({ side }) => side === 'user');
  const able = own.filter(({ column }) => !unable.includes(column));
  const readings = names.flatMap((name) =>
    own.map(({ column }) => {
      const { label } = words.column(table, column);
      const key = trial.byName(table, name)!;
      const row = trial.row(table, key)!;
      return {
        id: `reads:${name}:${column}`,
        ask: {
          en: `What does the ${label.en} of ${name} read?`,
          zh: `${name}的${label.zh}现在是什么？`,
        },
        answer: String(row[column]),
        topic: label,
        subject: name,
        row: { table, key, column },
      };
    }),
  );
  const no = { en: 'No, I cannot change that here.', zh: '不行，这个我在这里改不了。' };
  const refusals = unable.map((column) => {
    const { label } = words.column(table, column);
    return {
      id: `unable:${column}`,
      ask: { en: `Can you change the ${label.en}?`, zh: `您能更改${label.zh}吗？` },
      answer: no[language],
      topic: label,
    };
  });
  const tools = new Set([...able.map(({ fixTool }) => fixTool), ...readTools.values()]);
  return { opening, facts: [...readings, ...refusals], tools: [...tools].toSorted() };
}
