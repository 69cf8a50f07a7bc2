// Damage to totals: a parent's amount is not the sum over its children. Mended by setting it.

import { derived } from '../plan-recorder.js';
import type { RowChange } from '../task-types.js';
import type { Environment, Expr } from '../world-types.js';
import { Trial } from './operate/attempt.js';
import { affordancesOf, implOf, nameColumn } from './operate/operation.js';
import type { Fault, RepairKind } from './repair-types.js';

function partsOf(env: Environment, table: string) {
  const one = affordancesOf(env, 'total').find(({ parentTable }) => parentTable === table)!;
  const impl = implOf(env, one.fixTool, 'update')!;
  const param = impl.params.find(({ column }) => column === one.total)!.param;
  return { ...one, keyParam: impl.param, totalParam: param };
}

export const totalRepair: RepairKind = {
  id: 'totals',
  tables: (env) =>
    affordancesOf(env, 'total')
      .filter(({ parentTable, fixTool, total }) => {
        const impl = implOf(env, fixTool, 'update');
        const sets = impl?.params.some(({ column }) => column === total) ?? false;
        return sets && nameColumn(env, parentTable) !== null;
      })
      .map(({ parentTable }) => parentTable),
  damage(loaded, table, random, level) {
    const { total, fixTool, keyParam, totalParam } = partsOf(loaded.env, table);
    const trial = new Trial(loaded);
    const { key } = trial.db.spec(table);
    const count = 6 + Math.min(level, 3);
    const wrong = random.int(2, Math.min(4, 2 + level));
    const rows = random.sample(trial.db.rows(table), count + 2);
    if (rows.length < count + 2) return null;
    const damaged = [...rows.slice(0, wrong), ...rows.slice(count)];
    const patch = damaged.map((row): RowChange => {
      const off = random.pick([-1, 1]) * random.int(1, 9) * random.pick([10, 50, 100]);
      const after = { ...row, [total]: Math.max(5, Number(row[total]) + off) };
      return { table, key: String(row[key]), before: row, after };
    });
    if (patch.some(({ before, after }) => before![total] === after![total])) return null;
    const faults = damaged.map((row): Fault => {
      const args = { [keyParam]: row[key]!, [totalParam]: row[total]! };
      return { name: trial.nameOf(table, String(row[key])), call: { tool: fixTool, args } };
    });
    const names = random
      .shuffled(rows.slice(0, count))
      .map((row) => trial.nameOf(table, String(row[key])));
    return {
      patch,
      names,
      faults: faults.filter(({ name }) => names.includes(name)),
      outside: faults.filter(({ name }) => !names.includes(name)).map(({ call }) => call),
    };
  },
  inspect(reader, table, name) {
    const { total, childTable, parent, amount } = partsOf(reader.env, table);
    const row = reader.named(table, name, [total]);
    const children = reader.list(childTable, { [parent]: row.key }, [amount]);
    return children.map(({ fields }) => fields.get(amount)!);
  },
  values(env, table, call, shown) {
    const { totalParam } = partsOf(env, table);
    return { [totalParam]: derived(call.args[totalParam]!, shown) };
  },
  faults(world, table, names) {
    const { total, fixTool, childTable, parent, amount, keyParam, totalParam } = partsOf(
      world.env,
      table,
    );
    return names.flatMap((name): Fault[] => {
      const key = world.byName(table, name)!;
      const own = world.rows(childTable).filter((row) => row[parent] === key);
      const sum = own.reduce((all, row) => all + Number(row[amount]), 0);
      if (sum === world.row(table, key)![total]) return [];
      return [{ name, call: { tool: fixTool, args: { [keyParam]: key, [totalParam]: sum } } }];
    });
  },
  checks(env, table, { faults }, fixed) {
    const { total, childTable, parent, amount, keyParam } = partsOf(env, table);
    const variable = (name: string): Expr => ({ op: 'var', name });
    const field = (of: Expr, name: string): Expr => ({ op: 'field', of, name });
    return faults
      .filter(({ name }) => fixed.has(name))
      .map(({ call }, i) => {
        const key: Expr = { op: 'const', value: call.args[keyParam]! };
        const own: Expr = {
          op: 'where',
          of: { op: 'rows', db: 'after', table: childTable },
          as: 'child',
          check: { op: '=', left: field(variable('child'), parent), right: key },
        };
        const amounts: Expr = {
          op: 'map',
          of: own,
          as: 'child',
          to: field(variable('child'), amount),
        };
        const now = field({ op: 'row', db: 'after', table, key }, total);
        return {
          id: `sum:${i + 1}`,
          expr: { op: '=', left: now, right: { op: 'sum', of: amounts } },
        };
      });
  },
  wrongCall(loaded, table, _damage, call) {
    const { totalParam } = partsOf(loaded.env, table);
    return { ...call, args: { ...call.args, [totalParam]: Number(call.args[totalParam]) + 1 } };
  },
};
