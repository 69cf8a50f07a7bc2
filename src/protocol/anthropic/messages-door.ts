// The Anthropic door (api reference §9): `POST /v1/messages` under `/anthropic`, both ways. Knows no
// sockets, money or models.

import type { Door } from '../door.js';
import { errorBody } from './errors.js';
import { MessageBody } from './message-body.js';
import { MessageStream } from './message-stream.js';
import { parseMessagesRequest } from './messages-request.js';

export const messagesDoor: Door = {
  name: 'anthropic',
  parse(body, context) {
    return {
      ...parseMessagesRequest(body, context),
      newStream: (header) => new MessageStream(header),
      newBody: (header) => new MessageBody(header),
    };
  },
  errorBody,
};
