// OpenTelemetry's environment variables for traces, as far as we follow them (specifications "OTLP
// Exporter" and "Environment Variable"). The only place that reads them.

import { ALWAYS, type Sampler } from './sampler.js';

export interface OtlpOptions {
  /** Where spans are posted, path included: `http://collector:4318/v1/traces`. */
  endpoint: string;
  protocol?: 'http/json';
  headers?: Readonly<Record<string, string>>;
  serviceName?: string;
  resourceAttributes?: Readonly<Record<string, string>>;
  sampler?: Sampler;
  /** Of one request to the collector. */
  timeoutMs?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * undefined when no endpoint is set, or traces are switched off (`OTEL_SDK_DISABLED=true`,
 * `OTEL_TRACES_EXPORTER=none`).
 * @throws Error naming the variable, the value seen and what would be right.
 */
export function otlpFromEnvironment(env: Environment): OtlpOptions | undefined {
  // The specification: an empty value counts as unset.
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const readEither = (suffix: string): string | undefined =>
    read(`OTEL_EXPORTER_OTLP_TRACES_${suffix}`) ?? read(`OTEL_EXPORTER_OTLP_${suffix}`);

  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  if (read('OTEL_TRACES_EXPORTER') === 'none') return undefined;
  const endpoint = readEndpoint(read);
  if (endpoint === undefined) return undefined;
  requireHttp(readEither('PROTOCOL'));

  const attributes = parseList('OTEL_RESOURCE_ATTRIBUTES', read('OTEL_RESOURCE_ATTRIBUTES'));
  const { 'service.name': nameAttribute, ...resourceAttributes } = attributes;
  const timeout = readEither('TIMEOUT');
  return {
    endpoint,
    headers: {
      ...parseList('OTEL_EXPORTER_OTLP_HEADERS', read('OTEL_EXPORTER_OTLP_HEADERS')),
      ...parseList('OTEL_EXPORTER_OTLP_TRACES_HEADERS', read('OTEL_EXPORTER_OTLP_TRACES_HEADERS')),
    },
    serviceName: read('OTEL_SERVICE_NAME') ?? nameAttribute ?? 'hadal',
    resourceAttributes,
    sampler: parseSampler(read('OTEL_TRACES_SAMPLER'), read('OTEL_TRACES_SAMPLER_ARG')),
    ...(timeout !== undefined && { timeoutMs: parseTimeout(timeout) }),
  };
}

/** The variable for traces is taken as it is; the common one is a base to which a path is added. */
function readEndpoint(read: (name: string) => string | undefined): string | undefined {
  const traces = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (traces !== undefined) return checkedUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', traces).href;
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (base === undefined) return undefined;
  const url = checkedUrl('OTEL_EXPORTER_OTLP_ENDPOINT', base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}

function checkedUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  // The value may hold credentials, so only its beginning is shown.
  const seen = JSON.stringify(text.slice(0, 12));
  throw new Error(
    `${name} begins with ${seen}: give an http or https URL such as http://localhost:4318`,
  );
}

/** Every OTLP/HTTP receiver takes JSON beside protobuf; gRPC is another port and another language. */
function requireHttp(protocol: string | undefined): void {
  if (protocol === undefined || protocol === 'http/json' || protocol === 'http/protobuf') return;
  throw new Error(
    `OTEL_EXPORTER_OTLP_PROTOCOL is ${JSON.stringify(protocol)}: traces are sent as http/json; ` +
      'set that, and an endpoint that speaks it (port 4318 by custom, not 4317)',
  );
}

/** `key=value,key2=value2`, values percent-encoded. */
function parseList(name: string, text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair, index): [string, string] => {
      const equals = pair.indexOf('=');
      const key = pair.slice(0, Math.max(0, equals)).trim();
      const value = decoded(pair.slice(equals + 1).trim());
      if (key === '' || value === undefined) {
        // Header values are secrets: the message names the place, not the text.
        throw new Error(
          `${name}: entry ${index + 1} is not key=value with a percent-encoded value`,
        );
      }
      return [key, value];
    }),
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // the caller reports it with the name of the variable
  }
}

const SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => ({ ratio: 1, isParentBased: false }),
  always_off: () => ({ ratio: 0, isParentBased: false }),
  traceidratio: (ratio) => ({ ratio, isParentBased: false }),
  parentbased_always_on: () => ALWAYS,
  parentbased_always_off: () => ({ ratio: 0, isParentBased: true }),
  parentbased_traceidratio: (ratio) => ({ ratio, isParentBased: true }),
};

function parseSampler(name = 'parentbased_always_on', argument = '1'): Sampler {
  const make = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (!make) {
    const names = Object.keys(SAMPLERS).join(', ');
    throw new Error(`OTEL_TRACES_SAMPLER is ${JSON.stringify(name)}; known are ${names}`);
  }
  const ratio = Number(argument);
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new Error(
      `OTEL_TRACES_SAMPLER_ARG is ${JSON.stringify(argument)}: give a share from 0 to 1`,
    );
  }
  return make(ratio);
}

function parseTimeout(text: string): number {
  const ms = Number(text);
  if (Number.isInteger(ms) && ms > 0 && ms <= 600_000) return ms;
  throw new Error(
    `OTEL_EXPORTER_OTLP_TIMEOUT is ${JSON.stringify(text)}: give milliseconds from 1 to 600000`,
  );
}
