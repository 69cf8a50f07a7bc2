// What a program that a model wrote may say at all, looked at as text before it is run: no clock, no
// randomness, no input or output, no code made at run time. The sandbox is what protects this machine;
// this keeps programs from depending on anything but their input, and tells the model early.

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b|\bperformance\b|\bIntl\b|\btoLocale\w*/, 'a clock or locale'],
  [/\bMath\s*\.\s*random\b|\bcrypto\b/, 'randomness'],
  [/\bimport\b|\brequire\b|\bfetch\b|\bprocess\b|\bconsole\b|\bprint\b/, 'input or output'],
  [/\beval\b|\bFunction\b|\bconstructor\b|\bglobalThis\b|\bWebAssembly\b/, 'code made at run time'],
  [/\basync\b|\bawait\b|\bPromise\b|\bset(?:Timeout|Interval|Immediate)\b/, 'waiting'],
  [/\bProxy\b|\bReflect\b|\b__proto__\b|\bprototype\b/, 'reflection'],
  // An escape could spell any of the above.
  [/\\u\{?[0-9a-fA-F]/, 'a Unicode escape'],
];
const MAX_SOURCE = 12_000;

/** In words; empty = it may be run. Looks at the whole text, comments and strings too. */
export function sourceProblems(source: string): string[] {
  if (source.length > MAX_SOURCE) return [`the program is longer than ${MAX_SOURCE} characters`];
  const problems = FORBIDDEN.flatMap(([pattern, what]) => {
    const [word] = pattern.exec(source) ?? [];
    return word === undefined ? [] : [`the program must not use ${what}: ${word}`];
  });
  if (!/\bexport\s+default\s+function\b/.test(source)) {
    problems.push('the program has no `export default function`');
  }
  return problems;
}
