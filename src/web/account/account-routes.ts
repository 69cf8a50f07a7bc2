// GET /web/v1/account: the caller's own key, account, balance and usage. A key sees its account's other
// keys by name and usage, since they spend the same money; never those of other accounts.

import { Hono } from 'hono';
import { z } from 'zod';
import type { KeyRecord, UsageCell } from '../../store/admin-types.js';
import { balanceJson, formatMoneyExactly } from '../../store/money.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { Caller, WebEnv, WebHost } from '../web-host.js';
import type { OwnAccount, OwnUsage, UsageCellInfo } from './account-wire.js';

const DAY_MS = 86_400_000;

const day = z.iso.date().transform((text) => new Date(text));

const usageQuery = z.strictObject({
  from: day.optional(),
  to: day.optional(),
  scope: z.enum(['key', 'account']).default('key'),
});

export function accountRoutes({ platform }: Pick<WebHost, 'platform'>): Hono<WebEnv> {
  const { admin } = platform;
  const routes = new Hono<WebEnv>();

  routes.get('/', async (c) => {
    const { keyId, accountId } = ownOf(c.var.caller);
    const [account, keys, uses, balance] = await Promise.all([
      admin.findAccount(accountId),
      admin.listKeys({ accountId }),
      admin.lastUses([keyId]),
      platform.balance(accountId),
    ]);
    const key = keys.find(({ id }) => id === keyId);
    if (!key) throw new WebError(404, `the key ${keyId} is not in the account ${accountId}`);
    const { id, name, unlimited } = account;
    return c.json({
      key: { ...keyNames(key), ...keyLimits(key, uses.get(keyId)) },
      account: { id, name, unlimited },
      ...balanceJson(balance),
    } satisfies OwnAccount);
  });

  routes.get('/usage', async (c) => {
    const { keyId, accountId } = ownOf(c.var.caller);
    const { from, to, scope } = usageQuery.parse(c.req.query());
    const cells = await admin.usageCells({
      accountId,
      ...(scope === 'key' && { keyId }),
      ...(from && { from }),
      ...(to && { to: new Date(to.getTime() + DAY_MS) }),
    });
    const used = new Set(cells.map((cell) => cell.keyId));
    const keys = (await admin.listKeys({ accountId })).filter(({ id }) => used.has(id));
    return c.json({ data: cells.map(cellInfo), keys: keys.map(keyNames) } satisfies OwnUsage);
  });

  return routes;
}

function ownOf(caller: Caller): { keyId: string; accountId: string } {
  const keyId = requireKey(caller);
  if (caller.accountId !== undefined) return { keyId, accountId: caller.accountId };
  throw new WebError(403, `the key ${keyId} has no account`);
}

function keyNames({ id, name, last4 }: KeyRecord): { id: string; name: string; tail: string } {
  return { id, name, tail: `****${last4}` };
}

function keyLimits(key: KeyRecord, lastUse: Date | undefined) {
  return {
    profile: key.profile ?? null,
    leniencies: key.leniencies,
    max_concurrency: key.maxConcurrency ?? null,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: lastUse?.toISOString() ?? null,
  };
}

function cellInfo(cell: UsageCell): UsageCellInfo {
  return {
    day: cell.day,
    model: cell.model,
    key: cell.keyId,
    requests: cell.requests,
    prompt_tokens: cell.promptTokens,
    prompt_cache_hit_tokens: cell.cacheHitTokens,
    completion_tokens: cell.completionTokens,
    reasoning_tokens: cell.reasoningTokens,
    cost: Object.fromEntries(
      Object.entries(cell.cost).map(([currency, nano]) => [currency, formatMoneyExactly(nano)]),
    ),
  };
}
