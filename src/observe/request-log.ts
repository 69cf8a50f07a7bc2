// The newest requests, by trace id, for people who want to know what happened to one. A bounded number,
// and their contents within a bounded number of bytes, of which the oldest go first. In memory only:
// never written, never logged, gone with the process. Who may see what is the reader's business.

import { type ContentGap, type LoggedEnd, LoggedRequest } from './logged-request.js';
import type { RequestObservation, RequestStart } from './types.js';

export interface RequestLogOptions {
  /** Default 500. */
  maxRequests?: number;
  /** Of all bodies and replies together. Default 32 MiB. */
  maxContentBytes?: number;
  /** False = no body and no reply is kept. Default true. */
  keepsContent?: boolean;
}

/** One request may take this part of the room; more, and it is not worth all the others. */
const MAX_SHARE = 1 / 4;

/** Of requests that nobody's key came with: whoever sends them must not push out the others. */
const MAX_ANONYMOUS_SHARE = 1 / 10;

/** Contract: nothing that a request calls throws; numBytes never exceeds maxContentBytes. */
export class RequestLog {
  readonly keepsContent: boolean;
  readonly #maxRequests: number;
  readonly #maxContentBytes: number;
  /** Oldest first. */
  readonly #requests = new Map<string, LoggedRequest>();
  /** Those that hold content, oldest first. */
  readonly #holders = new Set<LoggedRequest>();
  /** Ended, without a key, oldest first. */
  readonly #anonymous = new Set<LoggedRequest>();
  #numBytes = 0;
  #sequence = 0;

  constructor({
    maxRequests = 500,
    maxContentBytes = 32 * 1024 * 1024,
    keepsContent = true,
  }: RequestLogOptions = {}) {
    this.#maxRequests = maxRequests;
    this.#maxContentBytes = maxContentBytes;
    this.keepsContent = keepsContent;
  }

  get size(): number {
    return this.#requests.size;
  }

  get numBytes(): number {
    return this.#numBytes;
  }

  open(start: RequestStart, observation: RequestObservation): LoggedRequest {
    const request = new LoggedRequest(++this.#sequence, start, observation, {
      claim: this.#claim,
      keepsContent: this.keepsContent,
    });
    this.#requests.set(start.traceId, request);
    while (this.#requests.size > this.#maxRequests) {
      const [oldest] = this.#requests.values();
      this.#remove(oldest!);
    }
    return request;
  }

  end(request: LoggedRequest, end: LoggedEnd): void {
    request.end(end);
    if (request.observation.facts.keyId !== undefined || this.find(request.traceId) !== request) {
      return;
    }
    this.#anonymous.add(request);
    if (this.#anonymous.size <= Math.ceil(this.#maxRequests * MAX_ANONYMOUS_SHARE)) return;
    const [oldest] = this.#anonymous;
    this.#remove(oldest!);
  }

  find(traceId: string): LoggedRequest | undefined {
    return this.#requests.get(traceId);
  }

  /** Newest first. */
  newest(): LoggedRequest[] {
    return [...this.#requests.values()].toReversed();
  }

  readonly #claim = (request: LoggedRequest, bytes: number): boolean => {
    if (!this.#requests.has(request.traceId)) return false;
    if (request.numBytes + bytes > this.#maxContentBytes * MAX_SHARE) {
      this.#drop(request, 'too-large');
      return false;
    }
    this.#numBytes += bytes;
    this.#holders.add(request);
    for (const oldest of this.#holders) {
      if (this.#numBytes <= this.#maxContentBytes) break;
      if (oldest !== request) this.#drop(oldest, 'dropped');
    }
    return true;
  };

  #remove(request: LoggedRequest): void {
    this.#drop(request, 'dropped');
    this.#anonymous.delete(request);
    this.#requests.delete(request.traceId);
  }

  #drop(request: LoggedRequest, gap: Extract<ContentGap, 'dropped' | 'too-large'>): void {
    this.#holders.delete(request);
    this.#numBytes -= request.drop(gap);
  }
}
