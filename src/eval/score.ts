// Scores one assistant turn against what it had to do. A turn is judged on the text the model
// produced, parsed by the strict parser: what only the lenient parser could read counts as
// malformed. Pure functions; the runner owns the engine.

import type { AssistantWire } from '../encoding/completion.js';
import { CompletionError, parseCompletion } from '../encoding/strict-parser.js';
import type { Expectation } from '../train/dialog.js';
import type { Value } from '../train/tool-spec.js';

export interface TurnScore {
  /** The strict parser takes it and it ended by itself. */
  isWellFormed: boolean;
  /** For turns that must call: names right, and names with exactly the right arguments. */
  isRightTool?: boolean;
  isRightCall?: boolean;
  /** For turns that must answer: no call, and every fact in the content. */
  isRightAnswer?: boolean;
  problem?: string;
}

/** A fact counts only as a whole word or number: 5 is not in 15, 1.5 or 5-2. */
export function containsFact(content: string, fact: string): boolean {
  const escaped = fact.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.-])${escaped}(?![\w-]|\.\d)`).test(content.toLowerCase());
}

function sameArguments(text: string, expected: Record<string, Value>): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return (
    entries.length === Object.keys(expected).length &&
    entries.every(([key, entry]) => Object.hasOwn(expected, key) && expected[key] === entry)
  );
}

export function scoreTurn(
  text: string,
  ended: boolean,
  thinking: boolean,
  expected: Expectation,
): TurnScore {
  let message: AssistantWire | undefined;
  let problem: string | undefined;
  try {
    message = parseCompletion(text, { thinking });
  } catch (error) {
    if (!(error instanceof CompletionError)) throw error;
    problem = error.message;
  }
  const isWellFormed = message !== undefined && ended;
  if (!ended) problem = 'did not end';
  if (expected.type === 'calls') {
    const calls = message?.tool_calls ?? [];
    const isRightTool =
      calls.length === expected.calls.length &&
      calls.every((call, i) => call.function.name === expected.calls[i]!.name);
    const isRightCall =
      isRightTool &&
      calls.every((call, i) =>
        sameArguments(call.function.arguments, expected.calls[i]!.arguments),
      );
    return { isWellFormed, isRightTool, isRightCall, ...(problem ? { problem } : {}) };
  }
  const isRightAnswer =
    message !== undefined &&
    message.tool_calls.length === 0 &&
    expected.facts.every((fact) => containsFact(message.content, fact));
  return { isWellFormed, isRightAnswer, ...(problem ? { problem } : {}) };
}
