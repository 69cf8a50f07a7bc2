// What somebody might leave in place of a repaired program: other ways to be right, and the usual ways to
// be wrong (another mistake, the answers of the tests written into the code, an error, half of the work,
// the tests taken away). Whether a version is wrong is known from calls, never from the verifier.

import { ENTRY } from '../../programs/program.js';
import { mutate } from '../../programs/mutations.js';
import { tokensOf } from '../../programs/tokens.js';
import type { Random } from '../../random.js';
import type { SolutionPlan } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Json } from '../../world-types.js';
import { editsBetween } from './edits.js';
import { withMistakes, type Planted } from './plant.js';
import { blindPlan } from './routes.js';
import { wrongOf, type Files, type Mistake, type Programs, type Workup } from './workup.js';

export interface Version {
  readonly id: string;
  readonly files: Files;
  /** Of a wrong one: calls that tell it, by position; empty = any call does, or it never ends. */
  readonly wrong: readonly number[];
}

/** A wrong attempt, and the calls that tell it. */
export interface Decoy extends Pick<Version, 'id' | 'wrong'> {
  readonly plan: SolutionPlan;
}

const SIGNATURE = /^export default function (\w+)\(([^)]*)\) \{\n/m;
/** Other mistakes instead of those that were planted. */
const MAX_OTHERS = 9;
const MAX_ELSEWHERE = 2;
const MAX_SAME_PLACE = 3;

/** Right programs that are spelled differently. */
export function rightVersions({ files }: Workup, { mistakes }: Planted): Omit<Version, 'wrong'>[] {
  const { file } = mistakes[0]!;
  const source = files[file]!;
  const entry = files[ENTRY]!;
  const [head = '', name = '', params = ''] = SIGNATURE.exec(entry) ?? [];
  return [
    { id: 'commented', files: { ...files, [file]: `// Reviewed.\n${source}` } },
    { id: 'turned-round', files: turnedRound(files) },
    { id: 'spaced', files: { ...files, [file]: source.replaceAll('\n}\n', '\n\n}\n') } },
    {
      id: 'wrapped',
      files: {
        ...files,
        [ENTRY]: `${entry.replace(head, `function ${name}(${params}) {\n`)}\nexport default (...given) => ${name}(...given);\n`,
      },
    },
  ];
}

const TURNED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
const OPENS = new Set(['(', ';', '&&', '||', 'return', '=>', '?', ':', '=']);
const CLOSES = new Set([')', ';', '&&', '||', '?', ':']);

/** Comparisons of two plain names the other way round: `a < b` as `b > a`. */
function turnedRound(files: Files): Files {
  const turned = Object.entries(files).map(([name, source]) => {
    const tokens = tokensOf(source);
    let [out, at] = ['', 0];
    for (let i = 1; i + 3 < tokens.length; i++) {
      const [before, left, mark, right, after] = tokens.slice(i - 1, i + 4);
      const instead = TURNED[mark!.text];
      if (instead === undefined || left!.kind !== 'word' || right!.kind !== 'word') continue;
      if (!OPENS.has(before!.text) || !CLOSES.has(after!.text)) continue;
      out += `${source.slice(at, left!.at)}${right!.text} ${instead} ${left!.text}`;
      at = right!.at + right!.text.length;
    }
    return [name, out + source.slice(at)];
  });
  return Object.fromEntries(turned) as Files;
}

/** Programs that are wrong on some call. */
export function wrongVersions(workup: Workup, planted: Planted, random: Random): Version[] {
  const { files, cases, visible } = workup;
  const { mistakes, symptoms } = planted;
  const isPlanted = (one: Mistake): boolean => mistakes.includes(one);
  const others = random.shuffled(workup.mistakes.filter((one) => !isPlanted(one) && !one.breaks));
  const found: Version[] = [];
  const add = (id: string, version: Files, wrong: Iterable<number> = []): void => {
    found.push({ id, files: version, wrong: [...wrong] });
  };
  /** Only if some call comes out wrong. */
  const tryOut = (id: string, version: Files): void => {
    const wrong = wrongOf(version, cases);
    if (wrong?.length !== 0) add(id, version, wrong ?? []);
  };
  if (mistakes.length > 1) {
    mistakes.forEach((one, i) => add(`half:${i + 1}`, withMistakes(files, [one]), one.wrong));
  }
  for (const [i, one] of others.slice(0, MAX_OTHERS).entries()) {
    add(`other:${one.mutation.operator}:${i + 1}`, withMistakes(files, [one]), one.wrong);
  }
  // Not mended, and something else broken besides; two mistakes may also cancel out.
  const elsewhere = others.filter(({ file }) => mistakes.every((one) => one.file !== file));
  for (const [i, one] of elsewhere.slice(0, MAX_ELSEWHERE).entries()) {
    tryOut(`elsewhere:${i + 1}`, withMistakes(files, [...mistakes, one]));
  }
  samePlace(workup, mistakes[0]!).forEach((version, i) => tryOut(`same-place:${i + 1}`, version));
  const known = [
    ...cases.slice(0, visible).map(({ args, result }) => ({ args: args as Json, result })),
    ...symptoms.map(({ args, right }) => ({
      args: JSON.parse(args) as Json,
      result: JSON.parse(right) as Json,
    })),
  ];
  const damaged = planted.files;
  const put = (version: Files, lines: readonly string[]): Files => ({
    ...version,
    [ENTRY]: version[ENTRY]!.replace(
      SIGNATURE,
      (head) => `${head}${lines.map((line) => `  ${line}\n`).join('')}`,
    ),
  });
  const byHeart = known.map(
    ({ args, result }) =>
      `if (JSON.stringify([...arguments]) === ${JSON.stringify(JSON.stringify(args))}) return ${JSON.stringify(result)};`,
  );
  tryOut('by-heart', put(damaged, byHeart));
  tryOut('last-by-heart', put(damaged, byHeart.slice(-1)));
  tryOut('constant', put(damaged, [`return ${symptoms[0]!.right};`]));
  tryOut('nothing', put(files, ['return;']));
  add('throws', put(files, ["throw new Error('not done yet');"]));
  add('syntax', { ...files, [ENTRY]: `${files[ENTRY]!}}\n` });
  return found;
}

/** Other changes of what was changed. */
function samePlace({ files }: Workup, { file, mutation }: Mistake): Files[] {
  const { at, old, text } = mutation;
  const instead = /^\d+$/.test(old)
    ? [Number(old) + 2, Number(text) + Math.sign(Number(text) - Number(old))].map(String)
    : (OTHERS[old] ?? []);
  return instead
    .filter((one) => one !== old && one !== text)
    .slice(0, MAX_SAME_PLACE)
    .map((one) => ({
      ...files,
      [file]: mutate(files[file]!, { operator: '', at, old, text: one }),
    }));
}

const OTHERS: Readonly<Record<string, readonly string[]>> = {
  '<': ['>', '>=', '!=='],
  '<=': ['>', '>=', '==='],
  '>': ['<', '<=', '!=='],
  '>=': ['<', '<=', '==='],
  '===': ['<', '>', '<='],
  '!==': ['<', '>', '>='],
  '+': ['*', '%'],
  '-': ['*', '%'],
  '*': ['-', '%'],
  '+=': ['*='],
  '-=': ['='],
};

/** Wrong attempts as plans, from the damaged program on. */
export function decoysOf(
  loaded: LoadedEnvironment,
  programs: Programs,
  workup: Workup,
  planted: Planted,
  random: Random,
): Decoy[] {
  const from = planted.files;
  const decoys = wrongVersions(workup, planted, random).flatMap(({ id, files, wrong }): Decoy[] => {
    const edits = editsBetween(from, files);
    return edits && edits.length > 0
      ? [{ id, wrong, plan: blindPlan(loaded, programs, workup, edits) }]
      : [];
  });
  const repair = editsBetween(from, workup.files)!;
  const right = blindPlan(loaded, programs, workup, repair);
  const foreign = foreignEdit(loaded, programs, workup, random);
  if (foreign)
    decoys.push({ id: 'foreign-file', wrong: [], plan: { steps: [...right.steps, foreign] } });
  const removal = loaded.env.tools.find(
    ({ impl }) => impl.archetype === 'delete' && impl.table === programs.testTable,
  );
  if (removal?.impl.archetype === 'delete') {
    const { param } = removal.impl;
    const { key } = loaded.base.specs.get(programs.testTable)!;
    const steps = [...loaded.base.table(programs.testTable).values()]
      .filter((row) => row[programs.file] === workup.entry)
      .map((row) => ({ tool: removal.name, arguments: { [param]: { literal: row[key]! } } }));
    decoys.push({ id: 'no-tests', wrong: [], plan: { steps } });
    decoys.push({
      id: 'repaired-without-tests',
      wrong: [],
      plan: { steps: [...right.steps, ...steps] },
    });
  }
  return decoys;
}

/** A harmless change of a file that nobody asked about. */
function foreignEdit(
  loaded: LoadedEnvironment,
  programs: Programs,
  workup: Workup,
  random: Random,
): SolutionPlan['steps'][number] | undefined {
  const others = [...loaded.base.table(programs.fileTable).values()].filter(
    (row) =>
      !String(row[programs.path]).startsWith(workup.folder) &&
      (programs.frozen === null || row[programs.frozen] === false),
  );
  if (others.length === 0) return undefined;
  const row = random.pick(others);
  const source = String(row[programs.source]);
  const edits = editsBetween({ it: source }, { it: `// Reviewed.\n${source}` });
  return blindPlan(loaded, programs, { ...workup, rows: { it: row } }, edits!).steps[0];
}
