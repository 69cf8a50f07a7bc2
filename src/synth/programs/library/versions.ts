// Versions compared, and the one to upgrade to.

import { many, source, type ProgramTemplate } from '../program.js';

export const versions: ProgramTemplate = {
  id: 'versions',
  make(_random, { thing }) {
    return {
      files: {
        'parse.js': source(`
/**
 * A version like 2.10.0-beta.2: numbers, and after the first hyphen the marks of a version that is not
 * finished. Missing numbers are 0.
 */
export function parseVersion(text) {
  const cut = text.indexOf('-');
  const plain = cut < 0 ? text : text.slice(0, cut);
  const marks = cut < 0 ? [] : text.slice(cut + 1).split('.');
  const numbers = plain.split('.').map(Number);
  while (numbers.length < 3) numbers.push(0);
  return { numbers, marks };
}

export function isNumeric(mark) {
  return mark !== '' && [...mark].every((unit) => unit >= '0' && unit <= '9');
}
`),
        'compare.js': source(`
import { isNumeric, parseVersion } from './parse.js';

/** Numeric marks are compared as numbers and come before others; those by their letters. */
function compareMarks(a, b) {
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  if (isNumeric(a) !== isNumeric(b)) return isNumeric(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Below 0: the first is older; 0: the same. A finished version is newer than its unfinished ones. */
export function compareVersions(left, right) {
  const [a, b] = [parseVersion(left), parseVersion(right)];
  for (let i = 0; i < 3; i++) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  if (a.marks.length === 0 || b.marks.length === 0) return b.marks.length - a.marks.length;
  const shared = Math.min(a.marks.length, b.marks.length);
  for (let i = 0; i < shared; i++) {
    const order = compareMarks(a.marks[i], b.marks[i]);
    if (order !== 0) return order;
  }
  return a.marks.length - b.marks.length;
}
`),
        'index.js': source(`
import { compareVersions } from './compare.js';
import { parseVersion } from './parse.js';

/**
 * Which version of a ${thing} to install: the newest one that is not older than the one in use and has
 * the same first number. Unfinished ones count only where \`preview\` is true.
 * @returns null where there is nothing newer
 */
export default function upgradeFor(current, versions, preview) {
  let best = null;
  for (const version of versions) {
    const { numbers, marks } = parseVersion(version);
    if (numbers[0] !== parseVersion(current).numbers[0]) continue;
    if (marks.length > 0 && !preview) continue;
    if (compareVersions(version, current) <= 0) continue;
    if (best === null || compareVersions(version, best) > 0) best = version;
  }
  return best;
}
`),
      },
      args: (draw) => {
        const version = (): string => {
          const plain = `${draw.int(1, 2)}.${draw.pick([2, 9, 10])}${draw.chance(85) ? `.${draw.pick([0, 1, 10])}` : ''}`;
          return draw.chance(50)
            ? plain
            : `${plain}-${draw.pick(['alpha', 'beta', 'beta.2', 'beta.10', '1', 'rc.1', 'rc.1.x', 'beta.x'])}`;
        };
        return [version(), many(draw, 0, 6, version), draw.chance(60)];
      },
    };
  },
};
