// The words of route requests, both ways. Sentences name the kind of leg, so that networks of one
// environment are told apart.

import type { Random } from '../random.js';
import type { Language } from '../task-types.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { choice, frame, listed, mapped, oneOf, type Form } from './grammar/form.js';
import { nameForm } from './grammar/names.js';
import { numberForm } from './grammar/numbers.js';
import { readRequest, renderRequest, type Sentences } from './grammar/request.js';
import { Words } from './grammar/words.js';
import { affordancesOf, nameColumn } from './operate/operation.js';
import { perLanguage, Phrases } from './operate/phrases.js';
import type { Graph } from './plan-network.js';

export interface RouteIr {
  /** Table of the legs. */
  readonly edges: string;
  readonly from: string;
  readonly to: string;
  /** A place to pass on the way. */
  readonly via: string | null;
  readonly avoid: readonly string[];
  /** Column that marks legs as shut. */
  readonly shut: string | null;
  /** Legs of this kind do not count. */
  readonly mode: { readonly column: string; readonly value: string } | null;
  readonly legs: number | null;
}

/** Networks whose places have names. */
export function graphsOf(env: Environment): Graph[] {
  return affordancesOf(env, 'graph').filter(
    ({ nodeTable, nodeName }) => nameColumn(env, nodeTable) === nodeName,
  );
}

type Parts = Readonly<Record<string, Json>>;

const sentencesOf = perLanguage((env, language): Sentences => {
  const words = new Words(env, language);
  const phrases = new Phrases(words, env);
  const graphs = graphsOf(env);
  const name = nameForm(language);
  const joint = language === 'en' ? { comma: ', ', and: ' and ' } : { comma: '、', and: '和' };
  const per = (make: (graph: Graph) => readonly Form<Parts>[]): Form<Json> =>
    choice(graphs.flatMap(make)) as unknown as Form<Json>;
  return {
    route: per((graph) => {
      const label = words.label(graph.edgeTable, graph.cost);
      const things = words.things(graph.edgeTable);
      type Ends = { from: string; to: string };
      return [
        mapped<Ends, Parts>(
          frame<Ends>(
            phrases.say(
              [
                `find the way from {from} to {to} over the ${things} with the lowest total ${label}.`,
                `which sequence of ${things} takes us from {from} to {to} with the smallest sum of ${label}?`,
              ],
              [
                `请沿${things}找出从{from}到{to}的${label}合计最低的走法。`,
                `从{from}到{to}，走哪些${things}能使${label}总和最小？`,
              ],
            ),
            { from: phrases.row(graph.nodeTable), to: phrases.row(graph.nodeTable) },
          ),
          (ends) => ({ edges: graph.edgeTable, ...ends }),
          (one) =>
            one['edges'] === graph.edgeTable
              ? { from: one['from'] as string, to: one['to'] as string }
              : null,
        ),
      ];
    }),
    via: frame<{ via: string }>(
      phrases.say(
        ['the way must pass through {via}.', 'we have to stop at {via} in between.'],
        ['途中必须经过{via}。', '中途要在{via}停一下。'],
      ),
      { via: name },
    ),
    avoid: frame<{ avoid: readonly string[] }>(
      phrases.say(
        ['keep away from {avoid}.', 'the way must not touch {avoid}.'],
        ['不得经过{avoid}。', '请避开{avoid}。'],
      ),
      { avoid: listed(name, joint) },
    ),
    legs: frame<{ legs: number }>(
      phrases.say(
        ['it may have at most {legs} legs.', 'no more than {legs} legs, please.'],
        ['最多只能走{legs}段。', '段数不得超过{legs}段。'],
      ),
      { legs: numberForm(language) },
    ),
    shut: per((graph) =>
      flagsOf(words, graph).map(({ name: column, label }) =>
        oneOf<Parts>([
          [
            { edges: graph.edgeTable, column },
            phrases.say(
              [`do not use any ${words.thing(graph.edgeTable)} that is marked as "${label.en}".`],
              [`凡标为“${label.zh}”的${words.thing(graph.edgeTable)}都不能走。`],
            ),
          ],
        ]),
      ),
    ),
    mode: per((graph) =>
      kindsOf(words, graph).map(({ name: column, label }) =>
        mapped<{ value: Json }, Parts>(
          frame<{ value: Json }>(
            phrases.say(
              [`no ${words.thing(graph.edgeTable)} whose ${label.en} is {value} may be used.`],
              [`${label.zh}为{value}的${words.thing(graph.edgeTable)}一律不走。`],
            ),
            { value: words.values(graph.edgeTable, column) },
          ),
          ({ value }) => ({ edges: graph.edgeTable, column, value }),
          (one) =>
            one['edges'] === graph.edgeTable && one['column'] === column
              ? { value: one['value']! }
              : null,
        ),
      ),
    ),
    report: oneOf<null>([
      [
        null,
        phrases.say(
          [
            'hand in "route", the names of all places in order with both ends, and "cost", the sum over the legs as the tables count it.',
            'I need the exact names from start to end as "route" and their sum, in the unit of the tables, as "cost".',
          ],
          [
            '请提交“route”（含起止点在内按顺序的全部地点名称）和“cost”（各段之和，按表中单位）。',
            '“route”按顺序填写从起点到终点的准确名称，“cost”填写各段合计，单位与表中一致。',
          ],
        ),
      ],
    ]),
  } as unknown as Sentences;
});

function flagsOf(words: Words, { edgeTable }: Graph) {
  return words.plainColumns(edgeTable).filter(({ type }) => type === 'bool');
}

function kindsOf(words: Words, { edgeTable }: Graph) {
  return words.plainColumns(edgeTable).filter(({ type }) => type === 'enum');
}

/** @throws GrammarError for what has no words */
export function renderRoute(
  ir: RouteIr,
  env: Environment,
  language: Language,
  random: Random,
): string {
  const { edges, from, to, via, avoid, shut, mode, legs } = ir;
  const conditions = [
    ...(via === null ? [] : [{ kind: 'via', value: { via } }]),
    ...(avoid.length === 0 ? [] : [{ kind: 'avoid', value: { avoid } }]),
    ...(legs === null ? [] : [{ kind: 'legs', value: { legs } }]),
    ...(shut === null ? [] : [{ kind: 'shut', value: { edges, column: shut } }]),
    ...(mode === null ? [] : [{ kind: 'mode', value: { edges, ...mode } }]),
  ];
  const pieces = [
    { kind: 'route', value: { edges, from, to } },
    ...random.shuffled(conditions),
    { kind: 'report', value: null },
  ];
  return renderRequest(pieces as never, sentencesOf(env, language), {
    language,
    random,
    remarks: random.int(0, 3),
  });
}

/** null where the text asks for no route, or for several. */
export function readRoute(text: string, env: Environment, language: Language): RouteIr | null {
  const pieces = readRequest(text, sentencesOf(env, language), language);
  if (!pieces) return null;
  const found = new Map(pieces.map(({ kind, value }) => [kind, value as JsonObject]));
  const route = found.get('route');
  if (!route || !found.has('report') || found.size !== pieces.length) return null;
  const [shut, mode] = [found.get('shut'), found.get('mode')];
  const edges = route['edges'];
  if ((shut && shut['edges'] !== edges) || (mode && mode['edges'] !== edges)) return null;
  return {
    edges,
    from: route['from'],
    to: route['to'],
    via: found.get('via')?.['via'] ?? null,
    avoid: found.get('avoid')?.['avoid'] ?? [],
    shut: shut?.['column'] ?? null,
    mode: mode ? { column: mode['column'], value: mode['value'] } : null,
    legs: found.get('legs')?.['legs'] ?? null,
  } as unknown as RouteIr;
}
