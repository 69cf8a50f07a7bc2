// The messages and the request that a branch becomes for the model's API. One place for runs, counts
// and exports, so that what is counted and what is exported is what is sent.

import { dropOldReasoning } from '../../agent/history.js';
import type { WireMessage, WireTool } from '../web-host.js';
import type { ConversationSettings, StoredAssistantMessage, StoredMessage } from '../wire.js';

export interface NamedText {
  name: string;
  text: string;
}

export interface PromptOptions {
  /** System message; "" = none. */
  system: string;
  thinking: boolean;
  /** Texts of the files that the branch's messages hold, by id. */
  files: ReadonlyMap<string, NamedText>;
}

/** A request of the public API, as a client makes it. */
export interface ChatRequest {
  /** Under the server's base URL: the base that an OpenAI client is given. */
  basePath: string;
  body: {
    model: 'deepseek-chat' | 'deepseek-reasoner';
    messages: WireMessage[];
    tools?: WireTool[];
    temperature?: number;
    max_tokens?: number;
    stream: boolean;
  };
}

/** What stands for the result of a call that was made and never answered, which the API requires. */
const UNANSWERED = 'This call was not run: the turn was stopped before.';

/** `branch`: root to leaf. */
export function promptMessages(
  branch: readonly StoredMessage[],
  { system, thinking, files }: PromptOptions,
): WireMessage[] {
  const messages: WireMessage[] = system === '' ? [] : [{ role: 'system', content: system }];
  /** Calls of the last assistant message that have no result yet. */
  let open: string[] = [];
  const closeCalls = () => {
    for (const id of open) {
      messages.push({ role: 'tool', content: UNANSWERED, tool_call_id: id });
    }
    open = [];
  };
  for (const message of branch) {
    if (message.role === 'tool') {
      const { call_id: callId, content } = message;
      if (!open.includes(callId)) continue;
      open = open.filter((id) => id !== callId);
      messages.push({ role: 'tool', content, tool_call_id: callId });
      continue;
    }
    closeCalls();
    if (message.role === 'user') {
      messages.push({ role: 'user', content: withFiles(message, files) });
    } else if (message.content !== '' || message.tool_calls.length > 0) {
      messages.push(assistantMessage(message, thinking));
      open = message.tool_calls.map(({ id }) => id);
    }
  }
  closeCalls();
  dropOldReasoning(messages);
  return messages;
}

export function chatRequest({
  settings,
  messages,
  tools,
}: {
  settings: ConversationSettings;
  messages: WireMessage[];
  /** The Speciale model takes none. */
  tools: readonly WireTool[];
}): ChatRequest {
  const { model, thinking, temperature, max_tokens: maxTokens, lab } = settings;
  const isSpeciale = model === 'speciale';
  return {
    basePath: basePath(isSpeciale, lab),
    body: {
      model: thinking || isSpeciale ? 'deepseek-reasoner' : 'deepseek-chat',
      messages,
      ...(tools.length > 0 && !isSpeciale && { tools: [...tools] }),
      ...(temperature !== null && { temperature }),
      ...(maxTokens !== null && { max_tokens: maxTokens }),
      stream: true,
    },
  };
}

/** The ids of all files that the branch holds, each once. */
export function fileIdsOf(branch: readonly StoredMessage[]): string[] {
  const ids = branch.flatMap((message) =>
    message.role === 'user' ? message.files.map(({ id }) => id) : [],
  );
  return [...new Set(ids)];
}

/** The template that DeepSeek publishes for files. */
export function withFileTexts(content: string, files: readonly NamedText[]): string {
  const parts = files.map(
    ({ name, text }) => `[file name]: ${name}\n[file content begin]\n${text}\n[file content end]\n`,
  );
  return parts.join('') + content;
}

function basePath(isSpeciale: boolean, lab: string | null): string {
  if (lab !== null) return `/lab/${lab}`;
  return isSpeciale ? '/speciale' : '/v1';
}

function withFiles(
  { content, files: refs }: Extract<StoredMessage, { role: 'user' }>,
  files: ReadonlyMap<string, NamedText>,
): string {
  const texts = refs.map(({ id, name }) => {
    const file = files.get(id);
    if (file === undefined) throw new Error(`the text of file ${name} (${id}) was not given`);
    return file;
  });
  return withFileTexts(content, texts);
}

function assistantMessage(
  { content, reasoning, tool_calls: calls }: StoredAssistantMessage,
  withReasoning: boolean,
): WireMessage {
  return {
    role: 'assistant',
    content,
    ...(withReasoning && reasoning !== null && { reasoning_content: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: args }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: args },
      })),
    }),
  };
}
