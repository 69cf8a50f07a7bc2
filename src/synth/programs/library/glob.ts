// Paths chosen by patterns with *, ** and ?.

import { many, source, type ProgramTemplate } from '../program.js';

export const glob: ProgramTemplate = {
  id: 'glob',
  make(random, { thing }) {
    const hidden = random.pick(['.', '_']);
    return {
      files: {
        'segment.js': source(`
/** Whether a name fits a pattern without slashes: ? is any one character, * any number of them. */
export function fitsSegment(pattern, name) {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n]) && pattern[p] !== '*') {
      p += 1;
      n += 1;
    } else if (pattern[p] === '*') {
      star = p;
      resume = n;
      p += 1;
    } else if (star >= 0) {
      resume += 1;
      n = resume;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
`),
        'path.js': source(`
import { fitsSegment } from './segment.js';

/** Names that begin with "${hidden}" are found only by patterns that begin so too. */
const HIDDEN = '${hidden}';

/** Compares part by part; ** stands for any number of parts, also none, but for no hidden ones. */
export function fitsParts(pattern, parts) {
  if (pattern.length === 0) return parts.length === 0;
  const [first, ...rest] = pattern;
  if (first === '**') {
    if (fitsParts(rest, parts)) return true;
    if (parts.length === 0 || parts[0].startsWith(HIDDEN)) return false;
    return fitsParts(pattern, parts.slice(1));
  }
  if (parts.length === 0) return false;
  if (parts[0].startsWith(HIDDEN) && !first.startsWith(HIDDEN)) return false;
  return fitsSegment(first, parts[0]) && fitsParts(rest, parts.slice(1));
}
`),
        'index.js': source(`
import { fitsParts } from './path.js';

/**
 * Paths of ${thing} files that a list of patterns selects, in the order given. Patterns count in order: one
 * that begins with ! takes out again what was in. Without patterns nothing is selected.
 */
export default function selectPaths(patterns, paths) {
  return paths.filter((path) => {
    let selected = false;
    for (const pattern of patterns) {
      const excludes = pattern.startsWith('!');
      const plain = excludes ? pattern.slice(1) : pattern;
      if (selected !== excludes) continue;
      if (fitsParts(plain.split('/'), path.split('/'))) selected = !excludes;
    }
    return selected;
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 3, () =>
          draw.pick([
            '*',
            '**',
            '**/*.js',
            'src/**',
            'src/*',
            '!**/b*',
            '!src/*',
            '?b.js',
            'a*b*.js',
            `**/${hidden}*`,
            '*/a?.js',
            `${hidden}x/**`,
          ]),
        ),
        draw.sample(
          [
            'a.js',
            'ab.js',
            'abb.js',
            'src/a.js',
            'src/ab.js',
            'src/x/b.js',
            `${hidden}x/a.js`,
            `src/${hidden}b.js`,
            'bb.js',
            'src',
            'aXbY.js',
            '',
          ],
          6,
        ),
      ],
    };
  },
};
