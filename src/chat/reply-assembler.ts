// What both kinds of reply have in common: token events of a backend go in, ReplyEvents come out.
// Events are appended to a list of the caller's, because this runs once per token.

import type { GenerateEvent } from '../backend/types.js';
import type { ReplyEvent } from './types.js';

export type TokenEvent = Extract<GenerateEvent, { type: 'token' }>;
export type FinishEvent = Extract<GenerateEvent, { type: 'finish' }> & {
  /** The backend's reply is two, with the reasoning closed between them (reserved-answer.ts). */
  reservedAnswer?: true;
};

/** Holds the state of one reply. */
export interface ReplyAssembler {
  /** To be called once, first: what stands before the backend's tokens. */
  start(out: ReplyEvent[]): void;
  accept(event: TokenEvent, out: ReplyEvent[]): void;
  /** To be called once, last. Closes what is open and appends the reply's `finish`. */
  finish(event: FinishEvent, out: ReplyEvent[]): void;
}
