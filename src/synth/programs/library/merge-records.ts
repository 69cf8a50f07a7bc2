// Records of the same person made into one.

import { many, source, type ProgramTemplate } from '../program.js';

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
