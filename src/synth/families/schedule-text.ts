// The words of scheduling requests, both ways.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { choice, frame, listed, mapped, oneOf, type Form } from './grammar/form.js';
import { dateForm } from './grammar/dates.js';
import { nameForm } from './grammar/names.js';
import { numberForm } from './grammar/numbers.js';
import { readRequest, renderRequest, type Piece, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import { affordancesOf, nameColumn, target } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';
import type { MatchingIr, ScheduleIr, SlotRequest, SlotsIr } from './schedule-types.js';

type Slot = SlotRequest & { readonly [name: string]: Json };

const sentencesOf = perLanguage((env, language): Sentences => {
  const words = new Words(env, language);
  const phrases = new Phrases(words, env);
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '、', and: '和' };
  const name = nameForm(language);
  const names = listed(name, joint);
  const atLeastTwo = (all: readonly string[]): readonly string[] | null =>
    all.length > 1 ? all : null;
  const several = mapped<readonly string[], readonly string[]>(names, atLeastTwo, atLeastTwo);
  const single = mapped<string, readonly string[]>(
    name,
    (one) => [one],
    ([one, ...others]) => (others.length > 0 ? null : (one ?? null)),
  );
  const number = numberForm(language);
  const nothing = (en: string[], zh: string[]): Form<null> =>
    oneOf<null>([[null, phrases.say(en, zh)]]);
  const matching = affordancesOf(env, 'assignment').map(
    ({ jobTable, workerTable, job, worker }) => {
      type Parts = { jobs: readonly string[]; pool: readonly string[] };
      const [jobs, people] = [words.things(jobTable), words.things(workerTable)];
      const [one, skill] = [words.thing(workerTable), words.label(workerTable, worker.skill)];
      const [limit, needs] = [
        words.label(workerTable, worker.limit),
        words.label(jobTable, job.needs),
      ];
      return mapped<Parts, Json>(
        frame<Parts>(
          phrases.say(
            [
              `the ${jobs} {jobs} need somebody: give each of them to one of the ${people} {pool}, whose ${skill} must be the ${needs} needed, who may not have two ${jobs} at the same time, nor more in all than the ${limit} says.`,
              `find one of the ${people} {pool} for each of the ${jobs} {jobs}; the ${skill} of the ${one} has to be the ${needs} asked for, no two ${jobs} of one ${one} may overlap, and all their ${jobs} together stay within the ${limit}.`,
            ],
            [
              `${jobs}{jobs}还没有人负责：请从${people}{pool}中为每个安排一人，其${skill}须与所需${needs}一致，同一人的${jobs}时间不得重叠，总数不得超过其${limit}。`,
              `请把${jobs}{jobs}逐一分给${people}{pool}中的一人；${skill}须与所需${needs}相符，一人的${jobs}不能撞时间，全部${jobs}数不超过${limit}。`,
            ],
          ),
          { jobs: names, pool: names },
        ),
        (parts) => ({ table: jobTable, ...parts }),
        (value) => {
          const { table, jobs: own, pool } = value as unknown as MatchingIr;
          return table === jobTable ? { jobs: own, pool } : null;
        },
      );
    },
  );
  const slots = affordancesOf(env, 'booking')
    .filter(({ resourceTable }) => nameColumn(env, resourceTable) !== null)
    .filter(({ bookingTable, owner }) => nameColumn(env, target(env, bookingTable, owner)) !== null)
    .flatMap(({ bookingTable: table, resourceTable, owner, start, end }) => {
      const hours = words.column(table, start).type === 'datetime';
      const [en, zh] = hours ? ['hours', '小时'] : ['days', '天'];
      const [thing, things] = [words.thing(resourceTable), words.things(resourceTable)];
      const form = (resources: Form<readonly string[]>, said: readonly string[]): Form<Json> =>
        mapped<Slot, Json>(
          frame<Slot>(said, {
            resources,
            owner: phrases.row(target(env, table, owner)),
            length: number,
            from: phrases.moment(table, start),
            to: phrases.moment(table, end),
          } as never),
          (request) => ({ table, request }),
          (value) => {
            const one = value as { table: string; request: Slot };
            return one.table === table ? one.request : null;
          },
        );
      return [
        form(
          several,
          phrases.say(
            [
              `book one of the ${things} {resources} for {owner}, for a span of {length} ${en} that begins no earlier than {from} and is over by {to}.`,
              `{owner} needs one of the ${things} {resources} for {length} ${en} in a row, from {from} at the earliest, with the end no later than {to}.`,
            ],
            [
              `请为{owner}预订${things}{resources}之一，连续{length}${zh}，开始不早于{from}，结束不晚于{to}。`,
              `{owner}需要${things}{resources}中的一个，时长{length}${zh}，最早从{from}开始，最晚到{to}结束。`,
            ],
          ),
        ),
        form(
          single,
          phrases.say(
            [
              `book the ${thing} {resources} for {owner}, for a span of {length} ${en} that begins no earlier than {from} and is over by {to}.`,
              `{owner} needs the ${thing} {resources} for {length} ${en} in a row, from {from} at the earliest, with the end no later than {to}.`,
            ],
            [
              `请为{owner}预订${thing}{resources}，连续{length}${zh}，开始不早于{from}，结束不晚于{to}。`,
              `{owner}需要${thing}{resources}，时长{length}${zh}，最早从{from}开始，最晚到{to}结束。`,
            ],
          ),
        ),
      ];
    });
  return {
    ...(matching.length > 0 && { matching: choice(matching) }),
    ...(slots.length > 0 && { slot: choice(slots) }),
    blackout: frame<{ worker: string; date: string }>(
      phrases.say(
        ['{worker} is away on {date}.', 'on {date}, {worker} cannot work.'],
        ['{worker}在{date}不在。', '{date}那天{worker}不能上班。'],
      ),
      { worker: name, date: dateForm(language) },
    ),
    most: frame<{ most: number }>(
      phrases.say(
        [
          'none of them may get more than {most} of these.',
          'nobody takes more than {most} of the above.',
        ],
        ['以上每人分到的数目最多为{most}。', '其中任何人承担的数目不得超过{most}。'],
      ),
      { most: number },
    ),
    'slots-intro': nothing(
      [
        'please make these bookings one after the other, each at the earliest time that is free, on the hour or day; if several of those named are free then, take the one named first.',
        'each of the following bookings should begin as early as it can, in steps of a whole hour or day from the start given, and go to the first named of those free at that time; do them in this order.',
      ],
      [
        '请依次办理以下预订，每次都取最早的空闲时间（以整小时或整天为单位）；若届时有多个空闲，取列在最前的。',
        '下列预订请按顺序办理：从给定开始时间起按整小时或整天推算，越早越好；同一时间有几个可用时选先提到的。',
      ],
    ),
    'slots-report': nothing(
      [
        'hand in as "starts" the beginning of each booking in this order, written as in the tables.',
        'report the starting times in the same order as "starts", in the notation of the tables.',
      ],
      [
        '请按相同顺序在“starts”中提交各预订的开始时间，格式与表中一致。',
        '“starts”按顺序填写每次预订的开始时间，写法同表中。',
      ],
    ),
    'matching-report': nothing(
      [
        'hand in as "assigned" how many you gave out.',
        'report the number given out as "assigned".',
      ],
      ['请在“assigned”中提交安排的数量。', '“assigned”填写共安排了几个。'],
    ),
  } as unknown as Sentences;
});

/** @throws GrammarError for what has no words */
export function renderSchedule(
  ir: ScheduleIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const pieces: Piece[] =
    ir.kind === 'slots'
      ? [
          { kind: 'slots-intro', value: null },
          ...ir.requests.map((request) => ({
            kind: 'slot',
            value: { table: ir.table, request } as unknown as Json,
          })),
          { kind: 'slots-report', value: null },
        ]
      : [
          { kind: 'matching', value: { table: ir.table, jobs: ir.jobs, pool: ir.pool } },
          ...random.shuffled<Piece>([
            ...ir.blackouts.map((value) => ({ kind: 'blackout', value: { ...value } })),
            { kind: 'most', value: { most: ir.most } },
          ]),
          { kind: 'matching-report', value: null },
        ];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 2),
  });
}

export const blackoutOrder = (
  a: MatchingIr['blackouts'][number],
  b: MatchingIr['blackouts'][number],
): number => (`${a.date} ${a.worker}` < `${b.date} ${b.worker}` ? -1 : 1);

/** null where the text asks for no schedule. */
export function readSchedule(
  text: string,
  env: Environment,
  language: Language,
): ScheduleIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const of = (kind: string): JsonObject[] =>
    pieces.filter((piece) => piece.kind === kind).map(({ value }) => value as JsonObject);
  const slots = of('slot');
  const one = (kind: string): boolean => of(kind).length === 1;
  if (one('slots-intro') && one('slots-report') && pieces.length === slots.length + 2) {
    const [table, ...others] = new Set(slots.map((slot) => slot['table'] as string));
    if (table === undefined || others.length > 0) return null;
    const requests = slots.map((slot) => slot['request']) as unknown as SlotsIr['requests'];
    return { kind: 'slots', table, requests };
  }
  const [matching, blackouts] = [of('matching'), of('blackout')];
  const whole = matching.length === 1 && one('most') && one('matching-report');
  if (!whole || pieces.length !== blackouts.length + 3) return null;
  const { table, jobs, pool } = matching[0] as unknown as MatchingIr;
  return {
    kind: 'matching',
    table,
    jobs,
    pool,
    blackouts: (blackouts as unknown as MatchingIr['blackouts']).toSorted(blackoutOrder),
    most: of('most')[0]!['most'] as number,
  };
}
