// The open store: what the server calls per request, over the parts that do it.

import { Admin } from './admin.js';
import type { PlatformAdmin } from './admin-types.js';
import { readBalance } from './balance.js';
import { chargeOf, type RequestCharge } from './charge-of.js';
import { Conversations } from './conversations.js';
import { expireGrants } from './ledger.js';
import { type Journal, JournalError } from './journal.js';
import type { ReasoningVault } from './reasoning-vault.js';
import { ask, changeLedger, type StoreCore } from './store-core.js';
import type { ToolServers } from './tool-servers.js';
import { WebSessions } from './web-sessions.js';
import {
  type Balance,
  type Platform,
  PlatformUnavailableError,
  type Principal,
  type ReasoningKey,
  type UsageRecord,
} from './types.js';

const EXPIRY_SWEEP_MS = 60_000;

interface Parts {
  core: StoreCore;
  journal: Journal;
  vault: ReasoningVault;
  toolServers: ToolServers;
  graceMs: number;
}

export class PlatformStore implements Platform {
  readonly admin: PlatformAdmin;
  readonly sessions: WebSessions;
  readonly conversations: Conversations;
  readonly toolServers: ToolServers;
  /** Why the journal refused the last record. */
  #journalFailure: Error | undefined;
  readonly #sweeper: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  /** Use `openPlatform`. */
  constructor(private readonly parts: Parts) {
    this.admin = new Admin(parts.core);
    this.sessions = new WebSessions(parts.core);
    this.conversations = new Conversations(parts.core);
    this.toolServers = parts.toolServers;
    this.#sweeper = setInterval(() => void this.#sweep(), EXPIRY_SWEEP_MS).unref();
  }

  identify(key: string): Promise<Principal | undefined> {
    return this.parts.core.identity.identify(key);
  }

  /** Of a session, whose key was proven when it was opened. @throws PlatformUnavailableError */
  identifyById(keyId: string): Promise<Principal | undefined> {
    return this.parts.core.identity.identifyById(keyId);
  }

  balance(accountId: string): Promise<Balance> {
    return readBalance(this.parts.core, accountId);
  }

  /** What a request was charged; undefined = nothing. Records that wait are posted first. */
  async chargeOf(requestId: string): Promise<RequestCharge | undefined> {
    const { core } = this.parts;
    await ask(core, () => core.drainer.drain());
    return ask(core, () => chargeOf(core.engine, requestId));
  }

  async record(usage: UsageRecord): Promise<void> {
    const { journal, core } = this.parts;
    core.funds.addPending(usage); // counts from now on, whenever the ledger hears of it
    try {
      await journal.append(usage);
    } catch (error) {
      core.funds.removePending(usage);
      if (!(error instanceof JournalError)) throw error;
      this.#journalFailure = error;
      throw new PlatformUnavailableError(error.message, { cause: error });
    }
    this.#journalFailure = undefined;
    core.drainer.kick();
  }

  async rememberReasoning(tenant: string, key: ReasoningKey, reasoning: string): Promise<void> {
    this.parts.vault.remember(tenant, key, reasoning);
  }

  async recallReasoning(tenant: string, key: ReasoningKey): Promise<string | undefined> {
    try {
      return await this.parts.vault.recall(tenant, key);
    } catch (error) {
      this.parts.core.log('warn', 'reasoning cannot be looked up', {
        error: (error as Error).message,
      });
      return undefined;
    }
  }

  health(): ReturnType<Platform['health']> {
    const { journal, core, graceMs } = this.parts;
    const journalDepth = journal.depth;
    const { follower, drainer } = core;
    if (this.#journalFailure !== undefined) {
      return { status: 'down', detail: this.#journalFailure.message, journalDepth };
    }
    const failure = follower.failure ?? drainer.failure;
    if (failure === undefined) return this.#healthBesideDatabase(journalDepth);
    // Without requests nobody else would notice that it is back.
    if (follower.failure !== undefined) void follower.check().catch(() => {}); // shows next time
    const status = follower.silentMs > graceMs ? 'down' : 'degraded';
    return { status, detail: `database: ${failure.message}`, journalDepth };
  }

  #healthBesideDatabase(journalDepth: number): ReturnType<Platform['health']> {
    const { count, where } = this.parts.journal.asideRecords;
    if (count === 0) return { status: 'ready', journalDepth };
    const detail = `usage records that cannot be posted are set aside: ${count}, see ${where}`;
    return { status: 'degraded', detail, journalDepth };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What cannot be posted now stays in the journal for the next start. */
  async #close(): Promise<void> {
    const { core, journal, vault } = this.parts;
    clearInterval(this.#sweeper);
    core.follower.stop();
    await core.drainer.drain().catch(() => {}); // it has logged why
    await core.drainer.stop();
    await vault.flush();
    if (journal.depth > 0) {
      core.log('warn', 'usage waits in the journal for the next start', { records: journal.depth });
    }
    await journal.close();
    await core.engine.close();
  }

  async #sweep(): Promise<void> {
    const { core } = this.parts;
    try {
      // Without requests nothing else takes expired grants back.
      await core.drainer.drain();
      await changeLedger(core, (trx) => expireGrants(core.engine, trx, core.now()));
    } catch (error) {
      core.log('warn', 'expired grants wait', { error: (error as Error).message });
    }
  }
}
