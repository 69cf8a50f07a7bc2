// The token sequences of recent requests, prompt and reply together, per tenant: what a later prompt
// could have found in the context cache, and the means to say where it differs. Bounded in number and
// bytes, the least recently used go first. In memory only. Knows no text; who may see whose is the reader's.

export interface RememberedPrompt {
  traceId: string;
  keyId: string;
  /** Card id of the weights whose vocabulary this is. */
  model: string;
  /** Ascending in the order in which requests began. */
  sequence: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  /** Prompt and reply. */
  tokens: Int32Array;
  promptTokens: number;
  cacheHitTokens: number;
}

export interface EarlierPrompt {
  prompt: RememberedPrompt;
  /** Tokens at the beginning that are the same. */
  common: number;
}

/** What a sequence takes beside its tokens. */
const OVERHEAD_BYTES = 1024;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_PROMPTS = 2000;
/** A prompt that takes more than this part is not worth all the others. */
const MAX_SHARE = 1 / 4;

/** Contract: neither size nor numBytes exceeds its limit; nothing of one tenant is given for another. */
export class PromptMemory {
  readonly #maxBytes: number;
  readonly #maxPrompts: number;
  /** Least recently used first; keys are unique over tenants. */
  readonly #byTrace = new Map<string, { tenant: string; prompt: RememberedPrompt }>();
  readonly #byTenant = new Map<string, Set<RememberedPrompt>>();
  #numBytes = 0;

  constructor({
    maxBytes = DEFAULT_MAX_BYTES,
    maxPrompts = DEFAULT_MAX_PROMPTS,
  }: { maxBytes?: number; maxPrompts?: number } = {}) {
    this.#maxBytes = maxBytes;
    this.#maxPrompts = maxPrompts;
  }

  get numBytes(): number {
    return this.#numBytes;
  }

  get size(): number {
    return this.#byTrace.size;
  }

  /** `tenant`: whose cache it is; of other weights it is another one. */
  remember(tenant: string, prompt: RememberedPrompt): void {
    this.#forget(prompt.traceId);
    const bytes = bytesOf(prompt);
    if (bytes > this.#maxBytes * MAX_SHARE) return;
    this.#numBytes += bytes;
    this.#byTrace.set(prompt.traceId, { tenant, prompt });
    const ofTenant = this.#byTenant.get(tenant);
    if (ofTenant) ofTenant.add(prompt);
    else this.#byTenant.set(tenant, new Set([prompt]));
    while (this.#numBytes > this.#maxBytes || this.size > this.#maxPrompts) {
      this.#forget(this.#byTrace.keys().next().value!);
    }
  }

  find(traceId: string): RememberedPrompt | undefined {
    return this.#byTrace.get(traceId)?.prompt;
  }

  /**
   * Of the same tenant's prompts that began before this one, that which begins most like it; of
   * several, one that was over, then one of the same key, then the newest. undefined = there is none.
   */
  longestCommon(traceId: string): EarlierPrompt | undefined {
    const entry = this.#byTrace.get(traceId);
    if (!entry) return undefined;
    const { prompt: own, tenant } = entry;
    const length = own.promptTokens;
    let best: EarlierPrompt | undefined;
    for (const prompt of this.#byTenant.get(tenant)!) {
      if (prompt.sequence >= own.sequence) continue;
      const common = commonPrefix(own.tokens, prompt.tokens, length);
      if (best === undefined || isBetter({ prompt, common }, best, own)) {
        best = { prompt, common };
      }
    }
    if (best) this.#use(best.prompt.traceId);
    return best;
  }

  #use(traceId: string): void {
    const entry = this.#byTrace.get(traceId)!;
    this.#byTrace.delete(traceId);
    this.#byTrace.set(traceId, entry);
  }

  #forget(traceId: string): void {
    const entry = this.#byTrace.get(traceId);
    if (!entry) return;
    const { tenant, prompt } = entry;
    this.#byTrace.delete(traceId);
    this.#numBytes -= bytesOf(prompt);
    const ofTenant = this.#byTenant.get(tenant)!;
    ofTenant.delete(prompt);
    if (ofTenant.size === 0) this.#byTenant.delete(tenant);
  }
}

/** Tokens at the beginning that both have, at most `length`. */
export function commonPrefix(a: Int32Array, b: Int32Array, length: number): number {
  const end = Math.min(length, a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}

function isBetter(a: EarlierPrompt, b: EarlierPrompt, own: RememberedPrompt): boolean {
  if (a.common !== b.common) return a.common > b.common;
  const [wasOver, otherWas] = [a, b].map(({ prompt }) => prompt.endedAt <= own.startedAt);
  if (wasOver !== otherWas) return wasOver === true;
  const [ofKey, otherOf] = [a, b].map(({ prompt }) => prompt.keyId === own.keyId);
  if (ofKey !== otherOf) return ofKey === true;
  return a.prompt.sequence > b.prompt.sequence;
}

function bytesOf({ tokens }: RememberedPrompt): number {
  return tokens.byteLength + OVERHEAD_BYTES;
}
