// Names for the prefixes of a prompt: one hash per whole 64-token block, each including its
// predecessor's and the tenant's salt, so equal hashes mean equal prefixes of one tenant. Used only
// to guess which endpoint has a prefix cached; a collision costs a wrong guess, never a wrong answer.

/** Tokens per block, as in the engine's prefix cache and the platform's documentation. */
export const BLOCK_SIZE = 64;

/** Hash of each whole block, in order. */
export type BlockChain = readonly number[];

export function blockChain(tokens: Int32Array, salt = ''): BlockChain {
  const chain: number[] = [];
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  const mix = (value: number): void => {
    high = Math.imul(high ^ value, 2654435761);
    low = Math.imul(low ^ value, 1597334677);
  };
  for (let i = 0; i < salt.length; i++) mix(salt.charCodeAt(i));
  for (let start = 0; start + BLOCK_SIZE <= tokens.length; start += BLOCK_SIZE) {
    for (let i = start; i < start + BLOCK_SIZE; i++) mix(tokens[i]!);
    // Fold the high bits back: multiplication alone never carries them downward.
    high ^= high >>> 16;
    low ^= low >>> 15;
    high = Math.imul(high, 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low, 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    chain.push(4294967296 * (high & 0x1fffff) + (low >>> 0));
  }
  return chain;
}
