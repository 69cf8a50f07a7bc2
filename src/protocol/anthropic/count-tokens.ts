// `POST /v1/messages/count_tokens` (api reference §9.8): the body of a Messages request, for the length
// of the prompt that it would become. Rendering and counting are the chat layer's.

import type { ChatRequest } from '../../chat/types.js';
import type { RequestContext } from '../door.js';
import { parseMessagesRequest } from './messages-request.js';

/** Costs nothing, so an empty balance does not matter. @throws ApiError as `messagesDoor.parse` */
export function parseCountTokens(body: Uint8Array, context: RequestContext): ChatRequest {
  return parseMessagesRequest(body, { ...context, requireBalance: () => {} }).request;
}

export function countTokensBody(inputTokens: number): string {
  return JSON.stringify({ input_tokens: inputTokens });
}
