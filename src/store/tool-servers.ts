// The tool servers that a key's owner added in the page. Their headers hold secrets of other services:
// sealed under the server's secret for that key, and given to nobody but the client that connects.

import { randomBytes } from 'node:crypto';
import { StoreError } from './store-error.js';
import { ask, type StoreCore } from './store-core.js';
import { VaultCrypto } from './vault-crypto.js';

export interface ToolServerRecord {
  id: string;
  name: string;
  url: string;
  /** undefined: sealed under another secret; the server has to be added again. */
  headers: Record<string, string> | undefined;
}

const MAX_PER_KEY = 16;

export class ToolServers {
  readonly #crypto: VaultCrypto;

  constructor(
    private readonly core: StoreCore,
    secret: Buffer,
  ) {
    this.#crypto = new VaultCrypto(secret, 'hadal tool servers');
  }

  /** The oldest first. @throws PlatformUnavailableError */
  async list(keyId: string): Promise<ToolServerRecord[]> {
    const rows = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('tool_servers')
        .selectAll()
        .where('key_id', '=', keyId)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),
    );
    const crypto = this.#crypto.of(keyId);
    return rows.map(({ id, name, url, sealed_headers: sealed }) => {
      const text = crypto.open(id, sealed);
      const headers = text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
      return { id, name, url, headers };
    });
  }

  /** @throws StoreError conflict; PlatformUnavailableError */
  async add(
    keyId: string,
    { name, url, headers }: { name: string; url: string; headers: Record<string, string> },
  ): Promise<string> {
    const id = `srv_${randomBytes(9).toString('hex')}`;
    await ask(this.core, () =>
      this.core.engine.db.transaction().execute(async (trx) => {
        await this.core.engine.lockWriters(trx);
        const rows = await trx
          .selectFrom('tool_servers')
          .select('name')
          .where('key_id', '=', keyId)
          .execute();
        if (rows.some((row) => row.name === name)) {
          throw new StoreError(
            'conflict',
            `there is a tool server ${JSON.stringify(name)} already`,
          );
        }
        if (rows.length >= MAX_PER_KEY) {
          throw new StoreError(
            'conflict',
            `this key has ${rows.length} tool servers, which is the most there can be: remove one`,
          );
        }
        await trx
          .insertInto('tool_servers')
          .values({
            id,
            key_id: keyId,
            name,
            url,
            sealed_headers: this.#crypto.of(keyId).seal(id, JSON.stringify(headers)),
            created_at: this.core.now(),
          })
          .execute();
      }),
    );
    return id;
  }

  /** @throws StoreError not-found; PlatformUnavailableError */
  async remove(keyId: string, id: string): Promise<void> {
    const { numDeletedRows } = await ask(this.core, () =>
      this.core.engine.db
        .deleteFrom('tool_servers')
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .executeTakeFirst(),
    );
    if (numDeletedRows > 0n) return;
    throw new StoreError('not-found', `there is no tool server ${JSON.stringify(id)} of this key`);
  }
}
