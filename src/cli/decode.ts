// `hadal decode --jsonl`: completion text to message, by the rules of the official parser. With a
// chunk pattern the text is fed piece by piece and the deltas are shown as well.

import type { Command } from 'commander';
import { cutByPattern } from '../encoding/chunk-pattern.js';
import { assembleMessage, type CompletionEvent } from '../encoding/completion.js';
import { JsonNumber, type JsonObject } from '../encoding/json.js';
import {
  CompletionError,
  parseCompletion,
  StrictCompletionParser,
} from '../encoding/strict-parser.js';
import { answerStdio, BadLineError, requireString } from './json-lines.js';

export function registerDecode(program: Command): void {
  program
    .command('decode')
    .description('parse V3.2 completions into messages, one JSON object per line')
    .requiredOption('--jsonl', 'read JSON lines from standard input, write JSON lines')
    .action(() => answerStdio(answerDecode));
}

/**
 * `text`, `thinking_mode` -> `{message}` or `{error: {kind, message}}`; with `chunk_pattern` (sizes
 * in code points, used cyclically) also `deltas`, which add up to the message. Throws BadLineError.
 */
export function answerDecode(request: JsonObject): unknown {
  const text = requireString(request, 'text');
  // As in the official parser, every other mode counts as non-thinking.
  const thinking = requireString(request, 'thinking_mode') === 'thinking';
  const pieces = readPieces(request, text);
  try {
    if (pieces === undefined) return { message: parseCompletion(text, { thinking }) };
    const parser = new StrictCompletionParser({ thinking });
    const events = pieces.flatMap((piece) => parser.push({ text: piece }));
    events.push(...parser.finish());
    return { message: assembleMessage(events), deltas: events.flatMap(toDelta) };
  } catch (error) {
    if (!(error instanceof CompletionError)) throw error;
    return { error: { kind: error.kind, message: error.message } };
  }
}

function readPieces(request: JsonObject, text: string): string[] | undefined {
  const pattern = request.get('chunk_pattern') ?? null;
  if (pattern === null) return undefined;
  if (!Array.isArray(pattern)) throw new BadLineError('`chunk_pattern` must be an array');
  const sizes = pattern.map((size) => (size instanceof JsonNumber ? size.toNumber() : NaN));
  try {
    return cutByPattern(text, sizes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadLineError(`\`chunk_pattern\`: ${error.message}`, { cause: error });
  }
}

/** In the shape of a chat completion chunk's delta. */
function toDelta(event: CompletionEvent): object[] {
  switch (event.type) {
    case 'reasoning-delta':
      return [{ reasoning_content: event.text }];
    case 'content-delta':
      return [{ content: event.text }];
    case 'tool-call-start':
      return [
        callDelta(event.index, { type: 'function', function: { name: event.name, arguments: '' } }),
      ];
    case 'tool-call-delta':
      return [callDelta(event.index, { function: { arguments: event.argumentsDelta } })];
    case 'tool-call-end':
      return [];
  }
}

function callDelta(index: number, call: object): object {
  return { tool_calls: [{ index, ...call }] };
}
