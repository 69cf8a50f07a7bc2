// The policy as a text in both languages: the rules that hold, in random order, among clauses that forbid
// nothing an agent could do. Whether a tool enforces a rule, the text does not say.

import type { Random } from '../random.js';
import type { Bilingual, RuleSpec } from '../world-types.js';

const say = (en: string, zh: string): Bilingual => ({ en, zh });

/** True of nothing in the tables. */
const IRRELEVANT: readonly Bilingual[] = [
  say('Answer in the language in which you are addressed.', '请使用来访者的语言作答。'),
  say('Be polite and brief.', '请礼貌、简洁。'),
  say(
    'Paper forms are kept for ten years in the basement archive.',
    '纸质表格在地下档案室保存十年。',
  ),
  say('Staff wear a badge at all times.', '工作人员须始终佩戴工牌。'),
  say('The front door is locked after the last visitor has left.', '最后一位访客离开后锁好正门。'),
  say('Complaints by letter are answered within two weeks.', '书面投诉在两周内答复。'),
  say('Press enquiries go to the director in person.', '媒体问询由负责人亲自处理。'),
  say('The kitchen is cleaned every evening by turns.', '厨房每晚轮流清扫。'),
  say('Photographs may be taken without a flash.', '可以拍照，但不得使用闪光灯。'),
  say('Deliveries arrive at the rear entrance.', '送货请走后门。'),
  say('The yearly report appears in spring.', '年度报告于春季发布。'),
  say('Dogs are welcome on a lead.', '牵绳的狗可以入内。'),
  say('New staff are introduced at the monthly gathering.', '新同事在月度聚会上介绍。'),
  say('Lost property is kept at the desk.', '失物存放在服务台。'),
  say('The lift is serviced twice a year.', '电梯每年检修两次。'),
  say('Umbrellas stay in the stand by the door.', '雨伞请放在门口伞架。'),
];

export function writePolicy(
  title: Bilingual,
  rules: readonly RuleSpec[],
  random: Random,
): Bilingual {
  const extra = random.sample(IRRELEVANT, random.int(2, 4));
  const clauses = random.shuffled([...rules.map(({ text }) => text), ...extra]);
  const listed = (language: keyof Bilingual): string =>
    clauses.map((clause, i) => `${i + 1}. ${clause[language]}`).join('\n');
  return {
    en: `You work for the ${title.en}. Amounts of money are in hundredths of the currency unit. Rules:\n${listed('en')}`,
    zh: `你为${title.zh}工作。金额以货币单位的百分之一计。规定：\n${listed('zh')}`,
  };
}
