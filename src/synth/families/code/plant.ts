// Plants one or two mistakes in a program so that each shows by itself, and finds the calls by which a
// person would notice them. Source: agents reference §7.1.

import { mutate } from '../../programs/mutations.js';
import { ENTRY } from '../../programs/program.js';
import { runCases } from '../../programs/run-cases.js';
import { canonicalJson } from '../../canonical.js';
import type { Random } from '../../random.js';
import { spelledCases, wrongOf, type Files, type Mistake, type Workup } from './workup.js';

/** A call that goes wrong, as JSON texts. */
export interface Symptom {
  readonly args: string;
  readonly right: string;
  /** null = the program breaks off with an error. */
  readonly got: string | null;
}

export interface Planted {
  readonly mistakes: readonly Mistake[];
  /** The program as the task begins. */
  readonly files: Files;
  /** One of each mistake, in order. */
  readonly symptoms: readonly Symptom[];
}

/** Of the verifier's calls, so many at least must tell a mistake, and not only those that all see. */
const MIN_TELLING = 2;
/** A symptom is part of a sentence. */
const MAX_LENGTH = 260;
/** A mistake that most calls show is found at once. */
const MAX_WRONG_PERCENT = 85;

export function plant(workup: Workup, count: 1 | 2, random: Random): Planted | null {
  const { hidden, visible, cases } = workup;
  const usable = workup.mistakes.filter(({ wrong, breaks }) => {
    const telling = hidden.filter((i) => i >= visible && wrong.has(i)).length;
    const share = (100 * wrong.size) / cases.length;
    return !breaks && telling >= MIN_TELLING && share <= MAX_WRONG_PERCENT;
  });
  const mistakes = choose(random.shuffled(usable), count);
  if (!mistakes) return null;
  const files = withMistakes(workup.files, mistakes);
  const outcomes = runCases(files, ENTRY, spelledCases(cases).lists);
  if (outcomes.length < cases.length) return null;
  const symptoms: Symptom[] = [];
  for (const mistake of mistakes) {
    // Wrong with this mistake alone and with all, right with the others: it tells this one.
    const others = mistakes.filter((one) => one !== mistake);
    const telling = [...mistake.wrong].flatMap((i): Symptom[] => {
      if (others.some(({ wrong }) => wrong.has(i))) return [];
      const { args, result } = cases[i]!;
      const got = outcomes[i]!.spelled;
      const right = canonicalJson(result);
      if (got === right) return [];
      const symptom = { args: canonicalJson(args), right, got };
      const length = symptom.args.length + right.length + (got?.length ?? 0);
      return length <= MAX_LENGTH && !isMarked(symptom) ? [symptom] : [];
    });
    if (telling.length === 0) return null;
    symptoms.push(random.pick(telling));
  }
  // Mending only some of them is not enough.
  const verified = hidden.map((i) => cases[i]!);
  for (const left of mistakes) {
    const wrong = wrongOf(withMistakes(workup.files, [left]), verified);
    if (wrong?.length === 0) return null;
  }
  return { mistakes, files, symptoms };
}

/** Mistakes in different files, each with calls that only it spoils; in order of files. */
function choose(mistakes: readonly Mistake[], count: 1 | 2): Mistake[] | null {
  const [first] = mistakes;
  if (count === 1) return first ? [first] : null;
  const tells = (one: Mistake, other: Mistake): boolean =>
    [...one.wrong].some((i) => !other.wrong.has(i));
  for (const one of mistakes) {
    const other = mistakes.find((two) => two.file > one.file && tells(one, two) && tells(two, one));
    if (other) return [one, other];
  }
  return null;
}

/** Backticks stand around code in a request. */
const isMarked = ({ args, right, got }: Symptom): boolean => `${args}${right}${got}`.includes('`');

export function withMistakes(files: Files, mistakes: readonly Mistake[]): Files {
  const changed = mistakes.map(({ file, mutation }) => [file, mutate(files[file]!, mutation)]);
  return { ...files, ...Object.fromEntries(changed) };
}
