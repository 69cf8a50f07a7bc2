// Names of the keys in the request log, which itself knows their ids only.

import type { LoggedRequest } from '../../observe/logged-request.js';
import type { LoggedKey } from '../requests-wire.js';
import type { WebHost } from '../web-host.js';

export type NameKey = (request: LoggedRequest) => LoggedKey | null;

/** Read once per answer, for all of its rows. */
export async function keyNames({ platform }: Pick<WebHost, 'platform'>): Promise<NameKey> {
  const records = new Map((await platform.admin.listKeys()).map((record) => [record.id, record]));
  return ({ observation: { facts } }) => {
    const { keyId, accountId } = facts;
    if (keyId === undefined || accountId === undefined) return null;
    const record = records.get(keyId);
    return {
      id: keyId,
      name: record?.name ?? null,
      tail: record ? `****${record.last4}` : null,
      account_id: accountId,
    };
  };
}
