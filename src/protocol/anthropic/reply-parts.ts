// What the streamed and the whole reply share (api reference §9.7): why it ended, what it used, and
// the input of a tool call as JSON text.

import type { ReplyEvent, ReplyUsage } from '../../chat/types.js';

export type FinishEvent = Extract<ReplyEvent, { type: 'finish' }>;

/** `"stop_reason":…,"stop_sequence":…`; undefined for a generation that failed. */
export function stopFields({ reason, stopString }: FinishEvent): string | undefined {
  const fields = (name: string, sequence: string | null = null): string =>
    `"stop_reason":"${name}","stop_sequence":${JSON.stringify(sequence)}`;
  switch (reason) {
    case 'stop':
      return stopString === undefined ? fields('end_turn') : fields('stop_sequence', stopString);
    case 'length':
      return fields('max_tokens');
    case 'tool_calls':
      return fields('tool_use');
    case 'content_filter':
      return fields('refusal');
    // Whoever still reads an aborted reply lost it to a time limit or a shutdown of the server.
    case 'insufficient_system_resource':
    case 'aborted':
      return undefined;
  }
}

type PromptUsage = Pick<ReplyUsage, 'promptTokens' | 'cacheHitTokens'>;

/** Members of `usage`: input = cache misses, cache_read = hits; reasoning counts as output. */
export function usageFields(
  { promptTokens, cacheHitTokens }: PromptUsage,
  outputTokens: number,
): string {
  return (
    `"input_tokens":${promptTokens - cacheHitTokens},"cache_creation_input_tokens":0,` +
    `"cache_read_input_tokens":${cacheHitTokens},"output_tokens":${outputTokens}`
  );
}

/**
 * The arguments of a call as `input`: the model's own text, so keys and numbers stay as written.
 * Arguments that were cut or are no JSON object become `{}` whole: closing them would invent a
 * call (a shorter path, a file with half its text) that a client might run; without its required
 * members it fails there instead.
 */
export function toolInput(argumentsText: string): string {
  try {
    const value: unknown = JSON.parse(argumentsText);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return argumentsText.trim();
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return '{}';
}
