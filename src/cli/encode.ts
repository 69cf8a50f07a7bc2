// `hadal encode --jsonl`: messages to prompt, or a FIM pair to text and V3 token ids. A line with
// `messages` is a conversation, one with `prompt` is FIM.

import type { Command } from 'commander';
import { loadBuiltinTokenizer } from '../encoding/builtin-tokenizers.js';
import { EncodingError } from '../encoding/encoding-error.js';
import { encodeFim } from '../encoding/fim.js';
import type { JsonObject } from '../encoding/json.js';
import { renderMessages } from '../encoding/render.js';
import { segmentsToText } from '../encoding/segments.js';
import { answerStdio, optionalBoolean, requireObjects, requireString } from './json-lines.js';

export function registerEncode(program: Command): void {
  program
    .command('encode')
    .description('turn conversations into V3.2 prompts, one JSON object per line')
    .requiredOption('--jsonl', 'read JSON lines from standard input, write JSON lines')
    .action(() => answerStdio(answerEncode));
}

/**
 * Conversation: `messages`, `thinking_mode`, optional `context`, `drop_thinking`,
 * `add_default_bos_token` -> `{prompt}`. FIM: `prompt`, optional `suffix` -> `{text, ids}`.
 * What cannot be encoded gives `{error: {kind, message, field?}}`. Throws BadLineError.
 */
export function answerEncode(request: JsonObject): unknown {
  if (!request.has('messages') && request.has('prompt')) return answerFim(request);
  try {
    return { prompt: segmentsToText(renderRequest(request)) };
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    const { kind, message, field } = error;
    return { error: { kind, message, ...(field !== undefined && { field }) } };
  }
}

function renderRequest(request: JsonObject) {
  return renderMessages(requireObjects(request, 'messages'), {
    thinkingMode: requireString(request, 'thinking_mode'),
    context: (request.get('context') ?? null) === null ? [] : requireObjects(request, 'context'),
    dropThinking: optionalBoolean(request, 'drop_thinking', true),
    addBos: optionalBoolean(request, 'add_default_bos_token', true),
  });
}

function answerFim(request: JsonObject): unknown {
  const prompt = requireString(request, 'prompt');
  const hasSuffix = (request.get('suffix') ?? null) !== null;
  const segments = encodeFim(
    hasSuffix ? { prompt, suffix: requireString(request, 'suffix') } : { prompt },
  );
  const ids = loadBuiltinTokenizer('v3').encodeSegments(segments);
  return { text: segmentsToText(segments), ids: Array.from(ids) };
}
