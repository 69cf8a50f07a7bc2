// Tables that modules refer to: another module's where the environment offers one, else a small table of
// the module's own with a name and one attribute.

import type { Offer } from '../../module-types.js';
import type { Value } from '../../world-types.js';
import { choice, named } from '../columns.js';
import type { Kit } from '../kit.js';
import { find, get } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';
import type { ThemeWord } from '../themes.js';

const OWN = {
  person: {
    meaning: 'contact',
    word: 'person',
    column: 'tier',
    values: ['basic', 'silver', 'gold'],
  },
  place: {
    meaning: 'site',
    word: 'place',
    column: 'zone',
    values: ['north', 'south', 'east', 'west'],
  },
  thing: {
    meaning: 'article',
    word: 'thing',
    column: 'grade',
    values: ['standard', 'fine', 'prime'],
  },
  organisation: {
    meaning: 'company',
    word: 'organisation',
    column: 'sector',
    values: ['public', 'private', 'mixed'],
  },
} as const satisfies Partial<
  Record<Offer, { meaning: string; word: ThemeWord; column: string; values: readonly string[] }>
>;

export type Partner = keyof typeof OWN;

/** The table for a need. `count` is of the module's own table, where it has to make one. */
export function partner(kit: Kit, need: Partner, count = 40): TableHandle {
  const joined = kit.join(need);
  if (joined) return joined;
  const { meaning, word, column, values } = OWN[need];
  const table = kit.table(meaning, [named(), choice(column, values)], word);
  for (let i = 0; i < count; i++) {
    kit.add(table, { name: kit.name(need), [column]: kit.random.pick<Value>(values) });
  }
  find(kit, table, ['name~', column], { sort: 'name' });
  get(kit, table, { extra: true });
  return table;
}
