// Log-probabilities of a backend, which knows ids only, with the tokens' bytes.

import type { TokenLogprob, TokenLogprobs } from '../backend/types.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ReplyLogprob } from './types.js';

export function replyLogprob(
  tokenizer: Tokenizer,
  token: number,
  { logprob, rank, top }: TokenLogprobs,
): ReplyLogprob {
  const withBytes = (entry: TokenLogprob) => ({
    token: entry.token,
    logprob: entry.logprob,
    bytes: tokenizer.tokenBytes(entry.token),
  });
  return { ...withBytes({ token, logprob }), rank, topLogprobs: top.map(withBytes) };
}
