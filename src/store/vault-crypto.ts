// How a tenant's reasoning, and what else is secret of theirs, is sealed and found: AES-256-GCM and
// HMAC-SHA-256 under keys derived per purpose and tenant (HKDF, RFC 5869) from the server's secret.
// Another secret, purpose or tenant finds and opens nothing.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { ReasoningKey } from './types.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_TENANTS = 1_000;

export interface TenantCrypto {
  /** base64 of nonce, tag, ciphertext. `id` is bound to it: a swapped row does not open. */
  seal(id: string, text: string): string;
  /** undefined when it was sealed under another key, or changed. */
  open(id: string, sealed: string): string | undefined;
  /** Of each call id; never empty strings into the same bucket as digests. */
  callLookups(key: ReasoningKey): string[];
  prefixLookup(key: ReasoningKey): string;
}

/** Derives a tenant's keys once and remembers them, for a bounded number of tenants. */
export class VaultCrypto {
  readonly #tenants = new Map<string, TenantCrypto>();

  constructor(
    private readonly secret: Buffer,
    private readonly purpose = 'hadal reasoning vault',
  ) {}

  of(tenant: string): TenantCrypto {
    let crypto = this.#tenants.get(tenant);
    if (crypto === undefined) {
      if (this.#tenants.size >= MAX_TENANTS) this.#tenants.clear();
      crypto = tenantCrypto(this.secret, this.purpose, tenant);
      this.#tenants.set(tenant, crypto);
    }
    return crypto;
  }
}

function tenantCrypto(secret: Buffer, purpose: string, tenant: string): TenantCrypto {
  const keys = Buffer.from(hkdfSync('sha256', secret, purpose, tenant, 64));
  const sealing = keys.subarray(0, 32);
  const finding = keys.subarray(32);
  const lookup = (kind: string, value: string) =>
    createHmac('sha256', finding).update(`${kind}\0${value}`).digest('base64url');
  return {
    seal(id, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(id));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(id, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', sealing, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(id));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
        return decipher.update(body, undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined; // the tag does not match: to the caller this is a row that is not there
      }
    },
    callLookups: ({ callIds }) => callIds.map((callId) => lookup('call', callId)),
    prefixLookup: ({ prefixDigest }) => lookup('prefix', prefixDigest),
  };
}
