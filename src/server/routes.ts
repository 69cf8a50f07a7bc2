// The visible route table: every path the server answers, with and without `/v1`. A new endpoint is
// one file under routes/ and one line here.

import type { App } from './app.js';
import type { Exchange } from './exchange.js';
import { postChatCompletions } from './routes/chat-completions.js';
import { getHealth } from './routes/health.js';
import { getModels } from './routes/models.js';

export type Handler = (exchange: Exchange, app: App) => void | Promise<void>;

export interface Route {
  methods: Readonly<Record<string, Handler>>;
  /** Answered without a key. */
  isPublic?: boolean;
}

const chatCompletions: Route = { methods: { POST: postChatCompletions } };
const models: Route = { methods: { GET: getModels } };

export const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/chat/completions', chatCompletions],
  ['/v1/chat/completions', chatCompletions],
  ['/models', models],
  ['/v1/models', models],
  ['/health', { methods: { GET: getHealth }, isPublic: true }],
]);
