// Places and connections with a cost: every place is reached from every other, by several ways.

import { choice, flag, int, money, ref, when } from '../columns.js';
import type { Kit } from '../kit.js';
import type { TableHandle } from '../table-handle.js';

interface NetworkOptions {
  /** Meaning of the edge table and of its cost column. */
  readonly edge: string;
  readonly cost: 'fare' | 'minutes' | 'distance';
  readonly second?: 'fare' | 'minutes' | 'distance';
  readonly modes?: readonly string[];
  readonly closures?: boolean;
  readonly oneWay?: boolean;
}

/** Edges over the nodes, with the tool that shows them. */
export function network(kit: Kit, nodes: TableHandle, options: NetworkOptions): TableHandle {
  const { edge, cost, second, modes, closures = false, oneWay = false } = options;
  const number = (meaning: string) => (meaning === 'fare' ? money(meaning) : int(meaning));
  const table = kit.table(edge, [
    ref('from', nodes),
    ref('to', nodes),
    number(cost),
    ...(second ? [number(second)] : []),
    ...(modes ? [choice('mode', modes)] : []),
    ...when(closures, flag('closed')),
  ]);
  const { random } = kit;
  const add = (from: string, to: string): void => {
    const length = random.int(8, 95);
    const measures = {
      fare: length * 25 + random.int(0, 40) * 5,
      minutes: length,
      distance: length * 3,
    };
    const values = {
      ...measures,
      from,
      to,
      mode: modes ? random.pick(modes) : null,
      closed: random.chance(8),
    };
    kit.add(table, values);
    if (!oneWay) kit.add(table, { ...values, from: to, to: from });
  };
  const keys = random.shuffled(nodes.keys());
  // A ring makes it connected; chords make ways to choose among.
  keys.forEach((key, i) => add(key, keys[(i + 1) % keys.length]!));
  const joined = new Set(keys.map((key, i) => pair(key, keys[(i + 1) % keys.length]!)));
  for (let tries = 0; tries < keys.length * 2; tries++) {
    const [from, to] = random.sample(keys, 2) as [string, string];
    if (joined.has(pair(from, to)) || joined.has(pair(to, from))) continue;
    joined.add(pair(from, to));
    add(from, to);
  }
  const tool = kit.tool('list', [table.name, 'from', nodes.name], {
    archetype: 'neighbours',
    edgeTable: table.name,
    from: table.col('from'),
    to: table.col('to'),
    returns: table.shown,
    param: table.col('from'),
  });
  kit.affords({
    kind: 'graph',
    nodeTable: nodes.name,
    nodeName: nodes.col('name'),
    edgeTable: table.name,
    from: table.col('from'),
    to: table.col('to'),
    cost: table.col(cost),
    tool,
  });
  return table;
}

const pair = (from: string, to: string): string => `${from} ${to}`;
