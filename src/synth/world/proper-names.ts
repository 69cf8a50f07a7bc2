// Proper names from syllables, in both scripts. All names of one kind in one environment follow one
// pattern of fixed length, so that no name is a part of another and a name in a text is found exactly.

import type { Random } from '../random.js';
import type { Bilingual } from '../world-types.js';

export type NameKind = 'person' | 'organisation' | 'place' | 'thing' | 'title';

const SINGLE = [...'bdfghjklmnprstvwz'];
const VOWELS = [...'aeiou'];
const CODAS = [...'lmnrs'];

const SURNAMES = [
  ...'赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤',
];
const SOUNDS = [
  ...'安柏川丹恩帆歌涵嘉凯岚敏宁欧佩清蓉珊彤薇熙妍泽初棠朔霖瑾舟野望溪若禾舒曼澄远澜溯青云苒星晴岳霄',
];
const PLACE_ENDS = [...'镇港湾桥谷岭'];
const GROUP_ENDS = ['商行', '合社', '集团', '工坊', '联行'];
const THING_ENDS = [...'号型款式'];
const TITLE_ENDS = ['规章', '通则', '约定', '备忘', '指引', '方案'];
const GROUP_WORDS = ['Works', 'Union', 'Trade', 'House', 'Group'];
const TITLE_WORDS = ['Charter', 'Concord', 'Digests', 'Mandate', 'Outline', 'Program'];

/** Makes names, each once. */
export class ProperNames {
  readonly #used = new Set<string>();
  /** Letters of each kind's words here: `CVCV` = onset, vowel, onset, vowel. */
  readonly #patterns: Readonly<Record<NameKind, string>>;

  constructor(readonly random: Random) {
    const pattern = (): string => random.pick(['CVCV', 'CVCVC', 'CVCCVC', 'VCVC']);
    this.#patterns = {
      person: pattern(),
      organisation: pattern(),
      place: pattern(),
      thing: pattern(),
      title: pattern(),
    };
  }

  /** A name that no other of this environment has, in either script. */
  next(kind: NameKind): Bilingual {
    for (;;) {
      const name = { en: this.#english(kind), zh: this.#chinese(kind) };
      if (this.#used.has(name.en) || this.#used.has(name.zh)) continue;
      this.#used.add(name.en).add(name.zh);
      return name;
    }
  }

  #english(kind: NameKind): string {
    const word = (pattern = this.#patterns[kind]): string => coin(this.random, pattern);
    switch (kind) {
      case 'person':
        return `${word()} ${word('CVCCVC')}`;
      case 'organisation':
        return `${word('CVCCV')} ${this.random.pick(GROUP_WORDS)}`;
      case 'place':
        return `${word('CVCVCV')}${this.random.pick(['ford', 'holm', 'wick', 'mere'])}`;
      case 'thing':
        return `${word('CVCVC')} ${this.random.pick([...'ABCDEFGH'])}${this.random.int(2, 9)}`;
      case 'title':
        return `${word('VCVCV')} ${this.random.pick(TITLE_WORDS)}`;
    }
  }

  #chinese(kind: NameKind): string {
    const sounds = (count: number): string =>
      Array.from({ length: count }, () => this.random.pick(SOUNDS)).join('');
    switch (kind) {
      case 'person':
        return this.random.pick(SURNAMES) + sounds(2);
      case 'organisation':
        return sounds(3) + this.random.pick(GROUP_ENDS);
      case 'place':
        return sounds(2) + this.random.pick(PLACE_ENDS);
      case 'thing':
        return sounds(3) + this.random.pick(THING_ENDS);
      case 'title':
        return sounds(3) + this.random.pick(TITLE_ENDS);
    }
  }
}

function coin(random: Random, pattern: string): string {
  const letters = [...pattern].map((kind, i) => {
    if (kind === 'V') return random.pick(VOWELS);
    // A consonant before another one closes its syllable.
    return pattern[i + 1] === 'V' ? random.pick(SINGLE) : random.pick(CODAS);
  });
  const word = letters.join('');
  return word.charAt(0).toUpperCase() + word.slice(1);
}
