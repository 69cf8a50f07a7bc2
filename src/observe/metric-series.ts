// prom-client's metrics, with the labels looked up once instead of at every observation: a series is
// a plain object that the caller keeps, and adding to it is an addition. prom-client keeps the
// names, the registry and the text format. (Hashing labels per observation made a request cost 20
// microseconds in metrics; this way it costs about one.)

import { Counter, Histogram, type Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

export interface MetricNames {
  registry: Registry;
  name: string;
  help: string;
  labelNames?: readonly string[];
}

/** Only grows. Shown from its first count on. */
export class CounterSeries {
  value = 0;
  constructor(readonly labels: Labels) {}
}

/** Returns the maker of series. Contract: call it once per label set; it keeps each for ever. */
export function seriesCounter({
  registry,
  name,
  help,
  labelNames = [],
}: MetricNames): (labels: Labels) => CounterSeries {
  const all: CounterSeries[] = [];
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of all) if (value > 0) this.inc(labels, value);
      },
    }),
  );
  return (labels) => {
    const series = new CounterSeries(labels);
    all.push(series);
    return series;
  };
}

export class HistogramSeries {
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  /** @param bounds upper bounds, ascending, without infinity */
  constructor(
    readonly labels: Labels,
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const { bounds } = this;
    for (let index = 0; index < bounds.length; index += 1) {
      if (value <= bounds[index]!) {
        this.counts[index]! += 1;
        return;
      }
    }
  }
}

/** A line of the text format, in prom-client's words. */
interface Sample {
  metricName: string;
  labels: Readonly<Record<string, string | number>>;
  sharedLabels: Labels;
  value: number;
}

/**
 * A histogram whose numbers live in its series. The registry reads histograms by
 * `getForPromString`, and `get` builds on it; the declarations of prom-client leave it out, so the
 * tests of the observer pin that it is called.
 */
class SeriesHistogram extends Histogram {
  readonly #all: readonly HistogramSeries[];
  readonly #names: MetricNames;

  constructor(names: MetricNames, bounds: readonly number[], all: readonly HistogramSeries[]) {
    const { name, help, labelNames = [] } = names;
    super({ name, help, labelNames: [...labelNames], buckets: [...bounds], registers: [] });
    this.#names = names;
    this.#all = all;
  }

  async getForPromString() {
    const { name, help } = this.#names;
    const values = this.#all
      .filter(({ count }) => count > 0)
      .flatMap((series) => samplesOf(name, series));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}

/** Buckets are cumulative in the text format, plain in the series. */
function samplesOf(
  name: string,
  { labels: sharedLabels, bounds, counts, sum, count }: HistogramSeries,
): Sample[] {
  let cumulative = 0;
  const bucket = `${name}_bucket`;
  const buckets = bounds.map((bound, index): Sample => {
    cumulative += counts[index]!;
    return { metricName: bucket, labels: { le: bound }, sharedLabels, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: bucket, labels: { le: '+Inf' }, sharedLabels, value: count },
    { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
    { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
  ];
}

/** Returns the maker of series. Contract: call it once per label set; it keeps each for ever. */
export function seriesHistogram(
  names: MetricNames,
  bounds: readonly number[],
): (labels: Labels) => HistogramSeries {
  const all: HistogramSeries[] = [];
  names.registry.registerMetric(new SeriesHistogram(names, bounds, all));
  return (labels) => {
    const series = new HistogramSeries(labels, bounds);
    all.push(series);
    return series;
  };
}
