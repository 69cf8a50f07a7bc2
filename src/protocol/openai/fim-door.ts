// The door of `POST /completions` on the beta base (api reference §6.2).

import type { Door } from '../door.js';
import { errorBody } from './errors.js';
import { FimChunkWriter, FimCompletionWriter } from './fim-reply.js';
import { parseFimRequest } from './fim-request.js';
import { FIM_MODE } from './modes.js';

export const fimDoor: Door = {
  name: 'fim',
  parse(body, context) {
    const { fim, stream, includeUsage, echo } = parseFimRequest(body, context);
    const { usageChunk } = context;
    const options = {
      echoedPrompt: echo ? fim.prompt : undefined,
      withLogprobs: fim.topLogprobs !== undefined,
    };
    return {
      request: fim,
      mode: FIM_MODE,
      stream,
      missingReasoning: [],
      newStream: (header) => new FimChunkWriter(header, { ...options, includeUsage, usageChunk }),
      newBody: (header) => new FimCompletionWriter(header, options),
    };
  },
  errorBody,
};
