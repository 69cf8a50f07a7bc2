// Keys that nobody typed `hadal key create` for: the first start's, and the operator's own.

import type { AccountRecord, PlatformAdmin } from './admin-types.js';
import { StoreError } from './store-error.js';

const DEFAULT_ACCOUNT = 'default';

interface WithAdmin {
  readonly admin: PlatformAdmin;
}

/**
 * On an empty database: the account `default`, unlimited, and one key, whose text is returned this
 * once. undefined when there are accounts already, or another process is just making them.
 */
export async function ensureFirstKey({ admin }: WithAdmin): Promise<string | undefined> {
  if ((await admin.listAccounts()).length > 0) return undefined;
  try {
    const account = await admin.createAccount({ name: DEFAULT_ACCOUNT, unlimited: true });
    return (await admin.createKey({ accountId: account.id, name: 'first key' })).key;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'conflict') return undefined;
    throw error;
  }
}

/**
 * Makes a key that the operator gave (`--api-key`, `HADAL_API_KEY`) valid, for the account `default`.
 * May be called at every start. A key that is known already stays with its account.
 * @throws StoreError invalid when it is no key, conflict when it was revoked.
 */
export async function adoptKey({ admin }: WithAdmin, key: string): Promise<void> {
  if (await isUsable(admin, key)) return;
  const account = await defaultAccount(admin);
  try {
    await admin.createKey({ accountId: account.id, name: 'given at start', key });
  } catch (error) {
    const wasMadeMeanwhile = error instanceof StoreError && error.kind === 'conflict';
    if (!wasMadeMeanwhile || !(await isUsable(admin, key))) throw error;
  }
}

async function isUsable(admin: PlatformAdmin, key: string): Promise<boolean> {
  const known = await admin.findKey(key);
  if (known === undefined) return false;
  if (known.revokedAt === undefined) return true;
  throw new StoreError(
    'conflict',
    `the given key ****${known.last4} (${known.id}) was revoked ` +
      `on ${known.revokedAt.toISOString()}; give another one`,
  );
}

async function defaultAccount(admin: PlatformAdmin): Promise<AccountRecord> {
  try {
    return await admin.findAccount(DEFAULT_ACCOUNT);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'not-found') throw error;
  }
  try {
    return await admin.createAccount({ name: DEFAULT_ACCOUNT, unlimited: true });
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error;
    return admin.findAccount(DEFAULT_ACCOUNT);
  }
}
