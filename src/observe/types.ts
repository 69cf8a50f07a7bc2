// What the server reports about its work, and to whom it does not matter: metrics, traces, logs and
// the status page listen behind these types. Nothing here carries keys, prompts or replies.

export interface RequestStart {
  traceId: string;
  method: string;
  /** The route's pattern, e.g. `/v1/models/{id}`; never the raw path, which a client chooses. */
  route: string;
  /** W3C `traceparent` header of the client, unchecked. */
  traceparent: string | undefined;
}

/** What becomes known while a request is answered. */
export interface RequestFacts {
  door?: string;
  model?: string;
  stream?: boolean;
  accountId?: string;
  keyId?: string;
  promptTokens?: number;
  cacheHitTokens?: number;
  completionTokens?: number;
  reasoningTokens?: number;
  finishReason?: string;
  leniencies?: readonly string[];
  /** Card id of the weights, or of the upstream that served. */
  servedBy?: string;
}

export interface RequestEnd {
  status: number;
  /** Why the exchange was cut, if it was. */
  abortReason?: string;
  errorType?: string;
}

/**
 * Steps of a request in the order in which it passes them: its body is here, its fields are checked,
 * its prompt is tokenised; it waits for a place, has one; the model took it up, said its first token,
 * said its last; the usage record is durable.
 */
export const REQUEST_MOMENTS = [
  'received',
  'parsed',
  'rendered',
  'queued',
  'admitted',
  'started',
  'first-token',
  'finished',
  'recorded',
] as const;

export type RequestMoment = (typeof REQUEST_MOMENTS)[number];

export interface RequestObservation {
  set(facts: RequestFacts): void;
  /** Moments whose distance from the start is measured; each counts once. */
  mark(moment: RequestMoment): void;
  end(end: RequestEnd): void;
  /** What is known so far. Moments are milliseconds since the start. */
  readonly facts: Readonly<RequestFacts>;
  readonly moments: Readonly<Partial<Record<RequestMoment, number>>>;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  /** Milliseconds since the start; of an ended request, until its end. */
  readonly ageMs: number;
}

export type ComponentStatus = 'operational' | 'degraded' | 'down';

export interface ComponentReport {
  name: string;
  status: ComponentStatus;
  detail?: string;
}

export interface Incident {
  component: string;
  status: Exclude<ComponentStatus, 'operational'>;
  detail: string;
  /** Milliseconds since 1970. */
  from: number;
  /** undefined while it lasts. */
  until: number | undefined;
}

export interface StatusReport {
  /** The worst of the components. */
  status: ComponentStatus;
  /** When the server started, milliseconds since 1970. */
  since: number;
  /** When this report was sampled, milliseconds since 1970. */
  at: number;
  components: ComponentReport[];
  /** Newest first, a bounded number. */
  incidents: Incident[];
}

/** One inference server behind this one. */
export interface UpstreamReport {
  /** URL without credentials. */
  endpoint: string;
  inFlight: number;
  /** By event, since the start. */
  counts: Readonly<Record<string, number>>;
}

/** What the engine of this server counts: gauges of this moment, totals since the server started. */
export interface EngineReport {
  /** Sequences that wait for a cache, and those that have one. */
  waiting: number;
  running: number;
  /** Sequences in the newest step. */
  batchSize: number;
  /** Keys and values of running sequences, in bytes. */
  cacheBytes: number;
  cacheBudgetBytes: number;
  steps: number;
  /** Sum over steps of the sequences in them. */
  batchedSequences: number;
  prefillTokens: number;
  decodeTokens: number;
  /** Time in steps that computed prompt tokens, and in all others. */
  prefillSeconds: number;
  decodeSeconds: number;
  preemptions: number;
  denseTokens: number;
  sparseTokens: number;
  draftedTokens: number;
  acceptedTokens: number;
  restarts: number;
  /** Memory of the engine's process; absent while there is none. */
  residentBytes?: number;
  /** Absent without a context cache. */
  prefixCache?: ContextCacheReport;
}

export interface ContextCacheReport {
  /** Prompt tokens of all sequences that asked. */
  promptTokens: number;
  /** Of these, found in memory and on disk. */
  ramHitTokens: number;
  diskHitTokens: number;
  ramBytes: number;
  ramEvictions: number;
  /** Absent without a folder, and until it has been counted. */
  diskBytes?: number;
  diskEvictions: number;
}

/** Numbers that somebody else owns, read when metrics or status are asked for. */
export interface Gauges {
  activeRequests(): number;
  queuedRequests(): number;
  journalDepth(): number;
  components(): ComponentReport[];
  /** Absent = this server computes by itself. */
  upstreams?(): UpstreamReport[];
  /** Absent = others compute. Soon, whatever the engine is doing; a rejection keeps the last report. */
  engine?(): Promise<EngineReport>;
}

export interface Observer {
  start(request: RequestStart): RequestObservation;
  /** Prometheus text exposition. */
  metrics(): Promise<{ contentType: string; body: string }>;
  /** Samples the components now and returns the report. */
  status(): StatusReport;
  /** Flushes traces; may be called twice. */
  close(): Promise<void>;
}
