// What every object of one reply shares (api reference §3.1, §4.2), and the finish reasons.

import type { ReplyFinishReason } from '../../chat/types.js';
import type { Mode } from './modes.js';

export interface ReplyHeader {
  /** UUID v4, without a prefix. */
  id: string;
  /** Unix seconds. */
  created: number;
  mode: Mode;
  systemFingerprint: string;
}

export type WireFinishReason =
  'stop' | 'length' | 'tool_calls' | 'content_filter' | 'insufficient_system_resource';

/** Whoever still reads an aborted reply lost it to a time limit or a shutdown of the server. */
export function wireFinishReason(reason: ReplyFinishReason): WireFinishReason {
  return reason === 'aborted' ? 'insufficient_system_resource' : reason;
}
