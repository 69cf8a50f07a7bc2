// Reads back what a scenario needs from a rendered prompt: the offered tools, the last question, the
// results that came. A backend sees token ids only, so this is the encoder's format in reverse; its
// fixed texts are taken from the encoder itself (encoding reference §4, §6, §7). Turn marks count
// only where they are control tokens, so a message that spells one changes nothing.

import { JsonSyntaxError, parseJson } from '../encoding/json-reader.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import {
  ASSISTANT,
  CALLS_OPEN,
  DSML,
  EOS,
  THINK_CLOSE,
  THINK_OPEN,
  USER,
} from '../encoding/markers.js';
import { SegmentWriter } from '../encoding/segments.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { writeToolsBlock } from '../encoding/tools-block.js';

export interface OfferedTool {
  name: string;
  /** JSON Schema of the arguments, unchecked; absent = none. */
  parameters: JsonObject | undefined;
}

export interface PromptView {
  /** The whole prompt, marks spelled out. */
  text: string;
  /** The completion begins inside the reasoning. */
  isThinking: boolean;
  tools: readonly OfferedTool[];
  /** Text of the last user message, '' without one. */
  question: string;
  /** Results that came back since the last user message. */
  results: readonly string[];
  /** Results of the whole conversation. */
  numResults: number;
  /** The turn begins inside a call that the request forces: its text so far, and its name if given. */
  forcedCall: { text: string; name: string | undefined } | undefined;
}

const RESULT = /<result>([^]*?)<\/result>/g;
const FORCED_NAME = new RegExp(`<${DSML}invoke name="([^"]+)`);

export function viewPrompt(tokens: Int32Array, tokenizer: Tokenizer): PromptView {
  const { text, marks } = spellOut(tokens, tokenizer);
  const user = marks.findLast((mark) => mark.text === USER);
  const asked = user ? user.at + USER.length : text.length;
  const answer = marks.find((mark) => mark.at >= asked && mark.text === ASSISTANT)?.at;
  const lastThink = marks.findLast((mark) => mark.text === THINK_OPEN || mark.text === THINK_CLOSE);
  const sinceQuestion = answer === undefined ? '' : text.slice(answer);
  return {
    text,
    isThinking: lastThink?.text === THINK_OPEN,
    tools: readTools(text),
    question: text.slice(asked, answer),
    results: [...sinceQuestion.matchAll(RESULT)].map((match) => match[1]!),
    numResults: [...text.matchAll(RESULT)].length,
    forcedCall: readForcedCall(text.slice(lastThink ? lastThink.at + lastThink.text.length : 0)),
  };
}

interface Mark {
  text: string;
  at: number;
}

/** The prompt as text, and where its control tokens stand. */
function spellOut(tokens: Int32Array, tokenizer: Tokenizer): { text: string; marks: Mark[] } {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (let index = 0; index <= tokens.length; index++) {
    const isEnd = index === tokens.length;
    if (!isEnd && !tokenizer.isControl(tokens[index]!)) continue;
    text += tokenizer.decode(tokens.subarray(start, index));
    if (!isEnd) {
      const mark = tokenizer.decode([tokens[index]!]);
      marks.push({ text: mark, at: text.length });
      text += mark;
    }
    start = index + 1;
  }
  return { text, marks };
}

const [TOOLS_HEAD, TOOLS_TAIL] = toolsBlockFrame();

function toolsBlockFrame(): [string, string] {
  const writer = new SegmentWriter();
  writeToolsBlock(writer, ['']);
  const [head, , tail] = writer.finish();
  return [head!.text, tail!.text];
}

/** One JSON object per line between the fixed texts; a line that is none offers nothing. */
function readTools(text: string): OfferedTool[] {
  const head = text.indexOf(TOOLS_HEAD);
  if (head < 0) return [];
  const start = head + TOOLS_HEAD.length;
  const end = text.indexOf(TOOLS_TAIL, start);
  return text
    .slice(start, end < 0 ? start : end)
    .split('\n')
    .flatMap((line) => readTool(line) ?? []);
}

function readTool(line: string): OfferedTool | undefined {
  const tool = parseOrNothing(line);
  if (!isJsonObject(tool)) return undefined;
  const name = tool.get('name');
  if (typeof name !== 'string') return undefined;
  const parameters = tool.get('parameters');
  return { name, parameters: isJsonObject(parameters) ? parameters : undefined };
}

function parseOrNothing(line: string): JsonValue | undefined {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** The open turn holds the beginning of a block only when a tool choice put it there. */
function readForcedCall(turn: string): PromptView['forcedCall'] {
  const start = turn.indexOf(`\n\n${CALLS_OPEN}`);
  if (start < 0 || turn.includes(EOS, start)) return undefined;
  const text = turn.slice(start);
  if (text.includes('<result>')) return undefined;
  return { text, name: FORCED_NAME.exec(text)?.[1] };
}
