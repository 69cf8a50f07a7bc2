// Keys of a test server: each with a profile, leniencies and limits of its own, and with an account
// of its own unless one is shared.

import { randomUUID } from 'node:crypto';
import type { RunningServer } from '../../src/server/start-server.js';
import type { NewKey } from '../../src/store/admin-types.js';

export async function newAccount(
  { platform }: RunningServer,
  name: string = randomUUID(),
): Promise<string> {
  return (await platform.admin.createAccount({ name, unlimited: true })).id;
}

export async function newKey(server: RunningServer, limits: Partial<NewKey> = {}): Promise<string> {
  const accountId = limits.accountId ?? (await newAccount(server));
  return (await server.platform.admin.createKey({ ...limits, accountId })).key;
}
