// Error texts of the Responses door. The platform of 2025-12-01 has no such route, so all are ours;
// where OpenAI's service has a known text for the same fault, it is used, because agents match it.

import { ApiError } from '../api-error.js';
import { clip } from '../clip.js';

/** Whatever would need a response kept on the server. */
export function statelessError(field: string): ApiError {
  return new ApiError(
    `${field} is not supported: this server keeps no responses. ` +
      'Send the whole conversation in `input`, with `store` set to false.',
  );
}

export function unsupportedFieldError(field: string, fix: string): ApiError {
  return new ApiError(`${field} is not supported: ${fix}`);
}

export function callWithoutOutputError(callId: string): ApiError {
  return new ApiError(`No tool output found for function call ${clip(callId)}.`);
}

export function outputWithoutCallError(callId: string): ApiError {
  return new ApiError(`No tool call found for function call output with call_id ${clip(callId)}.`);
}

export function duplicateToolError(name: string): ApiError {
  return new ApiError(
    `tools holds two tools with the name '${clip(name)}': each name must be unique`,
  );
}

export function hostedToolChoiceError(type: string): ApiError {
  return new ApiError(
    `tool_choice asks for the hosted tool '${clip(type)}', which this server does not run: ` +
      'choose a tool of type function or custom',
  );
}
