// Sends spans to an OpenTelemetry collector: OTLP over HTTP as JSON, in batches, from a bounded
// queue. Losing a span is allowed and counted; slowing or failing a request is not, so nothing here
// throws or waits on the caller's side. Knows nothing of requests.

import { Agent } from 'undici';
import type { ObserverTimers } from './clock.js';
import { postSpans } from './otlp-post.js';
import type { OtlpOptions } from './otlp-environment.js';
import { toAttributes, type OtlpSpan } from './otlp-span.js';

export type ObserverLog = (
  level: 'info' | 'warn',
  message: string,
  fields?: Record<string, string | number | boolean | undefined>,
) => void;

export interface OtlpExporterOptions extends Omit<OtlpOptions, 'sampler' | 'protocol'> {
  serviceVersion: string;
  timers: ObserverTimers;
  log: ObserverLog;
  /** Spans kept while the collector is slow or away; those that come on top are dropped. */
  maxQueuedSpans?: number;
  maxBatchSpans?: number;
  /** Longest time a span waits for company. */
  delayMs?: number;
  /** Sendings of one batch, the first included. */
  maxAttempts?: number;
  /** Wait before the second attempt; doubles with each, plus up to half of it at random. */
  backoffMs?: number;
  /** Time that `close` gives what is still queued. */
  closeTimeoutMs?: number;
}

const MAX_BACKOFF_MS = 30_000;

/** Contract: `add` never throws and never blocks; `close` may be called twice. */
export class OtlpExporter {
  exportedSpans = 0;
  droppedSpans = 0;

  readonly #options: Required<Omit<OtlpExporterOptions, 'endpoint'>>;
  readonly #url: URL;
  readonly #agent = new Agent({ connections: 1 });
  readonly #head: string;
  readonly #deadline = new AbortController();
  #queue: OtlpSpan[] = [];
  #cancelTimer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isFailing = false;

  constructor({ endpoint, ...options }: OtlpExporterOptions) {
    this.#url = new URL(endpoint);
    this.#options = {
      headers: {},
      serviceName: 'hadal',
      resourceAttributes: {},
      timeoutMs: 10_000,
      maxQueuedSpans: 4096,
      maxBatchSpans: 512,
      delayMs: 2000,
      maxAttempts: 5,
      backoffMs: 1000,
      closeTimeoutMs: 5000,
      ...options,
    };
    this.#head = this.#envelopeHead();
  }

  /** The spans of one request: all are taken, or all are dropped. */
  add(spans: readonly OtlpSpan[]): void {
    if (spans.length === 0) return;
    if (this.#closing || this.#queue.length + spans.length > this.#options.maxQueuedSpans) {
      this.droppedSpans += spans.length;
      return;
    }
    for (const span of spans) this.#queue.push(span);
    if (this.#sending) return; // the running loop takes them along
    if (this.#queue.length >= this.#options.maxBatchSpans) this.#flush();
    else this.#cancelTimer ??= this.#options.timers.after(this.#options.delayMs, this.#flush);
  }

  /** Sends what is queued, without retries, within `closeTimeoutMs`. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    const { timers, closeTimeoutMs } = this.#options;
    const cancelDeadline = timers.after(closeTimeoutMs, () => this.#deadline.abort());
    this.#wake?.();
    this.#flush();
    await this.#sending;
    cancelDeadline();
    await this.#agent.destroy();
  }

  readonly #flush = (): void => {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#sending ??= this.#sendQueue().finally(() => {
      this.#sending = undefined;
    });
  };

  async #sendQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#options.maxBatchSpans);
      await this.#sendBatch(batch);
    }
  }

  async #sendBatch(batch: readonly OtlpSpan[]): Promise<void> {
    const { headers, timeoutMs } = this.#options;
    const body = `${this.#head}${JSON.stringify(batch)}}]}]}`;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await postSpans(this.#url, body, {
        headers,
        dispatcher: this.#agent,
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#deadline.signal]),
      });
      if (outcome.type === 'sent') {
        this.#count(batch.length, Math.min(outcome.rejectedSpans, batch.length));
        return;
      }
      const isLast = attempt >= this.#options.maxAttempts || this.#closing !== undefined;
      if (outcome.type === 'refused' || isLast) {
        this.droppedSpans += batch.length;
        this.#reportFailure(outcome.why, batch.length);
        return;
      }
      await this.#wait(outcome.afterMs ?? this.#backoff(attempt));
    }
  }

  #count(numSpans: number, numRejected: number): void {
    this.exportedSpans += numSpans - numRejected;
    this.droppedSpans += numRejected;
    if (numRejected > 0) this.#reportFailure('the collector rejected a part', numRejected);
    else if (this.#isFailing) {
      this.#isFailing = false;
      this.#options.log('info', 'traces are exported again', {});
    }
  }

  /** One line when trouble begins, not one per batch; the counter tells how much was lost. */
  #reportFailure(why: string, numSpans: number): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { host } = this.#url;
    this.#options.log('warn', 'traces are being lost', { collector: host, why, spans: numSpans });
  }

  #backoff(attempt: number): number {
    const base = this.#options.backoffMs * 2 ** (attempt - 1);
    return Math.min(MAX_BACKOFF_MS, base + (Math.random() * base) / 2);
  }

  /** Ends early when the exporter closes. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(ms, () => done());
      const done = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      if (this.#closing) done();
    });
  }

  /** Everything before the span list; the same for every batch. */
  #envelopeHead(): string {
    const { serviceName, serviceVersion, resourceAttributes } = this.#options;
    const resource = {
      attributes: toAttributes({
        ...resourceAttributes,
        'service.name': serviceName,
        'service.version': serviceVersion,
        'telemetry.sdk.language': 'nodejs',
      }),
    };
    const scope = { name: 'hadal', version: serviceVersion };
    return (
      `{"resourceSpans":[{"resource":${JSON.stringify(resource)},` +
      `"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":`
    );
  }
}
