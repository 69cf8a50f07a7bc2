// The running server as the web layer sees it: prompts counted by the same road that answers them,
// and what the modes are called and cost.

import { CURRENCIES, PRICES } from '../store/prices.js';
import { formatMoneyExactly } from '../store/money.js';
import type { PlatformStore } from '../store/platform-store.js';
import { SCENARIOS } from '../lab/scenarios.js';
import { ApiError } from '../protocol/api-error.js';
import { chatDoor } from '../protocol/openai/chat-door.js';
import { LeniencyLog, PROFILES } from '../protocol/leniency.js';
import { WebError } from '../web/web-error.js';
import type { WebHost } from '../web/web-host.js';
import type { Catalog, ConversationSettings } from '../web/wire.js';
import type { App } from './app.js';

export interface WebHostOptions {
  /** Read per call: the server is assembled after its host. */
  app: () => App;
  platform: PlatformStore;
  selfUrl: () => string;
}

const PER_MILLION = 1_000_000n;

export function createWebHost({ app, platform, selfUrl }: WebHostOptions): WebHost {
  return {
    platform,
    selfUrl,
    lendToken: (keyId) => app().lentTokens.lend(keyId),
    usageOf: async (traceId) => {
      const logged = app().kept.log.find(traceId);
      await logged?.whenEnded();
      const { promptTokens, cacheHitTokens, completionTokens, reasoningTokens } =
        logged?.observation.facts ?? {};
      if (promptTokens === undefined) return undefined;
      return {
        promptTokens,
        cacheHitTokens: cacheHitTokens ?? 0,
        completionTokens: completionTokens ?? 0,
        reasoningTokens: reasoningTokens ?? 0,
      };
    },
    countTokens: (prompt, signal) => countTokens(app(), prompt, signal),
    catalog: () => catalogOf(app()),
    defaultSettings: () => DEFAULT_SETTINGS,
    log: (level, message, fields) => app().log(level, message, { ...fields }),
    now: () => app().now(),
  };
}

/** @throws WebError 400 for what the API would refuse */
async function countTokens(
  { main, usageChunk }: App,
  { messages, tools, thinking }: Parameters<WebHost['countTokens']>[0],
  signal: AbortSignal,
): Promise<number> {
  const body = {
    model: 'deepseek-chat',
    messages,
    thinking: { type: thinking ? 'enabled' : 'disabled' },
    ...(tools.length > 0 && { tools }),
  };
  try {
    const { request } = chatDoor.parse(Buffer.from(JSON.stringify(body)), {
      traceId: 'count',
      tenant: 'count',
      model: main.model,
      base: 'beta',
      mapTemperature: false,
      usageChunk,
      leniency: new LeniencyLog(PROFILES.agents),
      requireBalance: () => {},
    });
    if (request.kind !== 'chat') throw new Error('the chat door made no chat request');
    return await main.chat.countPromptTokens(request, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    throw new WebError(400, error.message, { cause: error });
  }
}

const DEFAULT_SETTINGS: ConversationSettings = {
  model: 'standard',
  thinking: true,
  system: '',
  temperature: null,
  max_tokens: null,
  tools: ['builtin:calculator', 'builtin:get_time', 'builtin:convert_units'],
  approval: 'writes',
  always_allowed: [],
  lab: null,
};

/** Limits of the modes: api reference §2.1; what is taken when the thinking mode is on. */
function catalogOf({ main, lab }: App): Catalog {
  const card = main.chat.backend.cards().find(({ id }) => id === main.model);
  return {
    model: main.model,
    context_length: card?.contextLength ?? 0,
    modes: [
      { id: 'standard', default_max_tokens: 32_768, max_max_tokens: 65_536 },
      { id: 'speciale', default_max_tokens: 131_072, max_max_tokens: 131_072 },
    ],
    prices: Object.fromEntries(
      CURRENCIES.map((currency) => {
        const { cacheHit, cacheMiss, output } = PRICES[currency];
        const text = (nano: bigint) => formatMoneyExactly(nano * PER_MILLION);
        return [
          currency,
          { cache_hit: text(cacheHit), cache_miss: text(cacheMiss), output: text(output) },
        ];
      }),
    ),
    lab: lab === undefined ? [] : [...SCENARIOS.keys()],
    default_settings: DEFAULT_SETTINGS,
  };
}
