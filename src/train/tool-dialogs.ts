// Conversations with tools: one to six of them, one to three questions, one or two calls each,
// plus missing arguments, requests that no tool fits, and tool errors.

import type { Message } from '../encoding/message.js';
import type { Dialog, DialogKind } from './dialog.js';
import type { Rng } from './rng.js';
import { makeNoun, makeSyntheticTool } from './synthetic-tools.js';
import { makeOutcome, type Outcome } from './tool-outcome.js';
import {
  type Call,
  describeCall,
  makeCall,
  mention,
  spoken,
  type Tool,
  utterance,
  wrapRequest,
} from './tool-request.js';
import { toFunctionObject } from './tool-spec.js';
import { buildToolset, type ToolsetOptions } from './toolset.js';
import { capitalise, type Split } from './words.js';

export interface ToolDialogOptions extends ToolsetOptions {
  /** Force the kind of the first question. */
  kind?: DialogKind;
  maxQuestions: number;
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
