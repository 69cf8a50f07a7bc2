// The words of repair requests, both ways.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { choice, frame, listed, mapped, oneOf, type Form } from './grammar/form.js';
import { nameForm } from './grammar/names.js';
import { readRequest, renderRequest, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import { affordancesOf, nameColumn } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';
import type { RepairIr } from './repair-types.js';

const sentencesOf = perLanguage((env, language): Sentences => {
  const words = new Words(env, language);
  const phrases = new Phrases(words, env);
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '、', and: '和' };
  const names = listed(nameForm(language), joint);
  const job = (kind: RepairIr['kind'], table: string, en: string[], zh: string[]): Form<Json> =>
    mapped<{ names: readonly string[] }, Json>(
      frame<{ names: readonly string[] }>(phrases.say(en, zh), { names }),
      (parts) => ({ kind, table, ...parts }),
      (value) => {
        const one = value as unknown as RepairIr;
        return one.kind === kind && one.table === table ? { names: one.names } : null;
      },
    );
  const jobs = [
    ...affordancesOf(env, 'total').map(({ parentTable, total, childTable, amount }) => {
      const [things, parts] = [words.things(parentTable), words.things(childTable)];
      const [sum, part] = [words.label(parentTable, total), words.label(childTable, amount)];
      return job(
        'totals',
        parentTable,
        [
          `please go over the ${things} {names}: the ${sum} of each must be what the ${part} of all its ${parts} adds up to; correct the ${sum} where it is not.`,
          `somebody mistyped figures in some of the ${things} {names}; wherever the ${sum} differs from what the ${part} of all the ${parts} adds up to, set it right.`,
        ],
        [
          `请核对${things}{names}：每个的${sum}必须等于其${parts}的${part}之和，不符的请改正${sum}。`,
          `${things}{names}中有的数字录错了；凡${sum}与其${parts}的${part}合计不一致的，请改对。`,
        ],
      );
    }),
    ...affordancesOf(env, 'booking').map(({ resourceTable, bookingTable }) => {
      const [things, spans] = [words.things(resourceTable), words.things(bookingTable)];
      return job(
        'bookings',
        resourceTable,
        [
          `please look through the ${spans} of the ${things} {names}: where two that are not cancelled overlap, cancel the one that begins later.`,
          `a fault has let in ${spans} that overlap with others on some of the ${things} {names}; of each two that collide and are not cancelled, the later to begin has to be cancelled.`,
        ],
        [
          `请检查${things}{names}的${spans}：未取消的两条如有时间重叠，取消开始较晚的那条。`,
          `由于故障，${things}{names}中有的${spans}时间冲突；未取消且相互冲突的，取消其中开始较晚的一条。`,
        ],
      );
    }),
  ];
  return {
    job: choice(jobs),
    rules: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'where the policy does not allow the correction, leave things as they are and list the name under "left"; touch nothing else.',
            'if the rules stand against a correction, do not make it but name the item under "left"; everything else stays untouched.',
          ],
          [
            '规定不允许更正的，保持原样并把名称列入“left”；其他一概不动。',
            '若规定不许更正，就不要改，把名称写进“left”；其余数据不要碰。',
          ],
        ),
      ],
    ]),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in as "corrected" the names from this list that you put right.',
            'the names that were wrong and are right now go into "corrected".',
          ],
          [
            '把上面名单中已改正的名称提交到“corrected”。',
            '原先有误、现已改好的名称填入“corrected”。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

/** @throws GrammarError for what has no words */
export function renderRepair(
  ir: RepairIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const pieces = [
    { kind: 'job', value: ir as unknown as Json },
    ...random.shuffled([
      { kind: 'rules', value: null },
      { kind: 'report', value: null },
    ]),
  ];
  return renderRequest(pieces, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 3),
  });
}

/** null where the text asks for no repair. */
export function readRepair(text: string, env: Environment, language: Language): RepairIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  const kinds = pieces
    ?.map(({ kind }) => kind)
    .toSorted()
    .join();
  if (kinds !== 'job,report,rules') return null;
  const job = pieces!.find(({ kind }) => kind === 'job')!.value as JsonObject;
  return nameColumn(env, String(job['table'])) === null ? null : (job as unknown as RepairIr);
}
