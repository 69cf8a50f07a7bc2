// What happens on the way to upstreams and is worth a log line or a counter. Never a key, a prompt or
// a reply; endpoints appear by their label.

import type { CircuitState } from './circuit.js';

export type UpstreamNotice =
  | {
      type: 'endpoint-state';
      endpoint: string;
      from: CircuitState;
      to: CircuitState;
      detail: string;
    }
  /** It takes only a part of what we say; `detail` tells what is lost by that. */
  | { type: 'reduced-request'; endpoint: string; detail: string }
  /** A setting that does not fit what the endpoints say. */
  | { type: 'configuration'; endpoint: string; detail: string }
  | { type: 'retry'; id: string; endpoint: string; detail: string }
  | { type: 'stream-broken'; id: string; endpoint: string; detail: string };

/** Things counted per endpoint: `onCount(name, endpoint)` adds one. */
export type UpstreamCounter =
  | 'requests'
  /** Requests sent where at least one block of their prompt had been sent before. */
  | 'prefix_hits'
  | 'failures'
  | 'retries'
  | 'broken_streams';

export interface EndpointReport {
  /** Without credentials. */
  url: string;
  status: CircuitState;
  /** What failed last; absent when ready. */
  detail?: string;
  engine: string;
  model: string | undefined;
  contextLength: number | undefined;
  inFlight: number;
  maxConcurrency: number;
  weight: number;
  /** Prompt blocks (64 tokens) it is believed to have in its cache. */
  prefixBlocks: number;
}
