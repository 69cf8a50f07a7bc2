// One page of a list, with links to others.

import { near, source, type ProgramTemplate } from '../program.js';

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
