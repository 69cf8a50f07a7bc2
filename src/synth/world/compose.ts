// Makes an environment from a seed: draws the structure until it is one that fits (8 to 30 tools, a join
// between modules), then realises it with names, rows and texts. The structure alone decides the
// fingerprint; seed and theme change names and rows only. Source: agents reference §6.1, §6.2.

import type { ModuleContext, ModuleInstance, Offer, Theme, ToolDraft } from '../module-types.js';
import { Random } from '../random.js';
import { byCodeUnit } from '../canonical.js';
import { parametersOf } from '../tools/parameters.js';
import type { Environment, Row, TableSpec, ToolSpec } from '../world-types.js';
import { type Blueprint, drawBlueprint } from './blueprint.js';
import { shownTable } from './check-tools.js';
import { choose } from './choose.js';
import { chooseRules, worded } from './choose-rules.js';
import { describeTool } from './describe-tool.js';
import { timeAt } from './dates.js';
import { fingerprint } from './fingerprint.js';
import { drawGeneric, genericTool, MIN_GENERIC } from './generic-tools.js';
import { listModules } from './list-modules.js';
import { Naming } from './naming.js';
import { sized } from './narrow.js';
import { writePolicy } from './policy.js';
import { themes } from './themes.js';

/** Part of every environment's identity: changes whenever the same seed gives something else. */
export const GENERATOR = { name: 'hadal-synth', version: '1.1.0' } as const;

const MIN_TOOLS = 8;
const MAX_TOOLS = 30;
/** Where an environment's own number is drawn from; it has more only if its affordances need them. */
const WANTED_TOOLS = [18, 30] as const;
/** For generic tools that are not always there, also where the number wanted is passed. */
const ROOM = 2;
/** With fewer rules there is no policy to speak of. */
const MIN_RULES = 2;
const LIMITS = { maxTurns: 120, maxToolCalls: 300, wallMs: 1_800_000 } as const;

/** The environment of this seed: equal seeds give equal environments, byte for byte. */
export function composeEnvironment(seed: number): Environment {
  for (let attempt = 0; ; attempt++) {
    const env = realise(drawBlueprint(new Random('blueprint', seed, attempt)), seed);
    if (env) return env;
  }
}

/**
 * An environment of this structure.
 * @param theme of the seed, if none is given
 * @returns undefined where the structure needs too many tools, offers too little to ask for, or where no
 *   module refers to another
 */
export function realise(
  blueprint: Blueprint,
  seed: number,
  theme: Theme = new Random('theme', seed).pick(themes),
): Environment | undefined {
  const choices = new Random('choices', blueprint.choices);
  const naming = new Naming(seed, theme);
  const detail = new Random('detail', seed);
  const clock = timeAt('2025-01-01', detail.int(0, 2500), detail.int(8, 16), detail.int(0, 59));
  const instances = build(blueprint, seed, naming, clock);
  if (!isJoined(instances)) return undefined;
  const wanted = choices.int(...WANTED_TOOLS);
  const chosen = choose(instances, choices, wanted - MIN_GENERIC, MAX_TOOLS - MIN_GENERIC);
  if (!chosen || chosen.tools.length + MIN_GENERIC < MIN_TOOLS) return undefined;
  const room = Math.max(wanted, chosen.tools.length + MIN_GENERIC + ROOM);
  const generic = drawGeneric(choices, Math.min(room, MAX_TOOLS) - chosen.tools.length);
  const rules = chooseRules(instances, chosen, choices);
  if (rules.length < MIN_RULES) return undefined;
  const shown = new Set(chosen.tools.map(({ impl }) => shownTable(impl)));
  const tables = instances
    .flatMap((one) => one.tables)
    .map((table) => ({ ...table, visible: shown.has(table.name) }));
  const rows = sortedRows(tables, instances);
  const tools = [
    ...chosen.tools.map((tool) => {
      const table = 'table' in tool.impl ? tool.impl.table : '';
      const impl = sized(tool.impl, rows[table]?.length ?? 0, detail);
      const enforced = rules.filter((rule) => rule.enforced && rule.tools.includes(tool.name));
      return finished(
        { ...tool, impl },
        tables,
        enforced.map(({ errorCode }) => errorCode),
      );
    }),
    ...generic.map((impl) => genericTool(impl, naming)),
  ];
  const env = {
    id: `${blueprint.modules.join('+')}/${theme.id}-${seed}`,
    version: GENERATOR.version,
    generator: { ...GENERATOR, seed },
    modules: blueprint.modules,
    theme: theme.id,
    fingerprint: '',
    clock,
    tables,
    tools: detail.shuffled(tools),
    rules: worded(rules, detail),
    invariants: instances.flatMap((one) => one.invariants),
    affordances: chosen.affordances,
    policy: writePolicy(theme.title, rules, detail),
    limits: LIMITS,
    license: 'MIT',
    rows,
  };
  return { ...env, fingerprint: fingerprint(env) };
}

/** Builds the modules in order; each may refer to tables of those before it. */
function build(
  blueprint: Blueprint,
  seed: number,
  naming: Naming,
  clock: string,
): ModuleInstance[] {
  const offered = new Map<Offer, { readonly table: TableSpec; readonly rows: readonly Row[] }>();
  const modules = listModules().filter(({ id }) => blueprint.modules.includes(id));
  return modules.map((module) => {
    const context: ModuleContext = {
      random: new Random('rows', seed, module.id),
      theme: naming.theme,
      clock,
      variant: blueprint.variants[module.id]!,
      tableName: (meaning, word) => naming.table(meaning, word),
      toolName: (verb, ...words) => naming.tool(verb, ...words),
      label: (name) => naming.tableLabel(name),
      columnName: (meaning) => naming.column(meaning),
      columnLabel: (meaning) => naming.columnLabel(meaning),
      dataLanguage: naming.dataLanguage,
      id: (prefix) => naming.id(prefix),
      properName: (kind) => naming.proper(kind),
      joined: (need) => (module.needs.includes(need) ? offered.get(need) : undefined),
    };
    const instance = module.build(context);
    for (const [offer, meaning] of Object.entries(module.offers)) {
      const table = instance.tables.find((one) => one.meaning === meaning);
      if (!table || offered.has(offer as Offer)) continue;
      offered.set(offer as Offer, { table, rows: instance.rows[table.name]! });
    }
    return instance;
  });
}

/** Whether a column of one module refers to a table of another. */
function isJoined(instances: readonly ModuleInstance[]): boolean {
  return instances.some(({ tables }) => {
    const own = new Set(tables.map(({ name }) => name));
    return tables.some(({ columns }) =>
      columns.some(({ references }) => references !== undefined && !own.has(references)),
    );
  });
}

function sortedRows(
  tables: readonly TableSpec[],
  instances: readonly ModuleInstance[],
): Environment['rows'] {
  const made = new Map(instances.flatMap(({ rows }) => Object.entries(rows)));
  return Object.fromEntries(
    tables.map(({ name, key }) => [
      name,
      [...(made.get(name) ?? [])].toSorted((a, b) => byCodeUnit(String(a[key]), String(b[key]))),
    ]),
  );
}

/** The tool with the schema, words and errors that follow from what it has become. */
function finished(
  tool: ToolDraft,
  tables: readonly TableSpec[],
  codes: readonly string[],
): ToolSpec {
  return {
    ...tool,
    description: describeTool(tool.impl, { tables }),
    parameters: parametersOf(tool.impl, { tables }),
    errorCodes: [...new Set([...tool.errorCodes, ...codes])],
  };
}
