// Whether a request fits into the context of the weights it asks for.

import type { ModelCard } from '../backend/types.js';
import { ChatError } from './chat-error.js';
import type { Prompt } from './prompt.js';
import type { ChatRequest, FimRequest } from './types.js';

/** The platform's context. Its rule that a given `max_tokens` must fit makes sense only there. */
const PLATFORM_CONTEXT_LENGTH = 131_072;

/**
 * Api reference §2.1: prompt plus a `max_tokens` that the client sent must fit. On weights with a
 * smaller context than the platform's, the documented range of `max_tokens` could never fit, so
 * there only the prompt counts and generation is cut at the context end.
 * @throws ChatError `context_length`
 */
export function checkContext(
  request: ChatRequest | FimRequest,
  prompt: Prompt,
  card: ModelCard,
): void {
  const { contextLength } = card;
  const promptTokens = prompt.tokens.length;
  const counts = request.maxTokensExplicit && contextLength >= PLATFORM_CONTEXT_LENGTH;
  const leastCompletion = prompt.forcedTokens.length + 1;
  const wanted = counts ? Math.max(request.maxTokens, leastCompletion) : leastCompletion;
  if (promptTokens + wanted <= contextLength) return;
  // A prompt that is too long by itself is reported without a completion, as the platform does.
  const completionTokens = counts || promptTokens <= contextLength ? wanted : 0;
  throw new ChatError(
    { kind: 'context_length', contextLength, promptTokens, completionTokens },
    `${promptTokens} prompt tokens and ${completionTokens} for the completion do not fit into ` +
      `${contextLength}`,
  );
}
