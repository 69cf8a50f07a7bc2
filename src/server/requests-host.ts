// The running server as the request log's routes see it (web/requests/requests-host.ts): the model's
// vocabulary, the engine's figures, and bodies read again by the door they came through.

import { ASSISTANT, DSML, EOS, THINK_CLOSE, THINK_OPEN, USER } from '../encoding/markers.js';
import type { AssistantMessage, Message } from '../encoding/message.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { LoggedRequest } from '../observe/logged-request.js';
import { messagesDoor } from '../protocol/anthropic/messages-door.js';
import { ApiError } from '../protocol/api-error.js';
import type { Door } from '../protocol/door.js';
import { LeniencyLog, PROFILES } from '../protocol/leniency.js';
import { chatDoor } from '../protocol/openai/chat-door.js';
import { responsesDoor } from '../protocol/responses/responses-door.js';
import type {
  ReplayedRequest,
  ReplayMessage,
  RequestsHost,
} from '../web/requests/requests-host.js';
import type { PromptMarkers } from '../web/requests/cache/prompt-sections.js';
import { WebError } from '../web/web-error.js';
import type { ChatRequest } from '../chat/types.js';
import type { App } from './app.js';
import type { ModelHost } from './model-host.js';

export interface RequestsHostOptions {
  app: () => App;
  models: ModelHost;
}

const SECOND_MS = 1000;

export function createRequestsHost({ app, models }: RequestsHostOptions): RequestsHost {
  return {
    get log() {
      return app().kept.log;
    },
    get live() {
      return app().kept.live;
    },
    get prompts() {
      return app().kept.prompts;
    },
    model: () => models.serving.model,
    reader: () => {
      const { tokenizer } = models;
      return {
        decode: (tokens) => tokenizer.decode(tokens),
        markers: markersOf(tokenizer),
      };
    },
    admission: () => {
      const { running, queued } = models.serving.admission;
      return { running, queued, maxRunning: app().limits.maxRunning };
    },
    engine: async () => models.engine?.(),
    upstreams: () => models.upstreams?.() ?? [],
    components: () => app().observer.status().components,
    parse: (logged) => replayOf(logged, app()),
    now: () => app().now(),
    everySecond(callback) {
      const { timers } = app();
      let cancel = timers.after(SECOND_MS, function tick() {
        cancel = timers.after(SECOND_MS, tick);
        callback();
      });
      return () => cancel();
    },
  };
}

export function markersOf(tokenizer: Tokenizer): PromptMarkers {
  return {
    eos: tokenizer.tokenId(EOS),
    user: tokenizer.tokenId(USER),
    assistant: tokenizer.tokenId(ASSISTANT),
    thinkOpen: tokenizer.tokenId(THINK_OPEN),
    thinkClose: tokenizer.tokenId(THINK_CLOSE),
    dsml: tokenizer.tokenId(DSML),
  };
}

const DOORS: readonly Door[] = [chatDoor, messagesDoor, responsesDoor];

/** Everything is forgiven: this is a look at what was sent, and answers nothing. */
function replayOf({ start, body, observation }: LoggedRequest, app: App): ReplayedRequest {
  if (!(body instanceof Uint8Array)) {
    throw new WebError(409, `the body of this request is not at hand (${body})`);
  }
  const door = DOORS.find(({ name }) => name === doorOf(start.route, observation.facts.door));
  if (!door) throw new WebError(409, `a request to ${start.route} is no conversation`);
  try {
    const { request } = door.parse(body, {
      traceId: start.traceId,
      tenant: 'replay',
      model: app.main.model,
      base: 'beta',
      mapTemperature: false,
      usageChunk: app.usageChunk,
      leniency: new LeniencyLog(PROFILES.agents),
      requireBalance: () => {},
    });
    if (request.kind !== 'chat') throw new WebError(409, 'this request is no conversation');
    return asConversation(request, start.route);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new WebError(409, `this request cannot be read: ${error.message}`, { cause: error });
  }
}

/** A request that was refused has no door in its facts. */
function doorOf(route: string, door: string | undefined): string {
  if (door !== undefined) return door;
  if (route.includes('/anthropic/')) return 'anthropic';
  return route.endsWith('/responses') ? 'responses' : 'chat';
}

function asConversation(
  { messages, thinking, tools, maxTokensExplicit, maxTokens, prefix }: ChatRequest,
  route: string,
): ReplayedRequest {
  const notes: string[] = [];
  const system = messages.flatMap((message) => (isSystem(message) ? [message.content] : []));
  if (system.length > 1) notes.push(`${system.length} system messages were joined into one`);
  if (tools.length > 0) notes.push(`offered tools: ${tools.map(nameOf).join(', ')}`);
  if (prefix) notes.push('the last message was a prefix to continue');
  const names = new Map<string, string>();
  const rest = messages.flatMap((message) => (isSystem(message) ? [] : [turnOf(message, names)]));
  const question = rest.find(({ role }) => role === 'user')?.content ?? '';
  return {
    title: question.replace(/\s+/g, ' ').trim().slice(0, 80),
    settings: {
      system: system.join('\n\n'),
      thinking,
      model: route.includes('speciale') ? 'speciale' : 'standard',
      ...(maxTokensExplicit && { max_tokens: maxTokens }),
    },
    messages: rest,
    notes,
  };
}

type Turn = Exclude<Message, { role: 'system' | 'developer' }>;

function isSystem(message: Message): message is Exclude<Message, Turn> {
  return message.role === 'system' || message.role === 'developer';
}

/** `names`: of the calls so far, by id. */
function turnOf(message: Turn, names: Map<string, string>): ReplayMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content };
    case 'assistant':
      return assistantTurn(message, names);
    case 'tool': {
      const { toolCallId: id, content } = message;
      return { role: 'tool', call_id: id, name: names.get(id) ?? '', content };
    }
  }
}

function assistantTurn(message: AssistantMessage, names: Map<string, string>): ReplayMessage {
  const { content, reasoningContent, toolCalls = [] } = message;
  for (const { id, name } of toolCalls) names.set(id, name);
  return { role: 'assistant', content, reasoning: reasoningContent ?? null, calls: toolCalls };
}

function nameOf(tool: ChatRequest['tools'][number]): string {
  const definition = tool.function;
  const name = definition instanceof Map ? definition.get('name') : undefined;
  return typeof name === 'string' ? name : '?';
}
