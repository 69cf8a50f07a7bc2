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

export interface RequestObservation {
  set(facts: RequestFacts): void;
  /** Moments whose distance from the start is measured; each counts once. */
  mark(moment: 'queued' | 'admitted' | 'started' | 'first-token'): void;
  /** Tokens as they come, for rates. */
  tokens(count: number): void;
  end(end: RequestEnd): void;
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

/** Numbers that somebody else owns, read when metrics or status are asked for. */
export interface Gauges {
  activeRequests(): number;
  queuedRequests(): number;
  journalDepth(): number;
  components(): ComponentReport[];
  /** Absent = this server computes by itself. */
  upstreams?(): UpstreamReport[];
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
