// The cache explainer for one caller: finds the request's prompt and the earlier one that began most
// like it, and sees to it that nobody reads what another key wrote.

import { costOf, CURRENCIES, PRICES } from '../../../store/prices.js';
import { formatMoneyExactly } from '../../../store/money.js';
import type { LoggedRequest } from '../../../observe/logged-request.js';
import type { CacheReport } from '../../requests-wire.js';
import { WebError } from '../../web-error.js';
import type { Caller } from '../../web-host.js';
import { maySee } from '../request-json.js';
import type { RequestsHost } from '../requests-host.js';
import { explainCache } from './explain-cache.js';

/** @throws WebError 409 when there is nothing to explain it from. */
export function cacheReport(
  host: RequestsHost,
  logged: LoggedRequest,
  caller: Caller,
): CacheReport {
  const { prompts } = host;
  if (!prompts) throw new WebError(409, 'this server keeps no prompts (--no-request-log)');
  const own = prompts.find(logged.traceId);
  if (!own) throw new WebError(409, reasonWithout(logged));
  if (own.model !== host.model()) {
    throw new WebError(409, `this request was answered by ${own.model}, which is not loaded now`);
  }
  return explainCache(own, prompts.longestCommon(logged.traceId), {
    reader: host.reader(),
    mayRead: ({ keyId }) => maySee(caller, keyId),
    moneyOf,
  });
}

function reasonWithout({ ended, observation: { facts } }: LoggedRequest): string {
  if (!ended && facts.finishReason === undefined) return 'this request is not answered yet';
  if (facts.finishReason === undefined) return 'this request was not answered, so nothing was read';
  return 'the prompt of this request is not at hand any more, or it was no chat';
}

/** What misses cost more than hits, at list price. */
function moneyOf(tokens: number): Record<string, string> {
  const prompt = { promptTokens: tokens, completionTokens: 0 };
  return Object.fromEntries(
    CURRENCIES.map((currency) => {
      const missed = costOf({ ...prompt, cacheHitTokens: 0 }, PRICES[currency]);
      const hit = costOf({ ...prompt, cacheHitTokens: tokens }, PRICES[currency]);
      return [currency, formatMoneyExactly(missed - hit)];
    }),
  );
}
