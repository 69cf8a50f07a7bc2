// Metrics that are read rather than counted: queue, journal, components, traces and the process
// itself. Values are taken when somebody scrapes, never in between.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { firstComeLabel } from './bounded-label.js';
import type { ComponentReport, ComponentStatus, Gauges } from './types.js';

const STATUSES: readonly ComponentStatus[] = ['operational', 'degraded', 'down'];

/** How often the event loop is looked at; also the floor of what its monitor reports. */
const LOOP_RESOLUTION_MS = 10;

export interface StateMetricsOptions {
  registry: Registry;
  serviceVersion: string;
  gauges: Pick<Gauges, 'activeRequests' | 'queuedRequests' | 'journalDepth'>;
  components: () => ComponentReport[];
  openExchanges: () => number;
  traces: () => { exportedSpans: number; droppedSpans: number };
}

/** The returned function stops the watching of the event loop. */
export function createStateMetrics({
  registry,
  serviceVersion,
  gauges,
  components,
  openExchanges,
  traces,
}: StateMetricsOptions): () => void {
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  gauge('http_server_active_requests', 'HTTP exchanges open now, waiting ones too.', openExchanges);
  gauge('hadal_running_requests', 'Requests admitted and being generated now.', () =>
    gauges.activeRequests(),
  );
  gauge('hadal_queued_requests', 'Requests waiting for admission now.', () =>
    gauges.queuedRequests(),
  );
  gauge('hadal_journal_depth', 'Ledger records not yet in the database.', () =>
    gauges.journalDepth(),
  );
  addComponents(registry, components);
  addTraces(registry, traces);
  new Gauge({
    name: 'hadal_build_info',
    help: 'Always 1; the label carries the version.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: serviceVersion }, 1);
  return addProcess(registry, gauge);
}

function addComponents(registry: Registry, components: () => ComponentReport[]): void {
  const component = firstComeLabel(64);
  registry.registerMetric(
    new Gauge({
      name: 'hadal_component_status',
      help: '1 for the status a component has now, 0 for the others.',
      labelNames: ['component', 'status'],
      registers: [],
      collect() {
        this.reset();
        for (const { name, status } of components()) {
          for (const each of STATUSES) {
            this.set({ component: component.of(name), status: each }, each === status ? 1 : 0);
          }
        }
      },
    }),
  );
}

function addTraces(registry: Registry, traces: StateMetricsOptions['traces']): void {
  registry.registerMetric(
    new Counter({
      name: 'hadal_trace_spans_total',
      help: 'Spans by what became of them.',
      labelNames: ['result'],
      registers: [],
      collect() {
        const { exportedSpans, droppedSpans } = traces();
        this.reset();
        this.inc({ result: 'exported' }, exportedSpans);
        this.inc({ result: 'dropped' }, droppedSpans);
      },
    }),
  );
}

function addProcess(
  registry: Registry,
  gauge: (name: string, help: string, read: () => number) => void,
): () => void {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  // The monitor reports the whole interval between two looks; what exceeds the interval is the lag.
  const lagSeconds = (percentile: number): number =>
    Math.max(0, loop.percentile(percentile) / 1e9 - LOOP_RESOLUTION_MS / 1000);
  gauge('nodejs_eventloop_lag_p50_seconds', 'Median event loop lag since the last scrape.', () =>
    lagSeconds(50),
  );
  registry.registerMetric(
    new Gauge({
      name: 'nodejs_eventloop_lag_p99_seconds',
      help: '99th percentile of the event loop lag since the last scrape.',
      registers: [],
      collect() {
        this.set(lagSeconds(99));
        loop.reset(); // collected after p50: metrics are read in the order of their making
      },
    }),
  );
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge(
    'nodejs_heap_size_used_bytes',
    'JavaScript heap in use.',
    () => process.memoryUsage().heapUsed,
  );
  gauge(
    'process_start_time_seconds',
    'Start of the process, seconds since 1970.',
    () => performance.timeOrigin / 1000,
  );
  registry.registerMetric(
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time, user and system.',
      registers: [],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    }),
  );
  return () => loop.disable();
}
