// One request as the request log remembers it: its observation, how it ended, and, where content is
// kept, its body and its reply. The only place of this layer that holds what people wrote; it stays in
// memory and reaches nobody but those who may see it (web/requests).

import type { RequestEnd, RequestObservation, RequestStart } from './types.js';

/** Of a running reply, counted by the one who streams it. */
export interface ReplyCount {
  readonly promptTokens: number;
  readonly cacheHitTokens: number;
  /** So far. */
  readonly completionTokens: number;
}

export interface KeptReply {
  reasoning: string;
  content: string;
  calls: { id: string; name: string; arguments: string }[];
  /** More was said than is kept. */
  isCut: boolean;
}

/** Why something is not at hand. `running`: not yet. */
export type ContentGap = 'off' | 'too-large' | 'dropped' | 'none' | 'running';

export interface LoggedEnd extends RequestEnd {
  errorMessage?: string;
}

/** Whoever accounts for the memory; false = the bytes are too many and nothing is to be kept. */
export type ClaimBytes = (request: LoggedRequest, bytes: number) => boolean;

export class LoggedRequest {
  /** The reply that is being streamed. */
  reply: ReplyCount | undefined;
  ended: LoggedEnd | undefined;
  /** Tokens that the throughput has counted already. */
  countedTokens = 0;
  isPromptCounted = false;
  #body: Uint8Array | undefined;
  /** One flat text: what was gathered from thousands of pieces would hold all of them. */
  #keptReply: string | undefined;
  #bodyGap: ContentGap;
  #replyGap: ContentGap;
  #numBytes = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #claim: ClaimBytes;

  constructor(
    /** Ascending; where a page of the log goes on. */
    readonly sequence: number,
    readonly start: RequestStart,
    readonly observation: RequestObservation,
    { claim, keepsContent }: { claim: ClaimBytes; keepsContent: boolean },
  ) {
    this.#claim = claim;
    this.#bodyGap = keepsContent ? 'none' : 'off';
    this.#replyGap = keepsContent ? 'running' : 'off';
  }

  get traceId(): string {
    return this.start.traceId;
  }

  /** Bytes that its content takes of the log's. */
  get numBytes(): number {
    return this.#numBytes;
  }

  /** The body as it came, or why there is none. The bytes must not change after. */
  get body(): Uint8Array | ContentGap {
    return this.#body ?? this.#bodyGap;
  }

  get keptReply(): KeptReply | ContentGap {
    return this.#keptReply === undefined
      ? this.#replyGap
      : (JSON.parse(this.#keptReply) as KeptReply);
  }

  keepBody(body: Uint8Array): void {
    if (this.#bodyGap === 'off') return;
    // A view holds all of the memory that it looks into.
    if (this.#take(Math.max(body.byteLength, body.buffer.byteLength))) this.#body = body;
    else this.#bodyGap = 'too-large';
  }

  /** More of the reply was gathered by its keeper; false = give it up, there is no room. */
  claimReply(bytes: number): boolean {
    return this.#replyGap === 'running' && this.#take(bytes);
  }

  /** `claimed`: what the keeper took before, which this replaces. */
  keepReply(reply: KeptReply, claimed: number): void {
    if (this.#replyGap !== 'running') return;
    const text = JSON.stringify(reply);
    if (!this.#take(text.length * BYTES_PER_CHAR - claimed)) return;
    this.#keptReply = text;
  }

  /** Of those who ask while it goes on; nobody asks for ever. */
  whenEnded(): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  end(end: LoggedEnd): void {
    this.ended = end;
    this.reply &&= countOf(this.reply);
    for (const tell of this.#waiting.splice(0)) tell();
    if (this.#replyGap === 'running') this.#replyGap = 'none';
  }

  /** Gives its content up, for that of newer ones. Returns the bytes that are free now. */
  drop(gap: Extract<ContentGap, 'dropped' | 'too-large'>): number {
    const freed = this.#numBytes;
    if (this.#body) this.#bodyGap = gap;
    if (this.#keptReply !== undefined || this.#replyGap === 'running') this.#replyGap = gap;
    this.#body = undefined;
    this.#keptReply = undefined;
    this.#numBytes = 0;
    return freed;
  }

  #take(bytes: number): boolean {
    if (!this.#claim(this, bytes)) return false;
    this.#numBytes += bytes;
    return true;
  }
}

/** Strings have one or two; two is never too few. */
const BYTES_PER_CHAR = 2;

/** The numbers alone: who counts a running reply holds its prompt, which nobody accounts for here. */
function countOf({ promptTokens, cacheHitTokens, completionTokens }: ReplyCount): ReplyCount {
  return { promptTokens, cacheHitTokens, completionTokens };
}
