// What differs between two lists (longest common subsequence).

import { many, source, type ProgramTemplate } from '../program.js';

export const lineDiff: ProgramTemplate = {
  id: 'diff',
  make(random, { thing }) {
    const context = random.int(1, 2);
    return {
      files: {
        'common.js': source(`
/** Lengths of the longest common subsequences of the ends of two lists: table[i][j] is from i and j on. */
export function commonLengths(a, b) {
  const table = a.map(() => []);
  table.push([]);
  for (let i = a.length; i >= 0; i--) {
    for (let j = b.length; j >= 0; j--) {
      if (i === a.length || j === b.length) table[i][j] = 0;
      else if (a[i] === b[j]) table[i][j] = table[i + 1][j + 1] + 1;
      else table[i][j] = Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}
`),
        'steps.js': source(`
import { commonLengths } from './common.js';

/** Lines kept (" "), taken out ("-") and put in ("+"); what is taken out comes first. */
export function stepsBetween(a, b) {
  const table = commonLengths(a, b);
  const steps = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push(' ' + a[i]);
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && table[i + 1][j] >= table[i][j + 1])) {
      steps.push('-' + a[i]);
      i += 1;
    } else {
      steps.push('+' + b[j]);
      j += 1;
    }
  }
  return steps;
}
`),
        'index.js': source(`
import { stepsBetween } from './steps.js';

/** Kept lines that are shown before and after a change. */
const CONTEXT = ${context};

/** What differs between two versions of a ${thing} list; runs of kept lines farther away become "...". */
export default function difference(before, after) {
  const steps = stepsBetween(before, after);
  const isNear = (i) =>
    steps.some((step, j) => step[0] !== ' ' && Math.abs(i - j) <= CONTEXT);
  const out = [];
  steps.forEach((step, i) => {
    if (isNear(i)) out.push(step);
    else if (out[out.length - 1] !== '...') out.push('...');
  });
  return out;
}
`),
      },
      args: (draw) => {
        const before = many(draw, 0, 8, () => draw.pick(['a', 'b', 'c', 'd']));
        const after = before.flatMap((line) =>
          draw.chance(65) ? [line] : draw.chance(50) ? [] : [draw.pick(['a', 'b', 'e']), line],
        );
        if (draw.chance(30)) after.push('z');
        return [before, after];
      },
    };
  },
};
