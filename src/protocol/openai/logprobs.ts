// Log-probabilities on the wire (api reference §3.4).

import type { ReplyLogprob } from '../../chat/types.js';

interface WireTopLogprob {
  token: string;
  logprob: number;
  bytes: number[] | null;
}

export interface WireLogprobs {
  content: (WireTopLogprob & { top_logprobs: WireTopLogprob[] })[];
}

/** "If the token is not within the top 20 most likely tokens, -9999.0 is used". */
const LAST_EXACT_RANK = 20;
const UNLIKELY = -9999.0;

/** Of the chosen token. */
export function wireLogprobOf({ rank, logprob }: ReplyLogprob): number {
  return rank > LAST_EXACT_RANK ? UNLIKELY : logprob;
}

export function wireLogprobs(logprobs: readonly ReplyLogprob[]): WireLogprobs {
  return {
    content: logprobs.map((logprob) => ({
      ...wireToken(logprob.bytes, wireLogprobOf(logprob)),
      top_logprobs: logprob.topLogprobs.map((top) => wireToken(top.bytes, top.logprob)),
    })),
  };
}

/** A token that ends inside a character shows U+FFFD; its bytes are exact. */
function wireToken(bytes: Uint8Array, logprob: number): WireTopLogprob {
  return { token: Buffer.from(bytes).toString('utf8'), logprob, bytes: [...bytes] };
}
