// Unfamiliar tools: a verb family and a noun (real or invented), parameters and results of random
// kinds. Synonyms inside a family make tool choice more than string matching.

import { NOUNS } from './nouns.js';
import type { Rng } from './rng.js';
import {
  joinName,
  toLabel,
  type NameStyle,
  type Param,
  type ResultField,
  type ToolSpec,
} from './tool-spec.js';
import * as words from './words.js';
import type { Split } from './words.js';

/** [names used in tool names, ways a person asks, is it an action]. */
export const VERBS: readonly { names: string[]; says: string[]; isAction: boolean }[] = [
  {
    names: ['get', 'fetch', 'read'],
    says: ['get', 'fetch', 'show me', 'give me', 'read'],
    isAction: false,
  },
  {
    names: ['find', 'search', 'lookup'],
    says: ['find', 'search for', 'look up', 'look for'],
    isAction: false,
  },
  { names: ['create', 'add', 'new'], says: ['create', 'add', 'make', 'set up'], isAction: true },
  {
    names: ['delete', 'remove', 'erase'],
    says: ['delete', 'remove', 'erase', 'get rid of'],
    isAction: true,
  },
  {
    names: ['update', 'edit', 'change'],
    says: ['update', 'edit', 'change', 'modify'],
    isAction: true,
  },
  { names: ['send', 'deliver'], says: ['send', 'deliver', 'send out'], isAction: true },
  { names: ['count'], says: ['count', 'count up'], isAction: false },
  {
    names: ['check', 'verify', 'validate'],
    says: ['check', 'verify', 'validate'],
    isAction: false,
  },
  { names: ['start', 'launch', 'run'], says: ['start', 'launch', 'run'], isAction: true },
  { names: ['stop', 'halt'], says: ['stop', 'halt', 'shut down'], isAction: true },
  { names: ['book', 'reserve'], says: ['book', 'reserve'], isAction: true },
  { names: ['cancel'], says: ['cancel', 'call off'], isAction: true },
  { names: ['open'], says: ['open', 'open up'], isAction: true },
  { names: ['close'], says: ['close'], isAction: true },
  { names: ['rename'], says: ['rename', 'give a new name to'], isAction: true },
  { names: ['copy', 'duplicate'], says: ['copy', 'duplicate', 'make a copy of'], isAction: true },
  { names: ['move', 'transfer'], says: ['move', 'transfer'], isAction: true },
  { names: ['print'], says: ['print', 'print out'], isAction: true },
  { names: ['export', 'download'], says: ['export', 'download'], isAction: true },
  { names: ['import', 'upload'], says: ['import', 'upload'], isAction: true },
  { names: ['rate', 'score'], says: ['rate', 'score'], isAction: true },
  { names: ['schedule', 'plan'], says: ['schedule', 'plan'], isAction: true },
  { names: ['compute', 'calculate'], says: ['compute', 'calculate', 'work out'], isAction: false },
  { names: ['list'], says: ['list', 'list all of', 'show all of'], isAction: false },
];

type ValueKind =
  | 'name'
  | 'person'
  | 'place'
  | 'word'
  | 'phrase'
  | 'code'
  | 'int'
  | 'number'
  | 'date'
  | 'time'
  | 'email'
  | 'file'
  | 'bool';

const MAKERS: Record<ValueKind, (rng: Rng, split: Split) => string | number | boolean> = {
  name: (rng, split) => words.properName(rng, split),
  person: (rng, split) => words.properName(rng, split, 'person'),
  place: (rng, split) => words.properName(rng, split, 'place'),
  word: (rng, split) => words.plainWord(rng, split),
  phrase: (rng, split) => words.phrase(rng, split),
  code: (rng, split) => words.code(rng, split),
  int: (rng, split) => words.anyInteger(rng, split),
  number: (rng, split) => words.decimal(rng, split),
  date: (rng, split) => words.isoDate(rng, split),
  time: (rng) => words.clockTime(rng),
  email: (rng, split) => words.email(rng, split),
  file: (rng, split) => words.fileName(rng, split),
  bool: (rng) => rng.chance(0.5),
};

/** Parameter names by value kind; a description is made from the label. */
const PARAM_NAMES: Record<ValueKind, string[]> = {
  name: ['name', 'title', 'brand', 'product', 'label', 'company', 'subject', 'item'],
  person: ['customer', 'owner', 'user', 'person', 'author', 'recipient', 'assignee', 'guest'],
  place: ['city', 'location', 'place', 'destination', 'origin', 'region', 'country', 'address'],
  word: ['category', 'type', 'status', 'color', 'topic', 'mode', 'level', 'group'],
  phrase: ['text', 'message', 'query', 'description', 'comment', 'reason', 'note'],
  code: ['id', 'code', 'order_id', 'ticket_id', 'reference', 'serial', 'tracking_number', 'sku'],
  int: ['count', 'limit', 'year', 'amount', 'quantity', 'page', 'days', 'size', 'number', 'guests'],
  number: ['price', 'weight', 'rate', 'distance', 'height', 'temperature', 'score'],
  date: ['date', 'start_date', 'end_date', 'due_date', 'day', 'deadline'],
  time: ['time', 'start_time', 'hour', 'at'],
  email: ['email', 'to', 'contact', 'sender'],
  file: ['file', 'path', 'filename', 'document'],
  bool: ['active', 'urgent', 'public', 'verbose', 'express', 'archived'],
};

const JSON_TYPE: Partial<Record<ValueKind, Param['type']>> = {
  int: 'integer',
  number: 'number',
  bool: 'boolean',
};
const KINDS: Record<ValueKind, number> = {
  name: 14,
  person: 8,
  place: 8,
  word: 9,
  phrase: 6,
  code: 12,
  int: 14,
  number: 6,
  date: 7,
  time: 3,
  email: 4,
  file: 5,
  bool: 4,
};

function styledName(base: string, style: NameStyle): string {
  return style === 'camel' ? joinName(base.split('_'), 'camel') : base;
}

function makeParam(rng: Rng, split: Split, style: NameStyle, taken: Set<string>): Param {
  for (;;) {
    const kind = rng.weighted(KINDS);
    const roll = rng.float();
    let base: string;
    if (roll < 0.7 || kind === 'bool') base = rng.pick(PARAM_NAMES[kind]);
    else if (roll < 0.88) base = words.inventedWord(rng, split);
    else base = `${words.inventedWord(rng, split)}_${rng.pick(PARAM_NAMES[kind]).split('_').pop()}`;
    const name = styledName(base, style);
    if (taken.has(name)) continue;
    taken.add(name);
    const label = toLabel(base);
    return {
      name,
      label,
      type: JSON_TYPE[kind] ?? 'string',
      description: rng.pick([
        `The ${label}`,
        `The ${label} to use`,
        `${words.capitalise(label)} of the request`,
      ]),
      required: true,
      make: MAKERS[kind],
    };
  }
}

const RESULT_KEYS: Record<'int' | 'name' | 'word' | 'code' | 'date' | 'number', string[]> = {
  int: ['total', 'count', 'balance', 'amount', 'points', 'minutes', 'id'],
  name: ['name', 'owner', 'title', 'contact', 'manager', 'brand'],
  word: ['status', 'state', 'category', 'level', 'color', 'kind'],
  code: ['code', 'reference', 'order_id', 'confirmation', 'serial'],
  date: ['date', 'due_date', 'created', 'delivery_date'],
  number: ['price', 'rate', 'weight', 'score', 'distance'],
};

export function makeResultFields(rng: Rng, split: Split): ResultField[] {
  const fields: ResultField[] = [];
  const count = rng.weighted({ one: 62, two: 30, three: 8 });
  while (fields.length < { one: 1, two: 2, three: 3 }[count]) {
    const kind = rng.weighted({ int: 25, name: 25, word: 15, code: 15, date: 10, number: 10 });
    const key = rng.chance(0.75) ? rng.pick(RESULT_KEYS[kind]) : words.inventedWord(rng, split);
    if (fields.some((field) => field.key === key)) continue;
    fields.push({ key, label: toLabel(key), make: MAKERS[kind] });
  }
  return fields;
}

export interface SyntheticOptions {
  /** Index into VERBS; random if absent. */
  verb?: number;
  noun?: string;
  /** Names that must not come again in this request. */
  takenNames: Set<string>;
}

export const makeNoun = (rng: Rng, split: Split) =>
  split === 'train' && rng.chance(0.3) ? rng.pick(NOUNS) : words.inventedWord(rng, split);

export function makeSyntheticTool(
  rng: Rng,
  split: Split,
  options: SyntheticOptions,
): ToolSpec & { verb: number; noun: string } {
  for (;;) {
    const verb = options.verb ?? rng.int(0, VERBS.length - 1);
    const noun = options.noun ?? makeNoun(rng, split);
    const family = VERBS[verb]!;
    const style = rng.weighted({ snake: 89, camel: 4, kebab: 7 }) as NameStyle;
    const verbName = rng.pick(family.names);
    const order = rng.chance(0.97) ? [verbName, noun] : [noun, verbName];
    const name = joinName(order, style);
    if (options.takenNames.has(name)) {
      if (options.verb !== undefined && options.noun !== undefined)
        return makeSyntheticTool(rng, split, { takenNames: options.takenNames });
      continue;
    }
    options.takenNames.add(name);
    const taken = new Set<string>();
    const count = rng.weighted({ zero: 5, one: 44, two: 35, three: 13, four: 3 });
    const params = Array.from(
      { length: { zero: 0, one: 1, two: 2, three: 3, four: 4 }[count] },
      () => makeParam(rng, split, style, taken),
    );
    // Later parameters are optional now and then; the first never is.
    params.forEach((param, index) => {
      if (index > 0 && rng.chance(0.25)) param.required = false;
    });
    const spokenNames = family.names.filter((word) => word !== 'new' && word !== 'lookup');
    const verbText =
      spokenNames.includes(verbName) && rng.chance(0.6) ? verbName : rng.pick(spokenNames);
    const described = words.capitalise(verbText);
    const description = rng.pick([
      `${described} a ${noun}.`,
      `${described} a ${noun}`,
      `${described} the ${noun}.`,
      params.length > 0
        ? `${described} a ${noun} by ${params[0]!.label}.`
        : `${described} a ${noun}.`,
    ]);
    return {
      verb,
      noun,
      name,
      description,
      params,
      purposes: family.says.map((says) => `${says} the ${noun}`),
      result: makeResultFields(rng, split),
      isAction: family.isAction,
    };
  }
}
