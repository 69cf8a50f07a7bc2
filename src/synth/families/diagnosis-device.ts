// A device as diagnosis sees it: its settings, who can read and change each, and the checks that it works.

import type { Traced, TracedRow } from '../plan-recorder.js';
import type { VerifierCheck } from '../task-types.js';
import type { Affordance, Environment, Expr, Value } from '../world-types.js';
import { affordancesOf, implOf, nameColumn, type Call } from './operate/operation.js';
import type { Reader } from './operate/reader.js';

export interface DeviceIr {
  readonly table: string;
  readonly names: readonly string[];
  /** When it works: all of these, by name of the column. */
  readonly manual: readonly { readonly column: string; readonly good: Value }[];
  /** Settings that nobody here can change. */
  readonly unable: readonly string[];
}

export type Device = Extract<Affordance, { kind: 'device' }> & {
  /** Argument of all its tools. */
  readonly param: string;
  readonly key: string;
  /** Tools of the user that read a setting, by column. */
  readonly readTools: ReadonlyMap<string, string>;
};

export function devicesOf(env: Environment): Device[] {
  return affordancesOf(env, 'device').flatMap((one) => {
    const probe = implOf(env, one.probeTool, 'probe');
    const spec = env.tables.find(({ name }) => name === one.table);
    if (!probe || !spec || nameColumn(env, one.table) === null) return [];
    const readTools = env.tools.flatMap(({ name, impl }) =>
      impl.archetype === 'read-setting' && impl.table === one.table
        ? [[impl.column, name] as const]
        : [],
    );
    return [{ ...one, param: probe.param, key: spec.key, readTools: new Map(readTools) }];
  });
}

/** The call that puts a setting right, if it is wrong. */
export function fixCall(env: Environment, device: Device, column: string, key: string): Call {
  const { fixTool, good } = device.settings.find((one) => one.column === column)!;
  const set = implOf(env, fixTool, 'set-setting');
  if (set) return { tool: fixTool, args: { [set.param]: key, [set.valueParam]: good } };
  return { tool: fixTool, args: { [implOf(env, fixTool, 'toggle-setting')!.param]: key } };
}

/**
 * The setting as the agent or the user sees it; undefined where only asking the user helps.
 * @throws PlanError if a setting of the agent's side cannot be seen
 */
export function readSetting(
  reader: Reader,
  device: Device,
  column: string,
  row: TracedRow,
): Traced | undefined {
  const tool = device.readTools.get(column);
  if (tool !== undefined) {
    return reader.run({ tool, args: { [device.param]: row.key.value as string } });
  }
  if (device.settings.some((one) => one.column === column && one.side === 'user')) return undefined;
  reader.recorder.complete(row, [column]);
  return row.fields.get(column);
}

/** Broken before and working after; what cannot be repaired is broken still. */
export function deviceChecks(
  { table, key, works }: Device,
  repaired: readonly string[],
  hopeless: readonly string[],
): VerifierCheck[] {
  const working = (db: 'before' | 'after', id: string): Expr => {
    const own: Expr = { op: 'field', of: { op: 'var', name: 'row' }, name: key };
    const check: Expr = { op: '=', left: own, right: { op: 'const', value: id } };
    const rows: Expr = { op: 'where', of: { op: 'rows', db, table }, as: 'row', check };
    return { op: 'some', of: rows, as: 'row', check: works };
  };
  return [
    ...repaired.flatMap((id, i) => [
      { id: `broken:${i + 1}`, expr: { op: 'not', of: working('before', id) } as const },
      { id: `works:${i + 1}`, expr: working('after', id) },
    ]),
    ...hopeless.map((id, i) => ({
      id: `hopeless:${i + 1}`,
      expr: { op: 'not', of: working('after', id) } as const,
    })),
  ];
}
