// The visible route table (api reference §1.1): every path the server answers, under every base URL.
// A new endpoint is one file under routes/ and one line here.

import type { ApiBase, Door } from '../protocol/door.js';
import { messagesDoor } from '../protocol/anthropic/messages-door.js';
import { chatDoor } from '../protocol/openai/chat-door.js';
import { fimDoor } from '../protocol/openai/fim-door.js';
import { responsesDoor } from '../protocol/responses/responses-door.js';
import type { App } from './app.js';
import type { Exchange } from './exchange.js';
import { answerThrough } from './reply/answer.js';
import { getAnthropicModel, getAnthropicModels, postCountTokens } from './routes/anthropic.js';
import { getBalance } from './routes/balance.js';
import { getHealth } from './routes/health.js';
import { getLab } from './routes/lab.js';
import { getModel, getModels } from './routes/models.js';
import { getMetrics, getStatus } from './routes/status.js';

export type Handler = (exchange: Exchange, app: App) => void | Promise<void>;

export interface Route {
  methods: Readonly<Record<string, Handler>>;
  /** Answered without a key. */
  isPublic?: boolean;
  /** The dialect, which decides how errors look; absent = OpenAI style. */
  door?: Door;
}

export interface RouteMatch {
  route: Route;
  /** For metrics: the path with its parameters named. */
  pattern: string;
  base: ApiBase;
  /** The temporary Speciale base, which ends one day. */
  canExpire: boolean;
  /** The last part of the path, where the route has one. */
  id: string | undefined;
  /** Name behind `/lab/`, when the path has it. */
  scenario: string | undefined;
}

interface Base {
  prefix: string;
  base: ApiBase;
  canExpire?: boolean;
}

const SPECIALE_BASE = '/v3.2_speciale_expires_on_20251215';

/** `/v1` has nothing to do with a version; clients append it or not. */
const OPENAI_BASES: readonly Base[] = [
  { prefix: '', base: 'main' },
  { prefix: '/v1', base: 'main' },
  { prefix: '/beta', base: 'beta' },
  { prefix: '/beta/v1', base: 'beta' },
  { prefix: SPECIALE_BASE, base: 'speciale', canExpire: true },
  { prefix: `${SPECIALE_BASE}/v1`, base: 'speciale', canExpire: true },
  { prefix: '/speciale', base: 'speciale' },
  { prefix: '/speciale/v1', base: 'speciale' },
];

const doorRoute = (door: Door): Route => ({ methods: { POST: answerThrough(door) }, door });

const OPENAI_ROUTES: readonly (readonly [path: string, route: Route])[] = [
  ['/chat/completions', doorRoute(chatDoor)],
  ['/completions', doorRoute(fimDoor)],
  ['/responses', doorRoute(responsesDoor)],
  ['/models', { methods: { GET: getModels } }],
  ['/models/{id}', { methods: { GET: getModel } }],
  ['/user/balance', { methods: { GET: getBalance } }],
];

const ANTHROPIC_ROUTES: readonly (readonly [path: string, route: Route])[] = [
  ['/anthropic/v1/messages', doorRoute(messagesDoor)],
  [
    '/anthropic/v1/messages/count_tokens',
    { methods: { POST: postCountTokens }, door: messagesDoor },
  ],
  ['/anthropic/v1/models', { methods: { GET: getAnthropicModels }, door: messagesDoor }],
  ['/anthropic/v1/models/{id}', { methods: { GET: getAnthropicModel }, door: messagesDoor }],
];

const OWN_ROUTES: readonly (readonly [path: string, route: Route])[] = [
  ['/health', { methods: { GET: getHealth }, isPublic: true }],
  ['/status', { methods: { GET: getStatus }, isPublic: true }],
  ['/metrics', { methods: { GET: getMetrics }, isPublic: true }],
  ['/lab', { methods: { GET: getLab }, isPublic: true }],
];

type Entry = Pick<RouteMatch, 'route' | 'pattern' | 'base' | 'canExpire'>;

function buildTable(): Map<string, Entry> {
  const table = new Map<string, Entry>();
  for (const { prefix, base, canExpire = false } of OPENAI_BASES) {
    for (const [path, route] of OPENAI_ROUTES) {
      const pattern = prefix + path;
      table.set(pattern, { route, pattern, base, canExpire });
    }
  }
  // Some clients append `/beta/completions` to a base that has `/beta` already (§6.2).
  const fim = table.get('/beta/completions')!;
  table.set('/beta/beta/completions', fim);
  for (const [pattern, route] of [...ANTHROPIC_ROUTES, ...OWN_ROUTES]) {
    table.set(pattern, { route, pattern, base: 'main', canExpire: false });
  }
  return table;
}

const TABLE: ReadonlyMap<string, Entry> = buildTable();

/** The lab decides which names it knows; a number may follow one after a colon. */
const LAB_PATH = /^\/lab\/([a-z0-9:-]{1,64})(\/.+)$/;
const ID_PATH = /^(.+)\/([^/]{1,256})$/;

/** The route of a path without its query string; undefined = there is none. */
export function matchRoute(path: string): RouteMatch | undefined {
  const entry = path.endsWith('}') ? undefined : TABLE.get(path);
  if (entry) return { ...entry, id: undefined, scenario: undefined };
  const [, scenario, rest] = LAB_PATH.exec(path) ?? [];
  if (scenario !== undefined && rest !== undefined) {
    const inner = rest.startsWith('/lab/') ? undefined : matchRoute(rest);
    return inner && !inner.route.isPublic
      ? { ...inner, pattern: `/lab/{scenario}${inner.pattern}`, scenario }
      : undefined;
  }
  const [, parent, encoded = ''] = ID_PATH.exec(path) ?? [];
  const withId = parent === undefined ? undefined : TABLE.get(`${parent}/{id}`);
  const id = withId && decoded(encoded);
  return id === undefined ? undefined : { ...withId!, id, scenario: undefined };
}

/** SDKs encode the ids they put into paths. undefined for what is not percent-encoded UTF-8. */
function decoded(id: string): string | undefined {
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
