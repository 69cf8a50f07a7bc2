// Conversations with tools: one to six of them, one to three questions, one or two calls each,
// plus missing arguments, requests that no tool fits, and tool errors.

import type { Message } from '../encoding/message.js';
import type { Dialog, DialogKind } from './dialog.js';
import type { Rng } from './rng.js';
import { makeNoun, makeSyntheticTool, VERBS } from './synthetic-tools.js';
import {
  builtinCatalogueTools,
  coherentArguments,
  computedResult,
  pickCatalogueTool,
  type CatalogueTool,
} from './tool-catalogue.js';
import { fill, toFunctionObject, type Param, type ToolSpec, type Value } from './tool-spec.js';
import { capitalise, type Split } from './words.js';
import * as words from './words.js';

export interface ToolDialogOptions {
  maxTools: number;
  /** Force the kind of the first question. */
  kind?: DialogKind;
  /** Only the held-out catalogue tools as targets. */
  heldOutCatalogue?: boolean;
  maxQuestions: number;
}

type Tool = ToolSpec & Partial<Pick<CatalogueTool, 'places' | 'definition'>>;

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

function spoken(param: Param, value: Value, rng: Rng): string {
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
];
const MENTION_BETWEEN = [' and ', ', ', ', and ', '; '];

function mentionStyle(rng: Rng, split: Split): [string, string, string] {
  if (split === 'eval' && rng.chance(0.5)) return rng.pick(MENTIONS.eval);
  if (rng.chance(0.5)) return rng.pick(MENTIONS.train);
  return [rng.pick(MENTION_BEFORE), rng.pick(MENTION_ONE), rng.pick(MENTION_BETWEEN)];
}

function mention(params: Param[], args: Record<string, Value>, rng: Rng, split: Split): string {
  if (params.length === 0) return '';
  const [before, one, between] = mentionStyle(rng, split);
  const shuffled = rng.chance(0.3) ? rng.shuffle(params) : params;
  const parts = shuffled.map((param, index) => {
    const label = index === 0 && before === '. ' ? capitalise(param.label) : param.label;
    return fill(one.replace('{L}', '{l}'), { l: label, v: spoken(param, args[param.name]!, rng) });
  });
  return before + parts.join(between) + (before === ' (' ? ')' : '');
}

interface Call {
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

function makeCall(tool: Tool, rng: Rng, split: Split, fixed: Record<string, Value> = {}): Call {
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

function wrapRequest(request: string, rng: Rng, split: Split): string {
  const template = rng.pick(split === 'eval' && rng.chance(0.5) ? WRAPS.eval : WRAPS.train);
  const text = template.replace('{x}', () =>
    template.startsWith('{x}') ? capitalise(request) : request,
  );
  return text;
}

const utterance = (call: Call, rng: Rng, split: Split) =>
  call.sentence ?? wrapRequest(call.request, rng, split);

const argumentList = (args: Record<string, Value>) =>
  Object.entries(args)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');

const describeCall = (call: Call) =>
  Object.keys(call.args).length === 0
    ? `call ${call.tool.name}`
    : `call ${call.tool.name} with ${argumentList(call.args)}`;

interface Outcome {
  content: string;
  facts: string[];
  answer: string;
  fields: Record<string, Value>;
}

const ERRORS = [
  'not found',
  'permission denied',
  'timeout',
  'service unavailable',
  'invalid request',
  'no such record',
  'quota exceeded',
  'already exists',
];

function makeOutcome(call: Call, rng: Rng, split: Split, mayFail = true): Outcome {
  if (mayFail && rng.chance(0.06)) {
    const error = rng.chance(0.7)
      ? rng.pick(ERRORS)
      : `${words.plainWord(rng, split)} ${rng.pick(['not found', 'is closed', 'is missing'])}`;
    return {
      content: JSON.stringify({ error }).replace('":"', '": "'),
      facts: [error],
      answer: `The tool reported an error: ${error}.`,
      fields: {},
    };
  }
  const computed = computedResult(call.tool.name, call.args);
  const fields: Record<string, Value> = computed ?? {};
  if (!computed) for (const field of call.tool.result) fields[field.key] = field.make(rng, split);
  const style = rng.weighted({ json: 62, compact: 14, text: 14, bare: 10 });
  const entries = Object.entries(fields);
  let content: string;
  if (style === 'bare' && entries.length === 1) content = String(entries[0]![1]);
  else if (style === 'text') content = entries.map(([key, value]) => `${key}: ${value}`).join(', ');
  else if (style === 'compact') content = JSON.stringify(fields);
  else
    content = `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ')}}`;
  let answer: string;
  if (call.tool.answer) {
    const values: Record<string, Value> = { ...call.args, ...fields };
    for (const [place, name] of Object.entries(call.tool.places ?? {}))
      values[place] = call.args[name]!;
    answer = fill(call.tool.answer, values);
  } else {
    const facts = call.tool.result.map((field) => `the ${field.label} is ${fields[field.key]}`);
    answer = `${call.tool.isAction ? 'Done. ' : ''}${capitalise(facts.join(' and '))}.`;
  }
  return {
    content,
    answer,
    facts: entries.map(([, value]) => String(value)).filter((fact) => answer.includes(fact)),
    fields,
  };
}

function buildToolset(rng: Rng, split: Split, options: ToolDialogOptions): Tool[] {
  if (!options.heldOutCatalogue && rng.chance(0.07)) {
    return rng.chance(0.7) ? builtinCatalogueTools(rng) : rng.shuffle(builtinCatalogueTools(rng));
  }
  const count = rng.int(1, options.maxTools);
  const takenNames = new Set<string>();
  const tools: Tool[] = [];
  const add = (tool: Tool) => {
    takenNames.add(tool.name);
    tools.push(tool);
  };
  const catalogue = () => {
    const tool = pickCatalogueTool(rng, split, { heldOutOnly: options.heldOutCatalogue ?? false });
    // The same entry under another name would make the request ambiguous.
    const known = tools.some((other) => other.purposes[0] === tool.purposes[0]);
    if (!known && !takenNames.has(tool.name)) add(tool);
  };
  if (options.heldOutCatalogue || rng.chance(0.3)) catalogue();
  const topics = new Set<string>();
  const addSynthetic = (wanted: { verb?: number; noun?: string }) => {
    const tool = makeSyntheticTool(rng, split, { takenNames, ...wanted });
    const topic = `${tool.verb} ${tool.noun}`;
    if (!topics.has(topic)) add(tool);
    topics.add(topic);
    return tool;
  };
  const anchor = tools.length === 0 ? addSynthetic({}) : undefined;
  while (tools.length < count) {
    const roll = rng.float();
    if (anchor && roll < 0.22) addSynthetic({ verb: anchor.verb });
    else if (anchor && roll < 0.42) {
      const otherVerb = (anchor.verb + rng.int(1, VERBS.length - 1)) % VERBS.length;
      addSynthetic({ verb: otherVerb, noun: anchor.noun });
    } else if (roll < 0.56) {
      if (options.heldOutCatalogue) addSynthetic({});
      else catalogue();
    } else addSynthetic({});
  }
  return rng.shuffle(tools);
}

const SYSTEM_PROMPTS = [
  'You are a helpful assistant.',
  'You are a helpful assistant. Use the tools when needed.',
  'Answer briefly.',
  'You are an assistant with tools.',
  'Be concise and use tools.',
];

class DialogBuilder {
  readonly messages: Message[] = [];
  readonly expectations: Dialog['expectations'] = new Map();
  private callCounter = 0;

  user(content: string): void {
    this.messages.push({ role: 'user', content });
  }

  answer(reasoning: string, content: string, facts: string[]): void {
    this.expectations.set(this.messages.length, { type: 'answer', facts });
    this.messages.push({ role: 'assistant', content, reasoningContent: reasoning });
  }

  calls(reasoning: string, calls: Call[], outcomes: Outcome[]): void {
    const toolCalls = calls.map((call) => ({
      id: `call_${this.callCounter++}`,
      name: call.tool.name,
      arguments: JSON.stringify(call.args),
    }));
    this.expectations.set(this.messages.length, {
      type: 'calls',
      calls: calls.map((call) => ({ name: call.tool.name, arguments: call.args })),
    });
    this.messages.push({ role: 'assistant', content: '', reasoningContent: reasoning, toolCalls });
    toolCalls.forEach((toolCall, index) => {
      this.messages.push({
        role: 'tool',
        toolCallId: toolCall.id,
        content: outcomes[index]!.content,
      });
    });
  }
}

const AFTER = 'The result is here, so I can answer.';

function questionSingle(builder: DialogBuilder, call: Call, rng: Rng, split: Split): void {
  const outcome = makeOutcome(call, rng, split);
  builder.user(utterance(call, rng, split));
  builder.calls(`The user wants to ${call.purpose}. I ${describeCall(call)}.`, [call], [outcome]);
  builder.answer(AFTER, outcome.answer, outcome.facts);
}

function questionParallel(
  builder: DialogBuilder,
  calls: [Call, Call],
  rng: Rng,
  split: Split,
): void {
  const outcomes = calls.map((call) => makeOutcome(call, rng, split, false));
  const [first, second] = calls;
  const join = rng.pick([' and ', ', and also ', ', then ', ' and then ']);
  const firstText = first.sentence?.replace(/[.?]$/, '') ?? capitalise(first.request);
  const text = second.sentence
    ? `${firstText}. ${rng.chance(0.5) ? 'Also: ' : ''}${second.sentence}`
    : first.sentence
      ? `${firstText}. Also ${second.request}.`
      : wrapRequest(first.request + join + second.request, rng, split);
  builder.user(text);
  builder.calls(
    `The user wants two things: ${first.purpose} and ${second.purpose}. I ${describeCall(first)}. Then I ${describeCall(second)}.`,
    calls,
    outcomes,
  );
  builder.answer(
    'Both results are here, so I can answer.',
    `${outcomes[0]!.answer} ${outcomes[1]!.answer}`,
    outcomes.flatMap((outcome) => outcome.facts),
  );
}

function questionSequential(
  builder: DialogBuilder,
  tools: Tool[],
  rng: Rng,
  split: Split,
): boolean {
  // The second tool takes a value that the first one returns.
  const pairs = tools.flatMap((first) =>
    first.result.length > 0 && !first.sentences
      ? tools
          .filter(
            (second) =>
              second !== first &&
              !second.sentences &&
              second.params.some((param) => param.required && param.type === 'string'),
          )
          .map((second) => [first, second] as const)
      : [],
  );
  if (pairs.length === 0) return false;
  const [first, second] = rng.pick(pairs);
  const linked = rng.pick(
    second.params.filter((param) => param.required && param.type === 'string'),
  );
  const firstCall = makeCall(first, rng, split);
  const firstOutcome = makeOutcome(firstCall, rng, split, false);
  const field = rng.pick(first.result);
  const value = String(firstOutcome.fields[field.key]);
  const secondCall = makeCall(second, rng, split, { [linked.name]: value });
  const others = second.params.filter(
    (param) => secondCall.args[param.name] !== undefined && param !== linked,
  );
  const use = rng.pick([
    `with the ${field.label} from the result as ${linked.label}`,
    `using its ${field.label} as ${linked.label}`,
    `with ${linked.label} set to the returned ${field.label}`,
  ]);
  const secondRequest = `${secondCall.purpose}${mention(others, secondCall.args, rng, 'train')} ${use}`;
  const secondOutcome = makeOutcome(secondCall, rng, split, false);
  builder.user(
    wrapRequest(
      `${firstCall.request}${rng.pick([', then ', ' and then ', '. After that '])}${secondRequest}`,
      rng,
      split,
    ),
  );
  builder.calls(
    `The user wants to ${firstCall.purpose} first. I ${describeCall(firstCall)}.`,
    [firstCall],
    [firstOutcome],
  );
  builder.calls(
    `The ${field.label} is ${value}. Now the user wants to ${secondCall.purpose}. I ${describeCall(secondCall)}.`,
    [secondCall],
    [secondOutcome],
  );
  builder.answer(AFTER, secondOutcome.answer, secondOutcome.facts);
  return true;
}

function questionMissing(builder: DialogBuilder, tool: Tool, rng: Rng, split: Split): boolean {
  const required = tool.params.filter((param) => param.required);
  if (required.length === 0 || tool.sentences) return false;
  const call = makeCall(tool, rng, split);
  const missing = rng.pick(required);
  const given = tool.params.filter(
    (param) => param !== missing && call.args[param.name] !== undefined,
  );
  builder.user(wrapRequest(call.purpose + mention(given, call.args, rng, split), rng, split));
  builder.answer(
    `The user wants to ${call.purpose}, but the ${missing.label} is missing.`,
    `Which ${missing.label} should I use?`,
    [missing.label],
  );
  const value = spoken(missing, call.args[missing.name]!, rng);
  builder.user(
    rng.pick([
      `${value}`,
      `The ${missing.label} is ${value}.`,
      `Use ${value}.`,
      `${capitalise(missing.label)}: ${value}`,
    ]),
  );
  const outcome = makeOutcome(call, rng, split);
  builder.calls(`The user wants to ${call.purpose}. I ${describeCall(call)}.`, [call], [outcome]);
  builder.answer(AFTER, outcome.answer, outcome.facts);
  return true;
}

function questionNone(builder: DialogBuilder, tools: Tool[], rng: Rng, split: Split): void {
  const taken = new Set(tools.map((tool) => tool.name));
  const nouns = tools.flatMap((tool) => ('noun' in tool ? [String(tool.noun)] : []));
  let other = makeSyntheticTool(rng, split, { takenNames: taken, noun: makeNoun(rng, split) });
  while (nouns.includes(other.noun)) other = makeSyntheticTool(rng, split, { takenNames: taken });
  const call = makeCall(other, rng, split);
  builder.user(utterance(call, rng, split));
  builder.answer(`No tool can ${call.purpose}.`, `I have no tool to ${call.purpose}.`, ['no tool']);
}

export function makeToolDialog(rng: Rng, split: Split, options: ToolDialogOptions): Dialog {
  const tools = buildToolset(rng, split, options);
  const builder = new DialogBuilder();
  if (rng.chance(0.25))
    builder.messages.push({ role: 'system', content: rng.pick(SYSTEM_PROMPTS) });
  const questions = rng.int(1, options.maxQuestions);
  let kind: DialogKind | undefined;
  for (let i = 0; i < questions; i++) {
    const wanted: DialogKind =
      (i === 0 ? options.kind : undefined) ??
      rng.weighted({
        'tool-single': 72,
        'tool-parallel': 11,
        'tool-sequential': 7,
        'tool-missing': 5,
        'tool-none': 5,
      });
    const done = ask(builder, wanted, tools, rng, split, options);
    kind ??= done;
  }
  const strict = rng.chance(0.08);
  const withDescriptions = rng.chance(0.55);
  return {
    kind: kind!,
    mode: rng.chance(0.5) ? 'thinking' : 'chat',
    tools: tools.map(
      (tool) =>
        tool.definition ??
        toFunctionObject(tool, { strict, withDescriptions: withDescriptions || 'places' in tool }),
    ),
    messages: builder.messages,
    expectations: builder.expectations,
  };
}

/** Adds one question; returns the kind it became (some kinds need tools of a certain shape). */
function ask(
  builder: DialogBuilder,
  wanted: DialogKind,
  tools: Tool[],
  rng: Rng,
  split: Split,
  options: ToolDialogOptions,
): DialogKind {
  const targets = options.heldOutCatalogue ? tools.filter((tool) => tool.sentences) : tools;
  const tool = rng.pick(targets);
  if (wanted === 'tool-sequential' && questionSequential(builder, tools, rng, split)) return wanted;
  if (wanted === 'tool-missing' && questionMissing(builder, tool, rng, split)) return wanted;
  if (wanted === 'tool-none') {
    questionNone(builder, tools, rng, split);
    return wanted;
  }
  if (wanted === 'tool-parallel' && tool.params.some((param) => param.required)) {
    const second = rng.chance(0.6) ? tool : rng.pick(targets);
    questionParallel(
      builder,
      [makeCall(tool, rng, split), makeCall(second, rng, split)],
      rng,
      split,
    );
    return wanted;
  }
  questionSingle(builder, makeCall(tool, rng, split), rng, split);
  return 'tool-single';
}
