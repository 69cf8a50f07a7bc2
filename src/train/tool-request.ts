// How a person asks for a tool call: choosing arguments and putting them into words. Some phrasings
// are kept for evaluation.

import type { Rng } from './rng.js';
import { coherentArguments, type CatalogueTool } from './tool-catalogue.js';
import { fill, type Param, type ToolSpec, type Value } from './tool-spec.js';
import { capitalise, type Split } from './words.js';

export type Tool = ToolSpec & Partial<Pick<CatalogueTool, 'places' | 'definition'>>;

const WRAPS = {
  train: [
    '{x}.',
    'Please {x}.',
    'Can you {x}?',
    'Could you {x}?',
    'I want to {x}.',
    'I need you to {x}.',
    '{x}',
    'Could you {x} for me?',
    'Hi, please {x}.',
    'Now {x}.',
    'I would like to {x}.',
    'Next, {x}.',
  ],
  eval: ['Would you {x}?', 'Go ahead and {x}.', 'Hello! I need to {x}, thanks.'],
};

/** Ways to mention arguments: [before all, one argument, between]. */
const MENTIONS: Record<Split, [string, string, string][]> = {
  train: [
    [' with ', '{l} {v}', ' and '],
    [' for ', '{l} {v}', ', '],
    [', ', '{l}: {v}', ', '],
    [' where ', '{l} is {v}', ' and '],
    [' using ', '{v} as {l}', ' and '],
    [' (', '{l} = {v}', ', '],
    [' with ', 'the {l} {v}', ' and '],
    [' and use ', '{l} {v}', ', '],
    ['. ', '{L} is {v}', ', '],
    [' with ', '{l} set to {v}', ' and '],
  ],
  eval: [
    [' given ', '{l} {v}', ' and '],
    [', taking ', '{v} as the {l}', ' and '],
    [' with ', '{l} equal to {v}', ', '],
  ],
};

export function spoken(param: Param, value: Value, rng: Rng): string {
  if (typeof value === 'boolean') return String(value);
  if (param.type === 'string' && rng.chance(0.2))
    return rng.chance(0.5) ? `"${value}"` : `'${value}'`;
  return String(value);
}

/** Pieces that training combines freely: unseen combinations are what people use. */
const MENTION_BEFORE = [
  ' with ',
  ' for ',
  ', ',
  ' where ',
  ' using ',
  ' and use ',
  ' having ',
  ' - ',
  ', with ',
  ' that has ',
  ' by ',
  ' via ',
  ' on ',
  ' choosing ',
  ' picking ',
  ' putting ',
];
const MENTION_ONE = [
  '{l} {v}',
  '{l}: {v}',
  '{l} is {v}',
  '{l} = {v}',
  '{v} as {l}',
  'the {l} {v}',
  '{l} set to {v}',
  '{l} of {v}',
  '{v} for the {l}',
  '{l} being {v}',
  'a {l} of {v}',
  '{l} should be {v}',
  '{l} exactly {v}',
  '{l} named {v}',
  '{l} called {v}',
  '{l} as {v}',
  '{l} at {v}',
  '{l} to {v}',
  '{l} marked {v}',
  '{l} changed to {v}',
  '{l} fixed at {v}',
  '{l} must be {v}',
  '{l} same as {v}',
  '{l} identical to {v}',
  '{l} -> {v}',
  '{l} ({v})',
  '{v} as the {l}',
  '{v} is the {l}',
];
const MENTION_BETWEEN = [' and ', ', ', ', and ', '; '];

function mentionStyle(rng: Rng, split: Split): [string, string, string] {
  if (split === 'eval' && rng.chance(0.5)) return rng.pick(MENTIONS.eval);
  if (rng.chance(0.5)) return rng.pick(MENTIONS.train);
  return [rng.pick(MENTION_BEFORE), rng.pick(MENTION_ONE), rng.pick(MENTION_BETWEEN)];
}

export function mention(
  params: Param[],
  args: Record<string, Value>,
  rng: Rng,
  split: Split,
): string {
  if (params.length === 0) return '';
  const [before, one, between] = mentionStyle(rng, split);
  const shuffled = rng.chance(0.3) ? rng.shuffle(params) : params;
  const parts = shuffled.map((param, index) => {
    const label = index === 0 && before === '. ' ? capitalise(param.label) : param.label;
    return fill(one.replace('{L}', '{l}'), { l: label, v: spoken(param, args[param.name]!, rng) });
  });
  return before + parts.join(between) + (before === ' (' ? ')' : '');
}

export interface Call {
  tool: Tool;
  args: Record<string, Value>;
  /** What the person said they want, without arguments. */
  purpose: string;
  /** The request as a verb phrase with arguments. */
  request: string;
  /** A complete sentence where the tool has its own. */
  sentence?: string;
}

function chooseArguments(tool: Tool, rng: Rng, split: Split): Record<string, Value> {
  const args: Record<string, Value> = {};
  for (const param of tool.params) {
    if (param.required || rng.chance(0.35)) args[param.name] = param.make(rng, split);
  }
  coherentArguments(tool.name, args, rng);
  return args;
}

export function makeCall(
  tool: Tool,
  rng: Rng,
  split: Split,
  fixed: Record<string, Value> = {},
): Call {
  const args = { ...chooseArguments(tool, rng, split), ...fixed };
  const purpose = rng.pick(tool.purposes);
  const given = tool.params.filter((param) => args[param.name] !== undefined);
  const call: Call = { tool, args, purpose, request: purpose + mention(given, args, rng, split) };
  if (tool.sentences) {
    const list = split === 'eval' && rng.chance(0.6) ? tool.sentences.eval : tool.sentences.train;
    const values: Record<string, Value> = { ...args };
    for (const [place, name] of Object.entries(tool.places ?? {})) {
      if (args[name] !== undefined) values[place] = args[name]!;
    }
    const template = rng.pick(list.length > 0 ? list : tool.sentences.train);
    const extra = given.filter((param) => {
      const place =
        Object.entries(tool.places ?? {}).find(([, name]) => name === param.name)?.[0] ??
        param.name;
      return !template.includes(`{${place}}`);
    });
    const sentence = fill(template, values);
    call.sentence =
      extra.length === 0
        ? sentence
        : sentence.replace(/[.?]?$/, (end) => mention(extra, args, rng, split) + end);
  }
  return call;
}

export function wrapRequest(request: string, rng: Rng, split: Split): string {
  const template = rng.pick(split === 'eval' && rng.chance(0.5) ? WRAPS.eval : WRAPS.train);
  const text = template.replace('{x}', () =>
    template.startsWith('{x}') ? capitalise(request) : request,
  );
  return text;
}

export const utterance = (call: Call, rng: Rng, split: Split) =>
  call.sentence ?? wrapRequest(call.request, rng, split);

const argumentList = (args: Record<string, Value>) =>
  Object.entries(args)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');

export const describeCall = (call: Call) =>
  Object.keys(call.args).length === 0
    ? `call ${call.tool.name}`
    : `call ${call.tool.name} with ${argumentList(call.args)}`;
