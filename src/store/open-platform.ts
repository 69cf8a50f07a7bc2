// Puts the store together: database, schema, journal, secret. The one place that knows all parts.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultDataDir, defaultDatabaseUrl } from './data-dir.js';
import { Drainer } from './drainer.js';
import { FileJournal } from './file-journal.js';
import { Funds } from './funds.js';
import { Identity } from './identity.js';
import type { Journal } from './journal.js';
import { expireGrants } from './ledger.js';
import { openLibsql } from './libsql-engine.js';
import { MemoryJournal } from './memory-journal.js';
import { migrate } from './migrate.js';
import { PlatformStore } from './platform-store.js';
import { openPostgres } from './postgres-engine.js';
import { type Prices, PRICES } from './prices.js';
import { ReasoningVault, VAULT_LIMITS, type VaultLimits } from './reasoning-vault.js';
import { givenSecret, secretFromFile } from './secret.js';
import type { SqlEngine } from './sql-engine.js';
import { StateFollower, unavailable } from './state-follower.js';
import { changeLedger, type StoreCore } from './store-core.js';
import { SILENT, type StoreLog } from './store-log.js';
import { ToolServers } from './tool-servers.js';
import { postUsage } from './usage-posting.js';

export interface PlatformOptions {
  /**
   * `file:...` (libSQL), `:memory:` (gone at the end, no files), `postgres://...`.
   * Default: `hadal.db` in `dataDir` when one is given, else `:memory:`.
   */
  databaseUrl?: string;
  /** Journal and secret. Default for `file:` and PostgreSQL: `HADAL_HOME` or `~/.hadal`. */
  dataDir?: string;
  /** At least 16 characters; default: `<dataDir>/secret.key`. */
  secret?: string;
  prices?: Prices;
  /** Milliseconds since 1970. */
  now?: () => number;
  log?: StoreLog;
  /** Records that wait for the database, bytes. */
  maxJournalBytes?: number;
  /** How long keys and balances in memory may stand in for a database that is away. */
  graceMs?: number;
  vault?: Partial<VaultLimits>;
}

const MAX_JOURNAL_BYTES = 256 * 1024 * 1024;
const GRACE_MS = 5 * 60_000;
/** A longer journal of a dead process is posted while requests are already answered. */
const MAX_RECORDS_BEFORE_START = 20_000;

/**
 * Opens the store, brings the schema up to date and posts what an earlier process left behind.
 * @throws PlatformUnavailableError when the database cannot be reached; MigrationError when it is
 * not ours.
 */
export async function openPlatform(options: PlatformOptions = {}): Promise<PlatformStore> {
  const { log = SILENT, now = Date.now, prices = PRICES, graceMs = GRACE_MS } = options;
  const { databaseUrl, dataDir } = places(options);
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const engine = await openEngine(databaseUrl);
  let journal: Journal | undefined;
  try {
    await migrate(engine);
    const secret = await findSecret(options.secret, dataDir, log);
    journal = await openJournal(databaseUrl, dataDir, options);
    const vaultLimits = { ...VAULT_LIMITS, ...options.vault };
    const vault = new ReasoningVault({ engine, secret, limits: vaultLimits, now, log });
    const core = assemble({ engine, journal, prices, now, log, graceMs });
    await core.follower.start();
    if (journal.depth > 0 && journal.depth <= MAX_RECORDS_BEFORE_START) await core.drainer.drain();
    core.drainer.kick();
    const toolServers = new ToolServers(core, secret);
    return new PlatformStore({ core, journal, vault, toolServers, graceMs });
  } catch (error) {
    await journal?.close();
    await engine.close();
    throw engine.isAway(error) ? unavailable(error) : error;
  }
}

function places({ databaseUrl, dataDir }: PlatformOptions): {
  databaseUrl: string;
  dataDir: string | undefined;
} {
  if (databaseUrl === undefined && dataDir === undefined) databaseUrl = ':memory:';
  if (databaseUrl !== ':memory:') dataDir ??= defaultDataDir();
  databaseUrl ??= defaultDatabaseUrl(dataDir!, {});
  return { databaseUrl, dataDir };
}

async function openEngine(url: string): Promise<SqlEngine> {
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url);
  if (url === ':memory:' || url.startsWith('file:')) return openLibsql(url);
  throw new Error(
    `database URL ${JSON.stringify(url.replace(/:[^:@/]*@/, ':***@'))} is not understood: ` +
      'give file:<path>, postgres://<user>@<host>/<database>, or :memory:',
  );
}

async function findSecret(
  given: string | undefined,
  dataDir: string | undefined,
  log: StoreLog,
): Promise<Buffer> {
  if (given !== undefined) return givenSecret(given);
  return dataDir === undefined ? randomBytes(32) : secretFromFile(dataDir, log);
}

async function openJournal(
  databaseUrl: string,
  dataDir: string | undefined,
  { maxJournalBytes = MAX_JOURNAL_BYTES, log = SILENT }: PlatformOptions,
): Promise<Journal> {
  // A database in memory forgets with the process; a journal that does not would bill strangers.
  if (databaseUrl === ':memory:' || dataDir === undefined)
    return new MemoryJournal(maxJournalBytes);
  return FileJournal.open({ folder: join(dataDir, 'journal'), maxBytes: maxJournalBytes, log });
}

interface AssembleOptions {
  engine: SqlEngine;
  journal: Journal;
  prices: Prices;
  now: () => number;
  log: StoreLog;
  graceMs: number;
}

function assemble(options: AssembleOptions): StoreCore {
  const { engine, journal, prices, now, log, graceMs } = options;
  const funds = new Funds(prices);
  const follower = new StateFollower({
    engine,
    now,
    graceMs,
    onAdminChange: () => identity.invalidate(),
    onLedgerChange: () => funds.lots.invalidate(),
  });
  const identity = new Identity({ engine, follower, funds, now });
  const drainer = new Drainer({
    journal,
    log,
    isBlocking: engine.isBlocking,
    isAway: engine.isAway,
    setAside: async (record, isOwn, reason) => {
      await journal.setAside(record, reason);
      if (isOwn) funds.removePending(record);
      const { requestId, accountId, model, promptTokens, completionTokens } = record;
      const about = { requestId, accountId, model, promptTokens, completionTokens };
      log('error', 'a usage record cannot be posted and is set aside', { reason, ...about });
    },
    post: (records, isOwn) => {
      const settle = () => {
        if (isOwn) for (const record of records) funds.removePending(record);
      };
      const accountIds = [...new Set(records.map(({ accountId }) => accountId))];
      return changeLedger(
        { engine, follower, funds },
        async (trx) => {
          await postUsage(trx, records, { engine, prices, now: now() });
          // After the charges: what was answered before a grant expired is paid from it.
          return [...accountIds, ...(await expireGrants(engine, trx, now()))];
        },
        settle,
      );
    },
  });
  return { engine, follower, identity, funds, drainer, now, log };
}
