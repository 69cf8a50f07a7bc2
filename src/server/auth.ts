// API keys: who may call, and as which tenant (api reference §1.2, §11.2). Keys are held as SHA-256
// digests only; a key itself is seen when it is created and when a request carries it.

import { createHash, randomBytes } from 'node:crypto';
import { ApiError } from '../protocol/api-error.js';

/** Platform format: `sk-` and 32 hex characters. */
export function generateApiKey(): string {
  return `sk-${randomBytes(16).toString('hex')}`;
}

export class KeyRing {
  /** Digest of the key -> tenant. */
  readonly #tenants = new Map<string, string>();

  /** Returns the tenant, a short stable name that does not reveal the key. */
  add(key: string): string {
    const digest = digestOf(key);
    const tenant = `key-${digest.slice(0, 12)}`;
    this.#tenants.set(digest, tenant);
    return tenant;
  }

  /** The tenant of an `Authorization` header. @throws ApiError 401 */
  identify(authorization: string | undefined): string {
    if (authorization === undefined) throw authError('Authentication Fails (governor)');
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const tenant = key === undefined ? undefined : this.#tenants.get(digestOf(key));
    if (tenant !== undefined) return tenant;
    if (!key?.startsWith('sk-')) {
      throw authError('Authentication Fails (auth header format should be Bearer sk-...)');
    }
    throw authError(`Authentication Fails, Your api key: ****${key.slice(-4)} is invalid`);
  }
}

function authError(message: string): ApiError {
  return new ApiError(message, { status: 401, type: 'authentication_error' });
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
