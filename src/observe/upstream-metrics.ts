// Metrics of the inference servers behind this one, one label per endpoint. The counts are the
// backend's; they are read when somebody scrapes.

import { Counter, Gauge, type Registry } from 'prom-client';
import { firstComeLabel } from './bounded-label.js';
import type { UpstreamReport } from './types.js';

const MAX_ENDPOINTS = 256;

export function createUpstreamMetrics(registry: Registry, upstreams: () => UpstreamReport[]): void {
  const endpoint = firstComeLabel(MAX_ENDPOINTS);
  registry.registerMetric(
    new Gauge({
      name: 'hadal_upstream_in_flight',
      help: 'Requests at an upstream now.',
      labelNames: ['endpoint'],
      registers: [],
      collect() {
        this.reset();
        for (const each of upstreams()) {
          this.set({ endpoint: endpoint.of(each.endpoint) }, each.inFlight);
        }
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'hadal_upstream_events_total',
      help: 'Requests, prefix hits, failures, retries and broken streams by upstream.',
      labelNames: ['endpoint', 'event'],
      registers: [],
      collect() {
        this.reset();
        for (const each of upstreams()) {
          for (const [event, count] of Object.entries(each.counts)) {
            this.inc({ endpoint: endpoint.of(each.endpoint), event }, count);
          }
        }
      },
    }),
  );
}
