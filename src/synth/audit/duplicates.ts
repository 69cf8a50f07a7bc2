// Nothing is there twice: environments by structure, worked out again from what is stored; tasks by key,
// by meaning in the same state, and by text, across the corpus and nearly so within an environment.
// Source: agents reference §6.5.

import { contentHash } from '../canonical.js';
import { distance, simHash, type SimHash } from '../build/sim-hash.js';
import type { Environment, Json } from '../world-types.js';
import { fingerprint } from '../world/fingerprint.js';
import { DistinctSet, TOO_SIMILAR } from '../world/select-distinct.js';
import { Problems, type AuditedTask, type CheckResult, type CorpusCheck } from './corpus-check.js';

/** Bits of a SimHash by which near-duplicates of one environment differ at most. */
const NEAR = 3;

export class EnvironmentCheck implements CorpusCheck {
  readonly id = 'environments';
  readonly title = 'environments differ in structure';
  readonly #problems = new Problems();
  readonly #distinct = new DistinctSet();
  #environments = 0;

  environment(env: Environment): void {
    this.#environments++;
    const own = fingerprint(env);
    if (own !== env.fingerprint) this.#problems.add(`${env.id} is stored with another fingerprint`);
    if (!this.#distinct.add({ ...env, fingerprint: own })) {
      this.#problems.add(`${env.id} is at least ${TOO_SIMILAR} like another`);
    }
  }

  result(): CheckResult {
    const sorted = [...this.#distinct.nearest].toSorted((a, b) => a - b);
    const rounded = (value = 0): number => Number(value.toFixed(3));
    return this.#problems.result(this, {
      environments: this.#environments,
      nearest_p50: rounded(sorted[sorted.length >> 1]),
      nearest_max: rounded(sorted.at(-1)),
    });
  }
}

export class DuplicateCheck implements CorpusCheck {
  readonly id = 'duplicates';
  readonly title = 'no task is there twice, in meaning or in words';
  readonly #problems = new Problems();
  readonly #ids = new Set<string>();
  readonly #meanings = new Set<string>();
  readonly #texts = new Set<string>();
  /** By environment. */
  readonly #hashes = new Map<string, SimHash[]>();
  #nearest = 64;

  task({ task, secret }: AuditedTask): void {
    const { taskId, hash, key, envId, family, request, patch } = task;
    for (const id of [taskId, hash]) this.#add(this.#ids, id, `${key}: its id or hash`);
    const meaning = contentHash([envId, family, secret.ir, patch as unknown as Json]);
    this.#add(this.#meanings, meaning, `${key}: its meaning`);
    this.#add(this.#texts, contentHash(request), `${key}: its text`);
    const here = this.#hashes.get(envId) ?? [];
    this.#hashes.set(envId, here);
    const own = simHash(request);
    for (const other of here) {
      const bits = distance(own, other);
      this.#nearest = Math.min(this.#nearest, bits);
      if (bits <= NEAR) this.#problems.add(`${key}: its text is nearly another's here`);
    }
    here.push(own);
  }

  result(): CheckResult {
    return this.#problems.result(this, {
      texts: this.#texts.size,
      nearest_bits: this.#nearest,
    });
  }

  #add(set: Set<string>, one: string, what: string): void {
    if (set.has(one)) this.#problems.add(`${what} is there already`);
    set.add(one);
  }
}
