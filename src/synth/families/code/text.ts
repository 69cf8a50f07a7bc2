// The words of requests to repair a program, both ways. Code stands between backticks, which no code of
// the library has, so it can be taken for nothing else.

import type { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import type { Environment, Json } from '../../world-types.js';
import { choice, frame, mapped, oneOf, spelled, type Form } from '../grammar/form.js';
import { readRequest, renderRequest, type Sentences } from '../grammar/request.js';
import { affordancesOf } from '../operate/operation.js';
import type { Symptom } from './plant.js';
import type { RepairIr } from './solve.js';

const codeForm: Form<string> = spelled<string>([
  {
    write: (code) => (code === '' || code.includes('`') ? null : `\`${code}\``),
    pattern: /`([^`]+)`/y,
    decode: (match) => match[1]!,
  },
]);

const JOB: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'the program in {folder} does not do what its description says any more; please repair it.',
    'somebody has been careless with the code in {folder}, and now its results are wrong; find out where and put it right.',
    'we have complaints about {folder}: its function gives wrong answers. Please find the cause in the source and mend it.',
  ],
  zh: [
    '{folder}中的程序不再按其说明工作，请修好它。',
    '有人改动{folder}里的代码时不小心，现在结果不对；请找出问题所在并改正。',
    '我们收到关于{folder}的投诉：它的函数给出错误结果。请在源代码中找到原因并修复。',
  ],
};

const SYMPTOM: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'called with the arguments {args} it returns {got}, where {right} would be right.',
    'for the arguments {args} the answer should be {right}, but what comes out is {got}.',
    'with {args} as its arguments we expect {right} and get {got}.',
  ],
  zh: [
    '以参数{args}调用时返回{got}，而正确的是{right}。',
    '参数为{args}时结果应为{right}，实际得到的却是{got}。',
    '传入参数{args}，我们期望{right}，得到的是{got}。',
  ],
};

const CRASH: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'called with the arguments {args} it breaks off with an error instead of returning {right}.',
    'for the arguments {args} there is an error, although {right} should come out.',
  ],
  zh: [
    '以参数{args}调用时会报错中断，而不是返回{right}。',
    '参数为{args}时出错，本应得到{right}。',
  ],
};

const RULES: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'these are examples only: it has to be right for every call that the description allows. Change nothing but the source files of this program; tests stay as they are.',
    'do not just patch these cases, every permitted call has to come out right. Leave the tests and all other files alone.',
  ],
  zh: [
    '以上只是例子：说明允许的任何调用都必须正确。只改这个程序的源文件，测试保持不变。',
    '不要只针对这些例子打补丁，所有允许的调用都要得到正确结果。测试和其他文件一概不动。',
  ],
};

function symptomForm(language: Language): Form<Json> {
  const code = codeForm;
  const wrong = mapped<{ args: string; got: string; right: string }, Json>(
    frame(SYMPTOM[language], { args: code, got: code, right: code }),
    (parts) => parts,
    (value) => {
      const { args, got, right } = value as unknown as Symptom;
      return got === null ? null : { args, got, right };
    },
  );
  const crash = mapped<{ args: string; right: string }, Json>(
    frame(CRASH[language], { args: code, right: code }),
    (parts) => ({ ...parts, got: null }),
    (value) => {
      const { args, got, right } = value as unknown as Symptom;
      return got === null ? { args, right } : null;
    },
  );
  return choice([wrong, crash]);
}

function sentencesOf(language: Language): Sentences {
  return {
    job: frame(JOB[language], { folder: codeForm }),
    symptom: symptomForm(language),
    rules: oneOf<Json>([[null, RULES[language]]]),
  } as unknown as Sentences;
}

const SENTENCES: Readonly<Record<Language, Sentences>> = {
  en: sentencesOf('en'),
  zh: sentencesOf('zh'),
};

/** @throws GrammarError for what has no words */
export function renderRepairOf(
  { folder, symptoms }: RepairIr,
  language: Language,
  random: Random,
): string {
  const pieces = [
    { kind: 'job', value: { folder } },
    ...symptoms.map((value) => ({ kind: 'symptom', value: value as unknown as Json })),
    { kind: 'rules', value: null },
  ];
  return renderRequest(pieces, SENTENCES[language], {
    language,
    random,
    remarks: random.int(0, 3),
  });
}

/** null where the text asks for no repair of a program that is there. */
export function readRepairOf(text: string, env: Environment, language: Language): RepairIr | null {
  const pieces = readRequest(text, SENTENCES[language], language) ?? [];
  const [job, ...rest] = pieces;
  if (job?.kind !== 'job' || rest.pop()?.kind !== 'rules') return null;
  if (rest.length === 0 || rest.some(({ kind }) => kind !== 'symptom')) return null;
  const { folder } = job.value as unknown as { readonly folder: string };
  const isThere = affordancesOf(env, 'programs').some(({ programs }) =>
    programs.some((one) => one.folder === folder),
  );
  if (!isThere) return null;
  return { kind: 'repair', folder, symptoms: rest.map(({ value }) => value as unknown as Symptom) };
}
