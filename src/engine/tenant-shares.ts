// How much each tenant has been computed for, so that equals get equal shares. A virtual clock per
// tenant counts tokens; whoever has the lowest goes first. Knows names and counts, no sequences.
// Contract: a tenant that comes (back) starts level with the least served of those present: nobody
// saves up turns by staying away, and nobody who just had more than his share loses that by leaving.

/** Absent tenants that are remembered because they had more than the others. */
const MAX_ABSENT = 1000;

interface Share {
  /** Tokens computed, as counted for fairness. */
  served: number;
  /** Sequences of the tenant that wait or run. */
  numSequences: number;
}

export class TenantShares {
  readonly #shares = new Map<string, Share>();

  /** One more sequence of the tenant is here. */
  enter(tenant: string): void {
    const share = this.#shares.get(tenant) ?? { served: 0, numSequences: 0 };
    if (share.numSequences === 0) share.served = Math.max(share.served, this.#leastServed());
    share.numSequences++;
    this.#shares.delete(tenant); // the youngest now: insertion order is order of coming
    this.#shares.set(tenant, share);
  }

  /** One sequence of the tenant is gone. */
  leave(tenant: string): void {
    const share = this.#shares.get(tenant);
    if (!share) return;
    share.numSequences--;
    if (share.numSequences === 0) this.#forgetAbsent();
  }

  charge(tenant: string, numTokens: number): void {
    const share = this.#shares.get(tenant);
    if (share) share.served += numTokens;
  }

  served(tenant: string): number {
    return this.#shares.get(tenant)?.served ?? 0;
  }

  /** Tenants kept in mind; bounded by those present and a constant. */
  get size(): number {
    return this.#shares.size;
  }

  /** Of the tenants present; 0 when there are none. */
  #leastServed(): number {
    let least = Infinity;
    for (const { served, numSequences } of this.#shares.values()) {
      if (numSequences > 0) least = Math.min(least, served);
    }
    return least === Infinity ? 0 : least;
  }

  #forgetAbsent(): void {
    const absent = [...this.#shares].filter(([, share]) => share.numSequences === 0);
    if (absent.length === this.#shares.size) {
      this.#shares.clear(); // nobody is left to compare with
      return;
    }
    const least = this.#leastServed();
    for (const [position, [tenant, { served }]] of absent.entries()) {
      if (served <= least || position < absent.length - MAX_ABSENT) this.#shares.delete(tenant);
    }
  }
}
