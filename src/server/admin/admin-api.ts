// The admin API under /admin (docs/accounts.md): accounts, keys, money, usage, the ledger. Guarded by
// the administrator's key; no cross-origin access. JSON in and out; what it refuses it names.

import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { ApiError } from '../../protocol/api-error.js';
import type { KeyRecord, PlatformAdmin, UsageFilter } from '../../store/admin-types.js';
import { balanceJson } from '../../store/money.js';
import type { PlatformStore } from '../../store/platform-store.js';
import { StoreError, type StoreErrorKind } from '../../store/store-error.js';
import { PlatformUnavailableError } from '../../store/types.js';
import type { Log } from '../log.js';
import { ClientGoneError, collectBody, tooLargeError } from '../request-body.js';
import {
  accountBalanceJson,
  accountJson,
  accountLedgerJson,
  type AuditJson,
  keyJson,
  type KeyJson,
  ledgerJson,
  recomputedJson,
  usageCellJson,
  usageJson,
} from './admin-json.js';
import {
  accountLedgerQuery,
  changedKey,
  ledgerQuery,
  moneyIn,
  newAccount,
  newKey,
  usageFilter,
  usageQuery,
} from './admin-schemas.js';
import { readLedgerCursor, writeLedgerCursor } from './ledger-cursor.js';

export interface AdminOptions {
  log: Log;
  platform: PlatformStore;
  adminKey: string;
  /** Whether a browser's session administers; its request was checked to be our own page's. */
  isOperator: (request: IncomingMessage) => Promise<boolean>;
}

const MAX_BODY_BYTES = 64 * 1024;

const STATUS_OF_KIND = {
  'not-found': 404,
  conflict: 409,
  invalid: 400,
} as const satisfies Record<StoreErrorKind, number>;

export class AdminApi {
  readonly #keyDigest: Buffer;
  readonly #isOperator: AdminOptions['isOperator'];
  readonly #listener: ReturnType<typeof getRequestListener>;

  constructor({ platform, adminKey, log, isOperator }: AdminOptions) {
    this.#keyDigest = digest(adminKey);
    this.#isOperator = isOperator;
    this.#listener = getRequestListener(this.#routes(platform, log).fetch, {
      overrideGlobalObjects: false,
    });
  }

  owns(path: string): boolean {
    return path === '/admin' || path.startsWith('/admin/');
  }

  /** Whether the headers carry the administrator's key. Takes the same time for every wrong one. */
  allows({ authorization = '' }: IncomingHttpHeaders): boolean {
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(digest(key), this.#keyDigest);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    await this.#listener(request, response);
  }

  #routes({ admin }: PlatformStore, log: Log): Hono<{ Bindings: HttpBindings }> {
    const app = new Hono<{ Bindings: HttpBindings }>().basePath('/admin');
    app.use(async (context, next) => {
      const authorization = context.req.header('authorization') ?? '';
      if (this.allows({ authorization })) return next();
      if (authorization === '' && (await this.#isOperator(context.env.incoming))) return next();
      return context.json(errorJson('the admin API needs Authorization: Bearer <admin key>'), 401);
    });

    app.get('/accounts', async (c) =>
      c.json({ data: (await admin.listAccounts()).map(accountJson) }),
    );
    app.post('/accounts', async (c) => {
      const { name, unlimited = false } = newAccount.parse(await readJson(c.env.incoming));
      return c.json(accountJson(await admin.createAccount({ name, unlimited })), 201);
    });
    app.get('/accounts/:id/balance', async (c) => {
      const { id } = await admin.findAccount(c.req.param('id'));
      return c.json(balanceJson(await admin.balance(id)));
    });
    app.post('/accounts/:id/balance', async (c) => {
      const { id } = await admin.findAccount(c.req.param('id'));
      const { kind, currency, amount, ...rest } = moneyIn.parse(await readJson(c.env.incoming));
      const money = {
        accountId: id,
        currency,
        amount,
        ...(rest.note !== undefined && { note: rest.note }),
        ...(rest.idempotency_key !== undefined && { idempotencyKey: rest.idempotency_key }),
      };
      const { expires_at: expiresAt } = rest;
      if (kind === 'top-up') {
        if (expiresAt) return c.json(errorJson('only granted money can expire'), 400);
        return c.json(balanceJson(await admin.topUp(money)), 201);
      }
      return c.json(
        balanceJson(await admin.grant({ ...money, ...(expiresAt && { expiresAt }) })),
        201,
      );
    });

    app.get('/accounts/:id/ledger', async (c) => {
      const { kind, cursor, limit } = accountLedgerQuery.parse(c.req.query());
      const { lines, next } = await admin.accountLedger({
        accountId: c.req.param('id'),
        limit,
        ...(kind !== undefined && { kind }),
        ...(cursor !== undefined && { after: readLedgerCursor(cursor) }),
      });
      const data = lines.map(accountLedgerJson);
      return c.json({ data, cursor: next === undefined ? null : writeLedgerCursor(next) });
    });
    app.get('/balances', async (c) => {
      const balances = [...(await admin.balances())];
      return c.json({ data: balances.map(([id, balance]) => accountBalanceJson(id, balance)) });
    });

    app.get('/keys', async (c) => {
      const account = c.req.query('account');
      const filter = account ? { accountId: (await admin.findAccount(account)).id } : {};
      return c.json({ data: await keysJson(admin, await admin.listKeys(filter)) });
    });
    app.post('/keys', async (c) => {
      const wanted = newKey.parse(await readJson(c.env.incoming));
      const { id: accountId } = await admin.findAccount(wanted.account);
      const { key, record } = await admin.createKey({ accountId, ...limitsOf(wanted) });
      return c.json({ key, ...(await oneKeyJson(admin, record)) }, 201);
    });
    app.patch('/keys/:id', async (c) => {
      const changes = limitsOf(changedKey.parse(await readJson(c.env.incoming)));
      return c.json(await oneKeyJson(admin, await admin.updateKey(c.req.param('id'), changes)));
    });
    app.delete('/keys/:id', async (c) =>
      c.json(await oneKeyJson(admin, await admin.revokeKey(c.req.param('id')))),
    );

    app.get('/usage', async (c) => {
      const { by, ...wanted } = usageQuery.parse(c.req.query());
      const groups = await admin.usage({ groupBy: by, ...(await filterOf(admin, wanted)) });
      return c.json({ data: groups.map(usageJson) });
    });
    app.get('/usage/cells', async (c) => {
      const filter = await filterOf(admin, usageFilter.parse(c.req.query()));
      return c.json({ data: (await admin.usageCells(filter)).map(usageCellJson) });
    });
    app.get('/ledger', async (c) => {
      const { account, limit } = ledgerQuery.parse(c.req.query());
      const rows = await admin.ledger({
        limit,
        ...(account !== undefined && { accountId: (await admin.findAccount(account)).id }),
      });
      return c.json({ data: rows.map(ledgerJson) });
    });
    app.get('/audit', async (c) => {
      const { isSound, numTransactions, numEntries, numUsageRecords, problems } =
        await admin.auditLedger();
      return c.json({
        is_sound: isSound,
        transactions: numTransactions,
        entries: numEntries,
        usage_records: numUsageRecords,
        problems,
      } satisfies AuditJson);
    });
    app.get('/audit/accounts', async (c) =>
      c.json({ data: (await admin.recomputeAccounts()).map(recomputedJson) }),
    );

    app.notFound((c) => c.json(errorJson(`there is no ${c.req.method} ${c.req.path}`), 404));
    app.onError((error, c) => {
      if (error instanceof z.ZodError) return c.json(errorJson(z.prettifyError(error)), 400);
      if (error instanceof SyntaxError) return c.json(errorJson(`not JSON: ${error.message}`), 400);
      if (error instanceof ApiError) return c.json(errorJson(error.message), 413);
      if (error instanceof ClientGoneError) return c.json(errorJson(error.message), 400);
      if (error instanceof StoreError) {
        return c.json(errorJson(error.message), STATUS_OF_KIND[error.kind]);
      }
      if (error instanceof PlatformUnavailableError) {
        return c.json(errorJson(error.message), 503, { 'retry-after': '2' });
      }
      log('error', 'admin request failed', { error: error.stack ?? error.message });
      return c.json(errorJson('internal error'), 500);
    });
    return app;
  }
}

/**
 * Hono's own ways to a limited body make a new Request, which fails on requests of this server.
 * @throws ApiError 413; SyntaxError; ClientGoneError.
 */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let numBytes = 0;
  const body = await collectBody(request, (length) => {
    numBytes += length;
    return numBytes > MAX_BODY_BYTES ? tooLargeError(MAX_BODY_BYTES) : undefined;
  });
  if (!isUtf8(body)) throw new SyntaxError('the body is not UTF-8');
  return JSON.parse(body.toString());
}

type WireLimits = z.infer<typeof changedKey>;

/** Absent fields stay absent: they mean "as it is". */
function limitsOf({ name, profile, leniencies, max_concurrency, expires_at }: WireLimits) {
  return {
    ...(name !== undefined && { name }),
    ...(profile !== undefined && { profile }),
    ...(leniencies !== undefined && { leniencies }),
    ...(max_concurrency !== undefined && { maxConcurrency: max_concurrency }),
    ...(expires_at !== undefined && { expiresAt: expires_at }),
  };
}

async function keysJson(admin: PlatformAdmin, records: KeyRecord[]): Promise<KeyJson[]> {
  const uses = await admin.lastUses(records.map(({ id }) => id));
  return records.map((record) => keyJson(record, uses.get(record.id)));
}

async function oneKeyJson(admin: PlatformAdmin, record: KeyRecord): Promise<KeyJson> {
  return keyJson(record, (await admin.lastUses([record.id])).get(record.id));
}

async function filterOf(
  admin: PlatformAdmin,
  { account, key, from, to }: z.infer<typeof usageFilter>,
): Promise<UsageFilter> {
  return {
    ...(account !== undefined && { accountId: (await admin.findAccount(account)).id }),
    ...(key !== undefined && { keyId: key }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

function errorJson(message: string) {
  return { error: { message } };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
