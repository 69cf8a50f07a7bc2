// The door of `POST /chat/completions` (api reference §2-§5): parsing and writing come together here.

import type { Door } from '../door.js';
import { ChatChunkWriter } from './chat-chunk.js';
import { ChatCompletionWriter } from './chat-completion.js';
import { parseChatRequest } from './chat-request.js';
import { errorBody } from './errors.js';

export const chatDoor: Door = {
  name: 'chat',
  parse(body, context) {
    const { chat, mode, stream, includeUsage, missingReasoning } = parseChatRequest(body, context);
    const { usageChunk } = context;
    const withLogprobs = chat.topLogprobs !== undefined;
    return {
      request: chat,
      mode,
      stream,
      missingReasoning,
      newStream: (header) => new ChatChunkWriter(header, { includeUsage, usageChunk }),
      newBody: (header) => new ChatCompletionWriter(header, { withLogprobs }),
    };
  },
  errorBody,
};
