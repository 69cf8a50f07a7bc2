// Who is speaking: openings, closings and remarks that carry no demand. All of it reads as nothing;
// remarks hold figures, dates and names on purpose, so that no figure can be taken for a demand just
// because it is there. Source: agents reference §6.7.

import type { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import { dateForm } from './dates.js';
import { choice, frame, oneOf, type Form } from './form.js';
import { moneyForm } from './money.js';
import { nameForm } from './names.js';
import { numberForm } from './numbers.js';

interface Register {
  readonly openings: readonly string[];
  readonly closings: readonly string[];
}

const REGISTERS: Readonly<Record<Language, readonly Register[]>> = {
  en: [
    {
      openings: ['Good morning.', 'Good afternoon.', 'Dear colleague:'],
      closings: ['Thank you in advance.', 'Kind regards.', 'I appreciate your help.'],
    },
    {
      openings: ['Hi!', 'Hey there!', 'Hello again!', 'Quick one for you:'],
      closings: ['Thanks a lot!', 'Cheers!', 'You are a star.'],
    },
    {
      openings: ['Task for today:', 'New request.', 'Please handle the following.'],
      closings: ['That is all.', 'End of request.', 'No further instructions.'],
    },
    {
      openings: ['Sorry to bother you.', 'I hope you can help me.', 'I am a little lost here.'],
      closings: ['I hope that is clear.', 'Please take your time.', 'I know it is a lot.'],
    },
  ],
  zh: [
    {
      openings: ['您好。', '早上好。', '尊敬的同事：'],
      closings: ['先谢谢您。', '此致敬礼。', '感谢您的协助。'],
    },
    {
      openings: ['嗨！', '哈喽！', '在吗？', '又来麻烦你啦。'],
      closings: ['多谢啦！', '辛苦了！', '拜托啦！'],
    },
    {
      openings: ['今日任务：', '新的请求。', '请处理以下事项。'],
      closings: ['以上。', '请求到此为止。', '没有其他要求了。'],
    },
    {
      openings: ['不好意思打扰了。', '希望您能帮帮我。', '我有点拿不准。'],
      closings: ['希望我说清楚了。', '您慢慢来就好。', '我知道要求有点多。'],
    },
  ],
};

type Nothing = { readonly [key: string]: string | number };

const PEOPLE: Readonly<Record<Language, readonly string[]>> = {
  en: ['Robin', 'my sister', 'the new trainee', 'our neighbour', 'Mr Quill'],
  zh: ['小周', '我妹妹', '新来的实习生', '邻居老陈', '奎先生'],
};

function nothing<T extends Nothing>(form: Form<T>, draw: (random: Random) => T): Form<null> {
  return {
    write: (_, random) => form.write(draw(random), random),
    read: (text, at) => form.read(text, at).map(({ end }) => ({ value: null, end })),
  };
}

function remarks(language: Language): Form<null> {
  const say = (en: string[], zh: string[]): string[] => (language === 'en' ? en : zh);
  const who = oneOf<string>(PEOPLE[language].map((name) => [name, [name]] as const));
  const person = (random: Random): string => random.pick(PEOPLE[language]);
  return choice<null>([
    nothing(
      frame<{ who: string; n: number }>(
        say(
          [
            'By the way, {who} has asked me about this {n} times already.',
            'I told {who} that it would take {n} minutes.',
          ],
          ['顺便说一句，{who}已经问过我{n}次了。', '我跟{who}说过大概需要{n}分钟。'],
        ),
        { who, n: numberForm(language) },
      ),
      (random) => ({ who: person(random), n: random.int(3, 40) }),
    ),
    nothing(
      frame<{ date: string }>(
        say(
          [
            'Last time, on {date}, it went wrong because nobody checked.',
            'We have been waiting since {date}.',
          ],
          ['上次在{date}就因为没人核对出了差错。', '我们从{date}就开始等了。'],
        ),
        { date: dateForm(language) },
      ),
      (random) => ({ date: `20${random.int(19, 24)}-0${random.int(1, 9)}-${random.int(10, 28)}` }),
    ),
    nothing(
      frame<{ sum: number }>(
        say(
          [
            'A year ago such a thing would have come to {sum}, but never mind.',
            'Someone else was charged {sum} for it, which is not our concern.',
          ],
          ['一年前这种事要花{sum}，不过不必理会。', '听说别人为此付了{sum}，但与我们无关。'],
        ),
        { sum: moneyForm(language) },
      ),
      (random) => ({ sum: random.int(20, 900) * 50 }),
    ),
    nothing(
      frame<{ name: string; who: string }>(
        say(
          [
            'The folder is called {name} if {who} asks.',
            'As for {who}: all notes are under {name}; you will not need them.',
          ],
          ['如果{who}问起，文件夹名叫{name}。', '{who}把笔记放在{name}里，你用不到。'],
        ),
        { name: nameForm(language), who },
      ),
      (random) => ({
        name: random.pick(['Blue Ledger', 'North Drawer', 'Draft 7', 'Green Binder']),
        who: person(random),
      }),
    ),
    oneOf<null>([
      [
        null,
        say(
          [
            'It has been a long week.',
            'The coffee machine is broken again.',
            'I am in a meeting until noon.',
            'Do not worry about the wording.',
          ],
          ['这一周真够忙的。', '咖啡机又坏了。', '我中午之前都在开会。', '措辞不用太讲究。'],
        ),
      ],
    ]),
  ]);
}

const REMARKS = { en: remarks('en'), zh: remarks('zh') };

/** Everything that may stand in a request and means nothing. */
export function fillerForm(language: Language): Form<null> {
  const fixed = REGISTERS[language].flatMap(({ openings, closings }) => [...openings, ...closings]);
  return choice<null>([oneOf<null>([[null, fixed]]), REMARKS[language]]);
}

export interface Voice {
  readonly opening: string | null;
  readonly closing: string | null;
  readonly remarks: readonly string[];
}

/** One speaker's way, with this many remarks at most. */
export function drawVoice(language: Language, random: Random, count: number): Voice {
  const register = random.pick(REGISTERS[language]);
  return {
    opening: random.chance(75) ? random.pick(register.openings) : null,
    closing: random.chance(60) ? random.pick(register.closings) : null,
    // The same remark twice would be odd.
    remarks: [
      ...new Set(Array.from({ length: count }, () => REMARKS[language].write(null, random) ?? '')),
    ],
  };
}
