// Failures of the chat road as wire errors.

import { ChatError } from '../chat/chat-error.js';
import { ApiError } from '../protocol/api-error.js';
import { PlatformUnavailableError } from '../store/types.js';
import { contextLengthError, internalError, overloadedError } from '../protocol/openai/errors.js';

/** Any thrown value as the ApiError to answer with; what is not ours is an internal error. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof PlatformUnavailableError) return overloadedError(error);
  if (!(error instanceof ChatError)) return internalError(error);
  const { failure } = error;
  switch (failure.kind) {
    case 'context_length':
      return contextLengthError(failure);
    case 'messages':
      return new ApiError(`Invalid messages: ${error.message}`, { cause: error });
    case 'unavailable':
      return overloadedError(error);
  }
}
