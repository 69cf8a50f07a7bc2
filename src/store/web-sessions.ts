// Sessions of browsers: a random cookie of which only the digest is kept, the key it was opened with,
// and whether it may administer. They outlive a restart of the server; an operator's right ends when
// the administrator's key changes.

import { createHash, randomBytes } from 'node:crypto';
import type { StoreCore } from './store-core.js';
import { ask } from './store-core.js';

export interface WebSession {
  keyId: string | undefined;
  /** SHA-256 of the administrator's key given at sign-in. */
  operatorDigest: string | undefined;
  expiresAt: Date;
}

const LIFETIME_MS = 30 * 24 * 60 * 60_000;

export class WebSessions {
  constructor(private readonly core: StoreCore) {}

  /** @returns the cookie's value: 43 characters, to be sent once. @throws PlatformUnavailableError */
  async open(session: Omit<WebSession, 'expiresAt'>): Promise<{ token: string; expiresAt: Date }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.core.now();
    const expiresAt = now + LIFETIME_MS;
    await ask(this.core, async () => {
      const { db } = this.core.engine;
      await db.deleteFrom('web_sessions').where('expires_at', '<=', BigInt(now)).execute();
      await db
        .insertInto('web_sessions')
        .values({
          digest: digestOf(token),
          key_id: session.keyId ?? null,
          operator_digest: session.operatorDigest ?? null,
          created_at: now,
          expires_at: expiresAt,
        })
        .execute();
    });
    return { token, expiresAt: new Date(expiresAt) };
  }

  /** undefined = unknown, ended or expired. @throws PlatformUnavailableError */
  async find(token: string): Promise<WebSession | undefined> {
    const row = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('web_sessions')
        .selectAll()
        .where('digest', '=', digestOf(token))
        .where('expires_at', '>', BigInt(this.core.now()))
        .executeTakeFirst(),
    );
    return (
      row && {
        keyId: row.key_id ?? undefined,
        operatorDigest: row.operator_digest ?? undefined,
        expiresAt: new Date(Number(row.expires_at)),
      }
    );
  }

  /** Ends it; twice is once. @throws PlatformUnavailableError */
  async close(token: string): Promise<void> {
    await ask(this.core, () =>
      this.core.engine.db
        .deleteFrom('web_sessions')
        .where('digest', '=', digestOf(token))
        .execute(),
    );
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
