// The names of one environment: tables from the theme, columns from their synonyms, tools in one spelling,
// proper names and ids. Each name is given once; nothing here adds structure.

import type { ModuleContext, Theme } from '../module-types.js';
import { Random } from '../random.js';
import type { Bilingual } from '../world-types.js';
import { ProperNames } from './proper-names.js';
import { columnLabel, columnMeanings, columnNames, readable, tableLabel } from './words.js';

const VERBS: Readonly<Record<string, readonly string[]>> = {
  find: ['find', 'search', 'query', 'lookup'],
  get: ['get', 'show', 'read', 'fetch'],
  list: ['list', 'browse', 'enumerate'],
  search: ['full_text', 'grep', 'search_text'],
  count: ['count', 'tally'],
  update: ['update', 'edit', 'modify', 'change'],
  create: ['create', 'new', 'register'],
  delete: ['delete', 'erase', 'drop'],
  adjust: ['adjust', 'correct', 'shift'],
  transfer: ['transfer', 'send'],
  move: ['move', 'relocate'],
  book: ['book', 'reserve', 'take'],
  check: ['check', 'inspect'],
  cancel: ['cancel', 'call_off'],
  assign: ['assign', 'allocate', 'give'],
  compare: ['compare', 'contrast'],
  recent: ['recent', 'latest'],
  test: ['test', 'probe', 'diagnose'],
};

type Style = 'snake' | 'camel' | 'noun-first';

/** Every 1 of so many environments has its names and texts in Chinese. */
const CHINESE_DATA = 5;

export class Naming {
  readonly #tables = new Map<string, Bilingual>();
  readonly #columns: ReadonlyMap<string, string>;
  readonly #tools = new Set<string>();
  readonly #ids = new Set<string>();
  readonly #random: Random;
  readonly #proper: ProperNames;
  readonly #style: Style;
  readonly #verbs: ReadonlyMap<string, string>;
  readonly dataLanguage: ModuleContext['dataLanguage'];

  constructor(
    seed: number,
    readonly theme: Theme,
  ) {
    this.#random = new Random('naming', seed);
    this.#proper = new ProperNames(new Random('proper-names', seed));
    this.#style = this.#random.pick(['snake', 'snake', 'camel', 'noun-first']);
    this.dataLanguage = this.#random.int(1, CHINESE_DATA) === 1 ? 'zh' : 'en';
    const meanings = columnMeanings();
    this.#columns = new Map(
      meanings.map((meaning) => [meaning, this.#random.pick(columnNames(meaning))]),
    );
    const verbs = Object.entries(VERBS);
    this.#verbs = new Map(verbs.map(([verb, words]) => [verb, this.#random.pick(words)]));
  }

  /** The theme's word where it has one that no table has yet, else the meaning itself. */
  table(meaning: string, themeWord?: string): string {
    const themed = themeWord === undefined ? undefined : this.theme.words[themeWord];
    const label = themed && !this.#tables.has(themed.en) ? themed : tableLabel(meaning);
    let name = label.en.replaceAll(' ', '_');
    while (this.#tables.has(name)) name = `other_${name}`;
    this.#tables.set(name, { en: readable(name), zh: label.zh });
    return name;
  }

  column(meaning: string): string {
    const name = this.#columns.get(meaning);
    if (name === undefined) throw new RangeError(`there are no words for ${meaning}`);
    return name;
  }

  /** @throws RangeError for a name that was not given here */
  tableLabel(name: string): Bilingual {
    const label = this.#tables.get(name);
    if (!label) throw new RangeError(`there is no table ${name}`);
    return label;
  }

  columnLabel(meaning: string): Bilingual {
    return columnLabel(meaning, this.column(meaning));
  }

  tool(verb: string, ...words: readonly string[]): string {
    const chosen = this.#verbs.get(verb) ?? verb;
    const inOrder = this.#style === 'noun-first' ? [...words, chosen] : [chosen, ...words];
    const parts = inOrder.flatMap((word) => word.split('_'));
    const spell = (all: readonly string[]): string =>
      this.#style === 'camel'
        ? all.map((part, i) => (i === 0 ? part : part[0]!.toUpperCase() + part.slice(1))).join('')
        : all.join('_');
    let name = spell(parts);
    for (let n = 2; this.#tools.has(name); n++) name = spell([...parts, String(n)]);
    this.#tools.add(name);
    return name;
  }

  id(prefix: string): string {
    for (;;) {
      const id = `${prefix}-${this.#random.token(6)}`;
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      return id;
    }
  }

  proper(kind: Parameters<ModuleContext['properName']>[0]): Bilingual {
    return this.#proper.next(kind);
  }
}
