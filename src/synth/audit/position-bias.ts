// Answers that are rows stand anywhere in the lists they are found in: who takes the first, or the last,
// gains nothing. Each row that is an answer counts once per environment, by its place in the list that a
// tool gives of its table, in ten parts of the list; a chi-square test compares with what the lists'
// lengths would give by chance. Source: agents reference §8.3.

import { leavesOf } from '../replay.js';
import { byColumn } from '../row-order.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Row, TableSpec } from '../world-types.js';
import { Problems, type AuditedTask, type CheckResult, type CorpusCheck } from './corpus-check.js';
import { chiSquareChance } from './statistics.js';

const PARTS = 10;
const MIN_CHANCE = 0.01;
/** In shorter lists every place is near an end. */
const MIN_ROWS = 4;

interface Listed {
  readonly table: string;
  /** From 0. */
  readonly place: number;
  readonly length: number;
}

export class PositionCheck implements CorpusCheck {
  readonly id = 'position';
  readonly title = 'answers stand anywhere in lists';
  readonly #lists = new WeakMap<LoadedEnvironment, ReadonlyMap<string, Listed>>();
  readonly #counted = new Set<string>();
  readonly #observed = zeros();
  readonly #expected = zeros();

  task({ task, secret, loaded, answer }: AuditedTask): void {
    if (answer === undefined) return;
    let lists = this.#lists.get(loaded);
    if (!lists) this.#lists.set(loaded, (lists = listsOf(loaded)));
    const named = leavesOf(secret.ir);
    for (const leaf of leavesOf(answer)) {
      const listed = named.has(leaf) ? undefined : lists.get(leaf);
      if (listed) this.#count(task.envId, leaf, listed);
    }
  }

  result(): CheckResult {
    const problems = new Problems();
    const chance = chiSquareChance(this.#observed, this.#expected);
    if (chance <= MIN_CHANCE) {
      problems.add(
        `the tenths of lists have ${this.#observed.join(', ')} answers (p = ${chance.toExponential(1)})`,
      );
    }
    return problems.result(this, {
      rows: this.#counted.size,
      p: Number(chance.toPrecision(3)),
      tenths: this.#observed.join(' '),
    });
  }

  #count(envId: string, leaf: string, { table, place, length }: Listed): void {
    const name = `${envId} ${table} ${leaf}`;
    if (this.#counted.has(name)) return;
    this.#counted.add(name);
    this.#observed[partOf(place, length)]!++;
    for (let other = 0; other < length; other++)
      this.#expected[partOf(other, length)]! += 1 / length;
  }
}

const zeros = (): number[] => Array.from({ length: PARTS }, () => 0);

const partOf = (place: number, length: number): number => Math.floor((PARTS * place) / length);

/** Where the rows are listed, by their key and by texts that no other row of any table has. */
function listsOf({ env, base }: LoadedEnvironment): Map<string, Listed> {
  const found = new Map<string, Listed>();
  const ambiguous = new Set<string>();
  for (const spec of env.tables) {
    const rows = listed(spec, [...base.table(spec.name).values()], env.tools);
    if (rows.length < MIN_ROWS) continue;
    const names = spec.columns.filter(({ type }) => type === 'id' || type === 'text');
    for (const [place, row] of rows.entries()) {
      for (const { name } of names) {
        const leaf = JSON.stringify(row[name]);
        if (found.has(leaf)) ambiguous.add(leaf);
        found.set(leaf, { table: spec.name, place, length: rows.length });
      }
    }
  }
  for (const leaf of ambiguous) found.delete(leaf);
  return found;
}

/** In the order in which a tool shows them. */
function listed(
  { name, key }: TableSpec,
  rows: readonly Row[],
  tools: LoadedEnvironment['env']['tools'],
): Row[] {
  const impl = tools
    .map((tool) => tool.impl)
    .find((one) => one.archetype === 'find' && one.table === name);
  const column = impl?.archetype === 'find' ? impl.sort : key;
  return rows.toSorted(byColumn(column, key));
}
