// Programs over lists: pages, ranks, groups, merges, differences.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const paging: ProgramTemplate = {
  id: 'paging',
  make(random, { thing }) {
    const size = random.int(3, 6);
    const most = size + random.int(3, 5);
    const around = random.int(1, 2);
    return {
      files: {
        'limits.js': source(`
/** Rows on a page where nothing else is asked for, and at most. */
const DEFAULT_SIZE = ${size};
const MOST = ${most};

/** A usable size: at least 1. Null stands for the default. */
export function sizeOf(asked) {
  if (asked === null) return DEFAULT_SIZE;
  return Math.max(1, Math.min(asked, MOST));
}
`),
        'links.js': source(`
/** How many pages are linked on each side of the present one. */
const AROUND = ${around};

/** Numbers of the pages to link: the first, the last, and those around the present one; null = a gap. */
export function linksFor(page, pages) {
  const links = [];
  for (let number = 1; number <= pages; number++) {
    const isEdge = number === 1 || number === pages;
    if (isEdge || Math.abs(number - page) <= AROUND) links.push(number);
    else if (links[links.length - 1] !== null) links.push(null);
  }
  return links;
}
`),
        'index.js': source(`
import { sizeOf } from './limits.js';
import { linksFor } from './links.js';

/**
 * One page of a list of ${thing} rows. Pages are numbered from 1; a number below is the first page, one
 * beyond the end is the last page. An empty list has one empty page.
 */
export default function pageOf(rows, page, askedSize) {
  const size = sizeOf(askedSize);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const number = Math.min(Math.max(page, 1), pages);
  const from = (number - 1) * size;
  return {
    rows: rows.slice(from, from + size),
    page: number,
    pages,
    links: linksFor(number, pages),
    more: number < pages,
  };
}
`),
      },
      args: (draw) => [
        Array.from(
          { length: near(draw, [0, size, 2 * size, 4 * size, 7 * size]) },
          (_, i) => i + 1,
        ),
        draw.int(-1, 8),
        draw.chance(40) ? null : near(draw, [1, size, most]),
      ],
    };
  },
};

export const ranking: ProgramTemplate = {
  id: 'ranking',
  make(random, { person }) {
    const best = random.int(2, 4);
    const fewest = random.int(1, 2);
    return {
      files: {
        'score.js': source(`
/** Only the best ${best} results count. */
const COUNTED = ${best};
/** Who has fewer results than this is not ranked. */
export const FEWEST = ${fewest};

/** Sum of the best results. */
export function scoreOf(results) {
  const sorted = [...results].sort((a, b) => b - a);
  return sorted.slice(0, COUNTED).reduce((sum, result) => sum + result, 0);
}
`),
        'order.js': source(`
/** Higher scores first; then the higher best single result; then by name. */
export function compare(a, b) {
  if (a.score !== b.score) return b.score - a.score;
  if (a.best !== b.best) return b.best - a.best;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
`),
        'index.js': source(`
import { compare } from './order.js';
import { FEWEST, scoreOf } from './score.js';

/**
 * The table of each ${person}'s results. Equal scores share a place, and the places after them are left out
 * (1, 2, 2, 4).
 * @param entries list of { name, result }
 */
export default function table(entries) {
  const results = new Map();
  for (const { name, result } of entries) {
    results.set(name, [...(results.get(name) ?? []), result]);
  }
  const rows = [];
  for (const [name, own] of results) {
    if (own.length < FEWEST) continue;
    rows.push({ name, score: scoreOf(own), best: Math.max(...own) });
  }
  rows.sort(compare);
  let place = 0;
  return rows.map((row, i) => {
    if (i === 0 || rows[i - 1].score !== row.score) place = i + 1;
    return { place, name: row.name, score: row.score };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 12, () => ({
          name: draw.pick(['ann', 'bob', 'cat', 'dov', 'eva']),
          result: draw.int(0, 5),
        })),
      ],
    };
  },
};

export const summary: ProgramTemplate = {
  id: 'summary',
  make(random, { place }) {
    const small = random.int(15, 25);
    return {
      files: {
        'group.js': source(`
/** Sums and counts by key, in order of first appearance. Rows without an amount count, but add nothing. */
export function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const name = row[key] ?? 'none';
    const group = groups.get(name) ?? { name, sum: 0, count: 0 };
    group.sum += row.amount ?? 0;
    group.count += 1;
    groups.set(name, group);
  }
  return [...groups.values()];
}
`),
        'share.js': source(`
/** Whole percent of a total, rounded to the nearest one, halves up; 0 of nothing. */
export function percent(part, total) {
  if (total === 0) return 0;
  return Math.floor((part * 200 + total) / (2 * total));
}
`),
        'index.js': source(`
import { grouped } from './group.js';
import { percent } from './share.js';

/** Groups with less than this share of the total, in percent, go into "other". */
const SMALL = ${small};

/**
 * Amounts by ${place}: the largest sum first, equal ones by name; "other" comes last and is there only if
 * more than one group is small.
 */
export default function summarise(rows) {
  const groups = grouped(rows, '${place}');
  const total = groups.reduce((sum, group) => sum + group.sum, 0);
  const isSmall = (group) => group.sum * 100 < total * SMALL;
  const small = groups.filter(isSmall);
  const shown = small.length > 1 ? groups.filter((group) => !isSmall(group)) : groups;
  shown.sort((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  const lines = shown.map((group) => ({ ...group, percent: percent(group.sum, total) }));
  if (small.length > 1) {
    const sum = small.reduce((all, group) => all + group.sum, 0);
    const count = small.reduce((all, group) => all + group.count, 0);
    lines.push({ name: 'other', sum, count, percent: percent(sum, total) });
  }
  return lines;
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, () => ({
          ...(draw.chance(85) && { [place]: draw.pick(['east', 'west', 'north', 'south', 'mid']) }),
          ...(draw.chance(90) && { amount: draw.pick([1, 2, 5, 10, 20, 25]) }),
        })),
      ],
    };
  },
};

export const mergeRecords: ProgramTemplate = {
  id: 'merge-records',
  make(_random, { person }) {
    return {
      files: {
        'normal.js': source(`
/** What makes two records the same ${person}: the mail address without case and spaces around it. */
export function identityOf(record) {
  return record.mail.trim().toLowerCase();
}

/** Whether a field says something. 0 and false do, an empty text does not. */
export function isKnown(value) {
  return value !== undefined && value !== null && value !== '';
}
`),
        'join.js': source(`
import { isKnown } from './normal.js';

/** Fields of both; where both are known, those of the newer one. Of equally new ones the second wins. */
export function joined(first, second) {
  const [older, newer] = second.changed >= first.changed ? [first, second] : [second, first];
  const out = { ...older };
  for (const name of Object.keys(newer)) {
    if (isKnown(newer[name]) || !isKnown(out[name])) out[name] = newer[name];
  }
  out.tags = [...new Set([...(first.tags ?? []), ...(second.tags ?? [])])].sort();
  return out;
}
`),
        'index.js': source(`
import { joined } from './join.js';
import { identityOf } from './normal.js';

/**
 * Merges records of the same ${person}; the others stay as they are. In order of first appearance.
 * Records that are deleted take part, but where the newest one is deleted nothing is left.
 */
export default function mergeAll(records) {
  const found = new Map();
  for (const record of records) {
    const id = identityOf(record);
    const known = found.get(id);
    found.set(id, known === undefined ? record : joined(known, record));
  }
  return [...found.values()].filter((record) => record.deleted !== true);
}
`),
      },
      args: (draw) => [
        many(draw, 0, 5, () => ({
          mail: draw.pick(['a@x', 'A@x ', 'b@x', 'c@x']),
          changed: draw.int(1, 4),
          ...(draw.chance(60) && { name: draw.pick(['Al', 'Bo', '', null]) }),
          ...(draw.chance(50) && { age: draw.pick([0, 30, 40, null]) }),
          ...(draw.chance(40) && { tags: draw.sample(['x', 'y', 'z'], 2) }),
          ...(draw.chance(25) && { deleted: draw.chance(60) }),
        })),
      ],
    };
  },
};

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
