// OTEL_* variables: what is followed, what is refused, and that messages show no header values.

import assert from 'node:assert/strict';
import test from 'node:test';
import { otlpFromEnvironment } from './otlp-environment.js';

const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('no endpoint, no traces', () => {
  assert.equal(otlpFromEnvironment({}), undefined);
  assert.equal(otlpFromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), undefined);
  assert.equal(otlpFromEnvironment({ ...BASE, OTEL_SDK_DISABLED: 'TRUE' }), undefined);
  assert.equal(otlpFromEnvironment({ ...BASE, OTEL_TRACES_EXPORTER: 'none' }), undefined);
});

test('the common endpoint is a base, the one for traces is taken as it is', () => {
  const endpointOf = (env: Record<string, string>) => otlpFromEnvironment(env)?.endpoint;
  assert.equal(endpointOf(BASE), 'http://collector:4318/v1/traces');
  assert.equal(
    endpointOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://x/otlp/' }),
    'https://x/otlp/v1/traces',
  );
  assert.equal(
    endpointOf({ ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/in' }),
    'http://other/in',
  );
});

test('headers, names, attributes, sampler and timeout', () => {
  assert.deepEqual(
    otlpFromEnvironment({
      ...BASE,
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1, authorization=Bearer%20x=y',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2',
      OTEL_SERVICE_NAME: 'edge',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=lost,deployment.environment.name=prod%2Ceu',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    }),
    {
      endpoint: 'http://collector:4318/v1/traces',
      headers: { a: '2', authorization: 'Bearer x=y' },
      serviceName: 'edge',
      resourceAttributes: { 'deployment.environment.name': 'prod,eu' },
      sampler: { ratio: 0.1, isParentBased: false },
      timeoutMs: 2500,
    },
  );
  assert.deepEqual(otlpFromEnvironment(BASE), {
    endpoint: 'http://collector:4318/v1/traces',
    headers: {},
    serviceName: 'hadal',
    resourceAttributes: {},
    sampler: { ratio: 1, isParentBased: true },
  });
});

test('what cannot be followed is refused by name', () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /PROTOCOL is "grpc": .*http\/json/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, /ENDPOINT begins with "localhost:43"/],
    [{ OTEL_TRACES_SAMPLER: 'toString' }, /SAMPLER is "toString"; known are always_on/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, /SAMPLER_ARG is "2"/],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '1s' }, /TIMEOUT is "1s"/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,secretvalue' }, /HEADERS: entry 2 is not key=value/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }, /HEADERS: entry 1/],
  ];
  for (const [env, message] of rows) {
    assert.throws(
      () => otlpFromEnvironment({ ...BASE, ...env }),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes('secretvalue'));
        return true;
      },
    );
  }
});
