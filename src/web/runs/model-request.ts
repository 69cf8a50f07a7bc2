// The request of one round on the public API: which base, which model, what is sent. The form itself is
// the conversation's (prompt.ts), so that what is exported as code is what was sent.

import type { ChatCall, ChatEndpoint } from '../../agent/chat-client.js';
import { chatRequest } from '../conversations/prompt.js';
import type { WireMessage } from '../web-host.js';
import type { ConversationSettings } from '../wire.js';
import type { OfferedTool } from '../tools/offered-tool.js';
import { definitionOf } from '../tools/tools-for.js';

export interface ModelRequest {
  endpoint: ChatEndpoint;
  call: ChatCall;
}

export interface ModelRequestOptions {
  selfUrl: string;
  token: string;
  settings: ConversationSettings;
  messages: WireMessage[];
  tools: readonly OfferedTool[];
}

/** The beta base's largest; the Speciale's own is twice that. */
const MAX_BETA_TOKENS = 65_536;

export function modelRequest({
  selfUrl,
  token,
  settings,
  messages,
  tools,
}: ModelRequestOptions): ModelRequest {
  const { basePath, body } = chatRequest({
    settings,
    messages,
    tools: tools.map(definitionOf),
  });
  return {
    endpoint: { baseUrl: selfUrl + basePath, apiKey: token },
    call: {
      model: body.model,
      thinking: body.model === 'deepseek-reasoner',
      messages: body.messages,
      tools: body.tools ?? [],
      ...(body.temperature !== undefined && { temperature: body.temperature }),
      ...(body.max_tokens !== undefined && { maxTokens: body.max_tokens }),
    },
  };
}

/**
 * Goes on with the answer where the thinking was ended: a prefix with the thought so far, which counts
 * as finished. Prefixes are of the beta base; the Speciale's has none, and beta serves its weights too.
 */
export function answerRequest(options: ModelRequestOptions, reasoning: string): ModelRequest {
  const { endpoint, call } = modelRequest(options);
  const { lab, max_tokens: maxTokens } = options.settings;
  const base = lab === null ? '' : `/lab/${lab}`;
  return {
    endpoint: { ...endpoint, baseUrl: `${options.selfUrl}${base}/beta` },
    call: {
      ...call,
      messages: [
        ...call.messages,
        { role: 'assistant', content: '', reasoning_content: reasoning, prefix: true },
      ],
      ...(maxTokens !== null && { maxTokens: Math.min(maxTokens, MAX_BETA_TOKENS) }),
    },
  };
}
