// `POST /v1/messages/count_tokens` (api reference §9.8): the body of a Messages request, for the length
// of the prompt that it would become. Rendering and counting are the chat layer's.

import type { RequestContext } from '../door.js';
import { parseMessagesRequest, type ParsedMessagesRequest } from './messages-request.js';

/** Costs nothing, so an empty balance does not matter. @throws ApiError as `messagesDoor.parse` */
export function parseCountTokens(body: Uint8Array, context: RequestContext): ParsedMessagesRequest {
  return parseMessagesRequest(body, { ...context, requireBalance: () => {} });
}

export function countTokensBody(inputTokens: number): string {
  return JSON.stringify({ input_tokens: inputTokens });
}
