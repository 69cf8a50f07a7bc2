// Conversations without tool calls: arithmetic, dates and units with visible steps in thinking;
// greetings and identity; and a plain refusal for everything else.

import type { Message } from '../encoding/message.js';
import { additionSteps, daysInMonth, multiplicationSteps, subtractionSteps } from './arithmetic.js';
import type { Dialog, DialogKind } from './dialog.js';
import type { Rng } from './rng.js';
import { SMALL_TALK } from './small-talk.js';
import * as words from './words.js';
import type { Split } from './words.js';

/** One question with its reasoning and answer. */
interface Exchange {
  question: string;
  reasoning: string;
  answer: string;
  facts: string[];
}

const pickPhrasing = (rng: Rng, split: Split, train: string[], held: string[]) =>
  rng.pick(split === 'eval' && rng.chance(0.5) ? held : train);

const ASK_MATH = [
  'What is {x}?',
  'How much is {x}?',
  '{x}',
  '{x} = ?',
  'Compute {x}.',
  'Calculate {x}',
  'Solve {x}.',
  'Can you compute {x}?',
  'Please work out {x}.',
  'Tell me {x}',
  'what is {x}',
];
const ASK_MATH_HELD = ['Give me the value of {x}.', 'I need the result of {x}, please.'];

/** Sums of single digits are known by heart; the rest is worked out. */
const worked = (text: string, steps: string, result: number) =>
  steps === '' ? `${text} = ${result}.` : `${text}: ${steps} So ${text} = ${result}.`;

function arithmetic(rng: Rng, split: Split, thinking: boolean): Exchange {
  const op = rng.weighted({ '+': 45, '-': 30, '*': 25 });
  const maxDigits = thinking ? 4 : 3;
  let a = words.operand(rng, split, maxDigits);
  let b = words.operand(rng, split, maxDigits);
  let steps: string;
  let result: number;
  if (op === '+') {
    steps = additionSteps(a, b);
    result = a + b;
  } else if (op === '-') {
    if (a < b) [a, b] = [b, a];
    steps = subtractionSteps(a, b);
    result = a - b;
  } else {
    a = words.operand(rng, split, 3);
    b = rng.int(2, 9);
    steps = multiplicationSteps(a, b);
    result = a * b;
    const text = `${a} * ${b}`;
    if (a < 10) steps = '';
    const shown = rng.chance(0.25) ? `${a} times ${b}` : text;
    return {
      question: pickPhrasing(rng, split, ASK_MATH, ASK_MATH_HELD).replace('{x}', shown),
      reasoning: worked(text, steps, result),
      answer: `${text} = ${result}.`,
      facts: [String(result)],
    };
  }
  const text = `${a} ${op} ${b}`;
  const shown = rng.chance(0.2) ? `${a} ${op === '+' ? 'plus' : 'minus'} ${b}` : text;
  return {
    question: pickPhrasing(rng, split, ASK_MATH, ASK_MATH_HELD).replace('{x}', shown),
    reasoning: worked(text, a < 10 && b < 10 ? '' : steps, result),
    answer: `${text} = ${result}.`,
    facts: [String(result)],
  };
}

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const pad = (value: number) => String(value).padStart(2, '0');

function dates(rng: Rng, split: Split): Exchange {
  const kind = rng.weighted({ after: 50, weekday: 30, month: 20 });
  if (kind === 'weekday') {
    const start = rng.int(0, 6);
    const days = rng.int(1, 30);
    const rest = days % 7;
    const name = WEEKDAYS[(start + rest) % 7]!;
    return {
      question: pickPhrasing(
        rng,
        split,
        [
          `If today is ${WEEKDAYS[start]}, what day is it in ${days} days?`,
          `Today is ${WEEKDAYS[start]}. Which weekday is ${days} days later?`,
          `What day is ${days} days after ${WEEKDAYS[start]}?`,
        ],
        [`It is ${WEEKDAYS[start]} now; which day comes ${days} days later?`],
      ),
      reasoning: `${days} days is ${Math.floor(days / 7)} weeks and ${rest} days. ${rest} days after ${WEEKDAYS[start]} is ${name}.`,
      answer: `It is ${name}.`,
      facts: [name],
    };
  }
  const [year, month, day] = words.isoDate(rng, split).split('-').map(Number) as [
    number,
    number,
    number,
  ];
  const length = daysInMonth(year, month);
  if (kind === 'month') {
    return {
      question: pickPhrasing(
        rng,
        split,
        [
          `How many days does ${MONTHS[month - 1]} ${year} have?`,
          `How many days are in ${MONTHS[month - 1]} ${year}?`,
        ],
        [`What is the number of days in ${MONTHS[month - 1]} ${year}?`],
      ),
      reasoning:
        month === 2
          ? `${year} is ${length === 29 ? 'a' : 'not a'} leap year, so February has ${length} days.`
          : `${MONTHS[month - 1]} has ${length} days.`,
      answer: `${MONTHS[month - 1]} ${year} has ${length} days.`,
      facts: [String(length)],
    };
  }
  const days = rng.int(1, 28);
  const sum = day + days;
  const from = `${year}-${pad(month)}-${pad(day)}`;
  const nextMonth = month === 12 ? 1 : month + 1;
  const over = sum > length;
  const target = over
    ? `${month === 12 ? year + 1 : year}-${pad(nextMonth)}-${pad(sum - length)}`
    : `${year}-${pad(month)}-${pad(sum)}`;
  return {
    question: pickPhrasing(
      rng,
      split,
      [
        `What date is ${days} days after ${from}?`,
        `What is the date ${days} days after ${from}?`,
        `Add ${days} days to ${from}.`,
        `${from} plus ${days} days is which date?`,
      ],
      [`Which date comes ${days} days later than ${from}?`],
    ),
    reasoning: `${day} + ${days} = ${sum}. Month ${pad(month)} has ${length} days. ${over ? `${sum} - ${length} = ${sum - length}, so the next month.` : 'It stays in the month.'} The date is ${target}.`,
    answer: `It is ${target}.`,
    facts: [target],
  };
}

/** [from, to, factor]; the factor is 10^n or one that splits into one digit and a power of ten. */
const UNITS: readonly [string, string, number][] = [
  ['km', 'm', 1000],
  ['m', 'cm', 100],
  ['cm', 'mm', 10],
  ['kg', 'g', 1000],
  ['l', 'ml', 1000],
  ['g', 'mg', 1000],
  ['t', 'kg', 1000],
  ['hours', 'minutes', 60],
  ['minutes', 'seconds', 60],
  ['weeks', 'days', 7],
  ['yards', 'feet', 3],
  ['m', 'mm', 1000],
];

function unit(rng: Rng, split: Split): Exchange {
  const [from, to, factor] = rng.pick(UNITS);
  const value = words.integer(rng, split, 2, factor >= 100 ? 999 : 199);
  const result = value * factor;
  const digit = Number(String(factor)[0]);
  const zeros = String(factor).slice(1);
  const multiplied =
    digit === 1
      ? `${value} with ${zeros.length} zeros is ${result}.`
      : `${value} * ${digit}: ${multiplicationSteps(value, digit)}${zeros === '' ? '' : ` With ${zeros.length} zero: ${result}.`}`;
  return {
    question: pickPhrasing(
      rng,
      split,
      [
        `Convert ${value} ${from} to ${to}.`,
        `How many ${to} are ${value} ${from}?`,
        `What is ${value} ${from} in ${to}?`,
        `${value} ${from} in ${to}`,
        `How many ${to} in ${value} ${from}?`,
        `${value} ${from} to ${to}?`,
      ],
      [`Express ${value} ${from} in ${to}.`],
    ),
    reasoning: `1 ${from} = ${factor} ${to}. ${multiplied} So it is ${result} ${to}.`,
    answer: `${value} ${from} = ${result} ${to}.`,
    facts: [String(result)],
  };
}

function smallTalk(rng: Rng, split: Split): Exchange {
  const { questions, answer, fact } = rng.pick(SMALL_TALK);
  let question = rng.pick(split === 'eval' ? questions.slice(-1) : questions.slice(0, -1));
  if (split === 'train' && rng.chance(0.2)) question = question.toLowerCase();
  if (split === 'train' && rng.chance(0.2)) question = question.replace(/[.?!]$/, '');
  return { question, reasoning: 'This is small talk.', answer, facts: [fact] };
}

const REFUSAL = 'That is outside what I was trained for; connect a larger model for this.';
const OUTSIDE = [
  'Write a poem about {t}.',
  'Tell me a story about {t}.',
  'Explain {t} to me.',
  'Write a Python function for {t}.',
  'What is the capital of {t}?',
  'Who was {t}?',
  'Summarize the book {t}.',
  'What do you think about {t}?',
  'Give me a recipe for {t}.',
  'Why is {t} important?',
  'Write an essay on {t}.',
  'How does {t} work?',
  'What is the history of {t}?',
  'Tell me a joke about {t}.',
  'What is {t}?',
  'Recommend a film about {t}.',
  'Write a letter to {t}.',
  'Fix the bug in my {t} code.',
  'What causes {t}?',
  'Compare {t} and {u}.',
  'Who invented {t}?',
  'When did {t} happen?',
  'Write a song about {t}.',
  'Debug my {t} program.',
  'Is {t} dangerous?',
  'How do I learn {t}?',
  'Prove that {t} is true.',
  'Where is {t}?',
  'Who won the {t}?',
  'What does {t} mean?',
  'Describe {t}.',
  'Plan a trip to {t}.',
  '{t}',
];
const OUTSIDE_HELD = ['Draft a speech on {t}.', 'Teach me {t}.', 'What should I know about {t}?'];
const TOPICS =
  'love|the moon|quantum physics|the French Revolution|photosynthesis|climate change|gravity|democracy|Shakespeare|the stock market|machine learning|black holes|pasta|chess|football|the Roman Empire|Napoleon|JavaScript|sorting|global warming|jazz|the brain|dinosaurs|religion|happiness|the ocean|cancer|Mozart|Python|vaccines|the economy|philosophy|space travel|Germany|Japan|cats|dogs|the weather|Einstein|the internet'.split(
    '|',
  );

function outside(rng: Rng, split: Split): Exchange {
  const topic = () =>
    split === 'train' && rng.chance(0.6)
      ? rng.pick(TOPICS)
      : rng.chance(0.5)
        ? words.properName(rng, split)
        : words.phrase(rng, split);
  const question = pickPhrasing(rng, split, OUTSIDE, OUTSIDE_HELD)
    .replace('{t}', topic)
    .replace('{u}', topic);
  return {
    question: question.charAt(0).toUpperCase() + question.slice(1),
    reasoning: 'I was not trained for this.',
    answer: REFUSAL,
    facts: ['outside what I was trained for'],
  };
}

const SYSTEM_PROMPTS = [
  'You are a helpful assistant.',
  'Answer briefly.',
  'You are Hadal.',
  'Be concise.',
];

export type PlainKind = Extract<DialogKind, 'arithmetic' | 'date' | 'unit' | 'chat' | 'outside'>;

function exchange(kind: PlainKind, rng: Rng, split: Split, thinking: boolean): Exchange {
  switch (kind) {
    case 'arithmetic':
      return arithmetic(rng, split, thinking);
    case 'date':
      return dates(rng, split);
    case 'unit':
      return unit(rng, split);
    case 'chat':
      return smallTalk(rng, split);
    case 'outside':
      return outside(rng, split);
  }
}

const PLAIN_WEIGHTS: Record<PlainKind, number> = {
  arithmetic: 46,
  date: 12,
  unit: 13,
  chat: 13,
  outside: 16,
};

export function makePlainDialog(
  rng: Rng,
  split: Split,
  options: { kind?: PlainKind; maxQuestions: number; mode?: Dialog['mode'] },
): Dialog {
  const mode = options.mode ?? (rng.chance(0.6) ? 'thinking' : 'chat');
  const messages: Message[] = [];
  const expectations: Dialog['expectations'] = new Map();
  if (rng.chance(0.3)) messages.push({ role: 'system', content: rng.pick(SYSTEM_PROMPTS) });
  const count = rng.int(1, options.maxQuestions);
  let kind: PlainKind | undefined;
  for (let i = 0; i < count; i++) {
    const wanted = (i === 0 ? options.kind : undefined) ?? rng.weighted(PLAIN_WEIGHTS);
    kind ??= wanted;
    // Earlier turns lose their reasoning in the prompt.
    const thinking = mode === 'thinking' && i === count - 1;
    const { question, reasoning, answer, facts } = exchange(wanted, rng, split, thinking);
    // Without thinking the steps have no other place than the answer itself.
    const showsSteps = !thinking && wanted !== 'chat' && wanted !== 'outside';
    messages.push({ role: 'user', content: question });
    expectations.set(messages.length, { type: 'answer', facts });
    messages.push({
      role: 'assistant',
      content: showsSteps ? reasoning : answer,
      reasoningContent: reasoning,
    });
  }
  return { kind: kind!, mode, tools: [], messages, expectations };
}
