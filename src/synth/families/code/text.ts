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
    'since the last change nobody trusts {folder} any more. Compare what it does with what is written above the code, and correct the source.',
    'could you look into {folder}? What its comments promise and what it returns are two different things.',
    'there must be a slip somewhere in {folder}, probably a small one. Track it down and undo it.',
    'a colleague tidied up {folder} and broke it on the way. Get it working again as documented.',
  ],
  zh: [
    '{folder}中的程序不再按其说明工作，请修好它。',
    '有人改动{folder}里的代码时不小心，现在结果不对；请找出问题所在并改正。',
    '我们收到关于{folder}的投诉：它的函数给出错误结果。请在源代码中找到原因并修复。',
    '自上次改动之后，大家都不再信任{folder}了。请对照代码上方的说明检查其行为，并更正源代码。',
    '能看一下{folder}吗？注释里承诺的和实际返回的对不上。',
    '{folder}里某处一定有个疏漏，多半很小。请查出来并改回去。',
    '一位同事整理{folder}时把它弄坏了。请让它重新按文档工作。',
  ],
};

const SYMPTOM: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'called with the arguments {args} it returns {got}, where {right} would be right.',
    'for the arguments {args} the answer should be {right}, but what comes out is {got}.',
    'with {args} as its arguments we expect {right} and get {got}.',
    'somebody passed {args} and was given {got}; {right} is what the documentation leads to.',
    'the call with {args} should end in {right}, yet it ends in {got}.',
    'to reproduce it: the arguments are {args}, the result is {got}, it ought to be {right}.',
    'it says {got} when it is asked about {args}, though {right} is the truth.',
  ],
  zh: [
    '以参数{args}调用时返回{got}，而正确的是{right}。',
    '参数为{args}时结果应为{right}，实际得到的却是{got}。',
    '传入参数{args}，我们期望{right}，得到的是{got}。',
    '有人传入{args}，拿到的是{got}；按文档应当是{right}。',
    '用{args}调用本该得到{right}，却得到了{got}。',
    '复现方法：参数{args}，结果{got}，应为{right}。',
    '问它{args}时它回答{got}，而事实是{right}。',
  ],
};

const CRASH: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'called with the arguments {args} it breaks off with an error instead of returning {right}.',
    'for the arguments {args} there is an error, although {right} should come out.',
    'somebody passed {args} and got nothing but an error; {right} is what the documentation leads to.',
    'it fails on {args}, which ought to give {right}.',
  ],
  zh: [
    '以参数{args}调用时会报错中断，而不是返回{right}。',
    '参数为{args}时出错，本应得到{right}。',
    '有人传入{args}，只得到一个错误；按文档应当是{right}。',
    '它在{args}上失败了，本该给出{right}。',
  ],
};

const RULES: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'these are examples only: it has to be right for every call that the description allows. Change nothing but the source files of this program; tests stay as they are.',
    'do not just patch these cases, every permitted call has to come out right. Leave the tests and all other files alone.',
    'we will try it on many other calls afterwards, so mend the cause and not the example. Keep your hands off the tests and everything outside this folder.',
    'what counts is the documented behaviour as a whole. Only the sources in this folder may change, and no test.',
  ],
  zh: [
    '以上只是例子：说明允许的任何调用都必须正确。只改这个程序的源文件，测试保持不变。',
    '不要只针对这些例子打补丁，所有允许的调用都要得到正确结果。测试和其他文件一概不动。',
    '之后我们会用许多别的调用来检验，所以请修原因而不是修例子。测试以及这个文件夹之外的一切都不要碰。',
    '要紧的是文档所述的全部行为。只能改这个文件夹里的源代码，任何测试都不能改。',
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
