// Nothing that an agent is shown beforehand gives its task's answer away. An answer's value is the
// solution's alone if the request does not speak of it and no form or column lists it among others; such a
// text must not occur in the prompt, in what tools say of themselves or in what they refuse with. Numbers
// and dates meet by chance: they are compared with how often another task's answer occurs in this prompt.
// Source: agents reference §8.3.

import { leavesOf } from '../replay.js';
import { promptOf } from '../task-prompt.js';
import type { PublicTask } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json } from '../world-types.js';
import {
  Problems,
  raise,
  type AuditedTask,
  type CheckResult,
  type CorpusCheck,
} from './corpus-check.js';

/** Shorter texts are words that occur anyway. */
const MIN_TEXT = 3;
/** Smaller numbers occur in every text. */
const MIN_NUMBER = 1000;
/** What a public task may have. */
const PUBLIC_FIELDS = new Set([
  'taskId',
  'key',
  'hash',
  'envId',
  'envVersion',
  'split',
  'family',
  'skeleton',
  'language',
  'request',
  'patch',
  'submissionSchema',
  'user',
  'difficulty',
]);

/** What is the same for all tasks of an environment. */
interface Shown {
  readonly texts: readonly string[];
  /** Values that are listed among others: they say nothing. */
  readonly listed: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

export class LeakageCheck implements CorpusCheck {
  readonly id = 'leakage';
  readonly title = 'nothing shown beforehand has the answer in it';
  readonly #problems = new Problems();
  readonly #shown = new WeakMap<LoadedEnvironment, Shown>();
  /** By family: numbers and dates of the last task's answer. */
  readonly #neighbours = new Map<string, readonly string[]>();
  #values = 0;
  readonly #met = new Map<'own' | 'by chance', number>();

  task({ task, secret, loaded, answer }: AuditedTask): void {
    const shown = this.#shownOf(loaded);
    for (const field of Object.keys(task)) {
      if (!PUBLIC_FIELDS.has(field)) this.#problems.add(`${task.key}: ${field} is public`);
    }
    const known = leavesOf(secret.ir);
    const told = toldFirst(loaded.env, task);
    const words = new Set(told.split(/[^\p{L}\p{N}_-]+/u));
    for (const word of words) {
      if (shown.keys.has(word) && !known.has(JSON.stringify(word))) {
        this.#problems.add(`${task.key}: the prompt shows the key ${word}`);
      }
    }
    const numbers = numbersIn(told);
    const own: string[] = [];
    const listed = new Set([...shown.listed, ...enumsOf(task.submissionSchema ?? null)]);
    for (const leaf of answerLeaves(answer, secret.verifier.communicate ?? [])) {
      if (known.has(leaf) || listed.has(leaf)) continue;
      const value = JSON.parse(leaf) as Json;
      if (typeof value === 'number' || (typeof value === 'string' && isDate(value))) {
        own.push(...spellings(value));
        continue;
      }
      if (typeof value !== 'string' || value.length < MIN_TEXT) continue;
      this.#values++;
      const place = [told, ...shown.texts].find((text) => text.includes(value));
      if (place !== undefined) {
        this.#problems.add(
          `${task.key}: ${leaf} of the answer is in ${JSON.stringify(place.slice(0, 80))}`,
        );
      }
    }
    this.#compare(task.family, own, numbers, told);
  }

  result(): CheckResult {
    const own = this.#met.get('own') ?? 0;
    const chance = this.#met.get('by chance') ?? 0;
    // Three deviations above what strangers' answers do.
    if (own > chance + 3 * Math.sqrt(chance + 1)) {
      this.#problems.add(`numbers of the answer are in ${own} prompts, strangers' in ${chance}`);
    }
    return this.#problems.result(this, {
      values: this.#values,
      numbers_met: own,
      numbers_met_by_chance: chance,
    });
  }

  /** How often a prompt has a number of its own answer, and how often one of the task before it. */
  #compare(
    family: string,
    own: readonly string[],
    numbers: ReadonlySet<string>,
    told: string,
  ): void {
    const occurs = (spelled: string): boolean =>
      /^\d+(?:\.\d+)?$/.test(spelled) ? numbers.has(spelled) : told.includes(spelled);
    if (own.some(occurs)) raise(this.#met, 'own');
    const before = this.#neighbours.get(family) ?? [];
    if (before.some((one) => !own.includes(one) && occurs(one))) raise(this.#met, 'by chance');
    this.#neighbours.set(family, own);
  }

  #shownOf(loaded: LoadedEnvironment): Shown {
    let shown = this.#shown.get(loaded);
    if (!shown) this.#shown.set(loaded, (shown = shownBy(loaded)));
    return shown;
  }
}

function toldFirst(env: Environment, task: PublicTask): string {
  const messages = promptOf(env, task).map(({ content }) => content ?? '');
  return [...messages, task.user?.opening ?? ''].join('\n');
}

function shownBy({ env, base }: LoadedEnvironment): Shown {
  const { tools, rules, tables } = env;
  const listed = new Set(tools.flatMap(({ parameters }) => enumsOf(parameters)));
  for (const { columns } of tables) {
    for (const { values = [] } of columns)
      for (const one of values) listed.add(JSON.stringify(one));
  }
  return {
    texts: [
      ...tools.flatMap(({ name, description, errorCodes }) => [
        name,
        description.en,
        description.zh,
        ...errorCodes,
      ]),
      ...rules.flatMap(({ text, errorCode }) => [text.en, text.zh, errorCode]),
    ],
    listed,
    keys: new Set(tables.flatMap(({ name }) => [...base.table(name).keys()])),
  };
}

/** All values that schemas list, spelled. */
function enumsOf(schema: Json): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]: [string, Json]) =>
    name === 'enum' && Array.isArray(value)
      ? (value as readonly Json[]).map((one) => JSON.stringify(one))
      : enumsOf(value),
  );
}

function answerLeaves(answer: Json | undefined, said: readonly string[]): ReadonlySet<string> {
  return leavesOf([...(answer === undefined ? [] : [answer]), ...said]);
}

function isDate(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?$/.test(value);
}

/** How a number may be written: as it is, or as an amount of money. */
function spellings(value: number | string): string[] {
  if (typeof value === 'string') return [value];
  if (value < MIN_NUMBER) return [];
  return [String(value), (value / 100).toFixed(2)];
}

/** Without the commas of thousands. */
function numbersIn(text: string): Set<string> {
  const plain = text.replaceAll(/(\d),(?=\d{3})/g, '$1').normalize('NFKC');
  return new Set(plain.match(/\d+(?:\.\d+)?/g) ?? []);
}
