// Devices that work while their settings are right. Some are set by the agent, some only by the user who
// has the device at hand; a probe tells whether it works.

import type { Expr, Value } from '../../world-types.js';
import { choice, flag, type ColumnDraft } from '../columns.js';
import { and, constant, eq, field, variable } from '../exprs.js';
import type { Kit } from '../kit.js';
import { keyParam } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';

export interface Setting {
  readonly meaning: string;
  /** Absent = yes or no. */
  readonly values?: readonly string[];
  readonly good: Value;
  readonly side: 'agent' | 'user';
}

export const settingColumns = (settings: readonly Setting[]): ColumnDraft[] =>
  settings.map(({ meaning, values }) => (values ? choice(meaning, values) : flag(meaning)));

/** Values for one device: `faults` settings are wrong. */
export function settingValues(
  kit: Kit,
  settings: readonly Setting[],
  faults: number,
): Record<string, Value> {
  const wrong = new Set(kit.random.sample(settings, faults).map(({ meaning }) => meaning));
  return Object.fromEntries(
    settings.map(({ meaning, values, good }) => {
      if (!wrong.has(meaning)) return [meaning, good];
      const bad = values ? kit.random.pick(values.filter((value) => value !== good)) : !good;
      return [meaning, bad];
    }),
  );
}

/** Tools and affordance of a table that has the columns. */
export function settingTools(
  kit: Kit,
  table: TableHandle,
  owner: string,
  settings: readonly Setting[],
): void {
  const param = keyParam(table);
  const made = settings.map(({ meaning, values, good, side }) => {
    const column = table.col(meaning);
    const fixTool = values
      ? kit.tool(
          'set',
          [table.name, column],
          { archetype: 'set-setting', table: table.name, param, column, valueParam: column },
          { side },
        )
      : kit.tool(
          'toggle',
          [table.name, column],
          { archetype: 'toggle-setting', table: table.name, param, column },
          { side },
        );
    if (side === 'user') {
      const impl = { archetype: 'read-setting', table: table.name, param, column } as const;
      kit.tool('read', [table.name, column], impl, { side, extra: true });
    }
    return { column, good, fixTool, side };
  });
  const works: Expr = and(
    ...made.map(({ column, good }) => eq(field(variable('row'), column), constant(good))),
  );
  const probeTool = kit.tool('test', [table.name], {
    archetype: 'probe',
    table: table.name,
    param,
    works,
    ok: 'working',
    broken: 'not_working',
  });
  kit.affords({
    kind: 'device',
    table: table.name,
    owner: table.col(owner),
    works,
    settings: made,
    probeTool,
  });
}
