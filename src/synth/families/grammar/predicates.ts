// Comparisons as parts of sentences: `must be at least …` (a demand) and `is at least …` (a condition),
// for amounts, dates and labels. Both ways; demands and conditions share no words, so that a text
// never reads as the other.

import type { Comparison } from '../constraint.js';
import type { Language } from '../../task-types.js';
import type { ColumnType, Json } from '../../world-types.js';
import { choice, frame, mapped, type Form } from './form.js';

export type Mood = 'demand' | 'condition';

/** What kind of words compare values of a column. */
type Manner = 'amount' | 'date' | 'label';

export function mannerOf(type: ColumnType): Manner {
  if (type === 'int' || type === 'money') return 'amount';
  return type === 'date' || type === 'datetime' ? 'date' : 'label';
}

type Phrases = Readonly<Partial<Record<Comparison, readonly string[]>>>;

/** What follows a form of `to be`. */
const ENGLISH: Readonly<Record<Manner, Phrases>> = {
  amount: {
    '>=': ['at least {value}', '{value} or more', 'no lower than {value}'],
    '<=': ['at most {value}', '{value} or less', 'no higher than {value}'],
    '>': ['above {value}', 'more than {value}'],
    '<': ['below {value}', 'less than {value}'],
    '=': ['exactly {value}', 'equal to {value}'],
    '!=': ['other than {value}', 'different from {value}'],
  },
  date: {
    '>=': ['on or after {value}', 'no earlier than {value}'],
    '<=': ['on or before {value}', 'no later than {value}'],
    '>': ['after {value}', 'later than {value}'],
    '<': ['before {value}', 'earlier than {value}'],
    '=': ['exactly {value}', 'on {value}'],
    '!=': ['any time but {value}', 'other than {value}'],
  },
  label: {
    '=': ['{value}'],
    '!=': ['anything but {value}', 'something other than {value}'],
  },
};
const ENGLISH_MODALS = ['must be', 'has to be', 'should be', 'needs to be'];

const CHINESE: Readonly<Record<Mood, Readonly<Record<Manner, Phrases>>>> = {
  demand: {
    amount: {
      '>=': ['不得低于{value}', '至少要有{value}', '不能少于{value}'],
      '<=': ['不得超过{value}', '最多只能是{value}', '不能高于{value}'],
      '>': ['必须高于{value}', '必须超过{value}'],
      '<': ['必须低于{value}', '必须小于{value}'],
      '=': ['必须正好是{value}', '必须等于{value}'],
      '!=': ['不得等于{value}', '不能正好是{value}'],
    },
    date: {
      '>=': ['不得早于{value}', '不能早于{value}'],
      '<=': ['不得晚于{value}', '不能晚于{value}'],
      '>': ['必须在{value}之后', '必须晚于{value}'],
      '<': ['必须在{value}之前', '必须早于{value}'],
      '=': ['必须正好是{value}', '必须定在{value}'],
      '!=': ['不得是{value}', '不能定在{value}'],
    },
    label: {
      '=': ['必须是{value}', '应当是{value}', '要求是{value}'],
      '!=': ['不能是{value}', '不得为{value}'],
    },
  },
  condition: {
    amount: {
      '>=': ['不低于{value}', '大于等于{value}', '达到{value}或更高'],
      '<=': ['不超过{value}', '小于等于{value}'],
      '>': ['高于{value}', '超过{value}'],
      '<': ['低于{value}', '不到{value}'],
      '=': ['正好是{value}', '等于{value}'],
      '!=': ['不等于{value}', '并非{value}'],
    },
    date: {
      '>=': ['不早于{value}', '在{value}或之后'],
      '<=': ['不晚于{value}', '在{value}或之前'],
      '>': ['晚于{value}', '在{value}之后'],
      '<': ['早于{value}', '在{value}之前'],
      '=': ['正好是{value}'],
      '!=': ['并非{value}'],
    },
    label: {
      '=': ['是{value}', '为{value}'],
      '!=': ['不是{value}', '并非{value}'],
    },
  },
};

function variantsOf(language: Language, mood: Mood, manner: Manner, op: Comparison): string[] {
  if (language === 'zh') return [...(CHINESE[mood][manner][op] ?? [])];
  const verbs = mood === 'demand' ? ENGLISH_MODALS : ['is'];
  const phrases = ENGLISH[manner][op] ?? [];
  return verbs.flatMap((verb) => phrases.map((phrase) => ` ${verb} ${phrase}`));
}

export type Predicate = { readonly op: Comparison; readonly value: Json };

const OPS: readonly Comparison[] = ['=', '!=', '<', '<=', '>', '>='];

/** Follows the words for what is compared, without a space of the caller's. */
export function predicateForm(
  language: Language,
  mood: Mood,
  manner: Manner,
  values: Form<Json>,
): Form<Predicate> {
  return choice(
    OPS.flatMap((op) => {
      const variants = variantsOf(language, mood, manner, op);
      if (variants.length === 0) return [];
      const form = frame<{ value: Json }>(variants, { value: values });
      return [
        mapped<{ value: Json }, Predicate>(
          form,
          ({ value }) => ({ op, value }),
          (predicate) => (predicate.op === op ? { value: predicate.value } : null),
        ),
      ];
    }),
  );
}
