// The exporter against a collector on this machine: batches, retries, bounds, and an end that comes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { localCollector } from '../../test/helpers/local-collector.js';
import { ManualTimers } from '../../test/helpers/manual-timers.js';
import { backgroundTimers } from './clock.js';
import { OtlpExporter, type OtlpExporterOptions } from './otlp-exporter.js';
import type { OtlpSpan } from './otlp-span.js';

function span(name: string): OtlpSpan {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name,
    kind: 2,
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
    attributes: [],
    status: {},
    flags: 1,
  };
}

function newExporter(endpoint: string, options: Partial<OtlpExporterOptions> = {}) {
  const lines: string[] = [];
  const exporter = new OtlpExporter({
    endpoint,
    serviceVersion: '1.2.3',
    timers: backgroundTimers,
    log: (level, message, fields) => lines.push(`${level} ${message} ${fields?.['why'] ?? ''}`),
    backoffMs: 1,
    ...options,
  });
  return { exporter, lines };
}

test('spans wait for company, and close sends what is left', async () => {
  const collector = await localCollector();
  const { exporter } = newExporter(collector.endpoint, {
    timers: new ManualTimers(),
    headers: { 'x-tenant': 'blue' },
    serviceName: 'edge',
    resourceAttributes: { region: 'eu' },
  });
  exporter.add([span('one')]);
  exporter.add([span('two'), span('three')]);
  assert.equal(collector.posted.length, 0);
  await exporter.close();
  await exporter.close();
  const [post, ...more] = collector.posted;
  assert.equal(more.length, 0);
  assert.equal(post!.path, '/v1/traces');
  assert.equal(post!.headers['content-type'], 'application/json');
  assert.equal(post!.headers['x-tenant'], 'blue');
  const { resource, scopeSpans } = post!.body.resourceSpans[0]!;
  assert.deepEqual(resource.attributes, [
    { key: 'region', value: { stringValue: 'eu' } },
    { key: 'service.name', value: { stringValue: 'edge' } },
    { key: 'service.version', value: { stringValue: '1.2.3' } },
    { key: 'telemetry.sdk.language', value: { stringValue: 'nodejs' } },
  ]);
  assert.deepEqual(scopeSpans[0]!.scope, { name: 'hadal', version: '1.2.3' });
  assert.deepEqual(
    collector.spans().map(({ name }) => name),
    ['one', 'two', 'three'],
  );
  assert.equal(exporter.exportedSpans, 3);
  exporter.add([span('late')]);
  assert.equal(exporter.droppedSpans, 1);
  await collector.close();
});

test('the delay sends, and so does a full batch', async () => {
  let onPost = (): void => undefined;
  const collector = await localCollector((response) => {
    response.end('{}');
    onPost();
  });
  const nextPost = (): Promise<void> => new Promise((resolve) => (onPost = resolve));
  const timers = new ManualTimers();
  const { exporter } = newExporter(collector.endpoint, { timers, delayMs: 100, maxBatchSpans: 2 });
  const first = nextPost();
  exporter.add([span('one')]);
  timers.advance(100);
  await first;
  const second = nextPost();
  exporter.add([span('two')]);
  exporter.add([span('three')]);
  await second;
  await exporter.close();
  assert.equal(collector.spans().length, 3);
  await collector.close();
});

test('429 and 503 are tried again, after the time the collector asks for', async () => {
  const collector = await localCollector((response, index) => {
    if (index === 0) response.writeHead(429, { 'retry-after': '7' }).end();
    else if (index === 1) response.writeHead(503).end();
    else response.end('{}');
  });
  const waits: number[] = [];
  const { exporter, lines } = newExporter(collector.endpoint, {
    maxBatchSpans: 1,
    backoffMs: 1000,
    timers: {
      after(ms, callback) {
        waits.push(ms);
        setImmediate(callback);
        return () => undefined;
      },
    },
  });
  exporter.add([span('one')]);
  while (exporter.exportedSpans === 0) await new Promise(setImmediate);
  assert.equal(collector.posted.length, 3);
  assert.equal(waits[0], 7000);
  assert.ok(waits[1]! >= 2000 && waits[1]! <= 3000, `${waits[1]}`);
  assert.equal(exporter.droppedSpans, 0);
  assert.deepEqual(lines, []);
  await exporter.close();
  await collector.close();
});

test('other failures are final and counted, and the log says so once', async () => {
  const collector = await localCollector((response) => response.writeHead(400).end('no'));
  const { exporter, lines } = newExporter(collector.endpoint, { maxBatchSpans: 1 });
  exporter.add([span('one')]);
  exporter.add([span('two')]);
  await exporter.close();
  assert.equal(exporter.droppedSpans, 2);
  assert.equal(collector.posted.length, 2);
  assert.deepEqual(lines, ['warn traces are being lost the collector answered 400']);
  await collector.close();
});

test('spans the collector rejects from a batch count as dropped', async () => {
  const answer = JSON.stringify({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' },
  });
  const collector = await localCollector((response) => response.end(answer));
  const { exporter } = newExporter(collector.endpoint);
  exporter.add([span('one'), span('two')]);
  await exporter.close();
  assert.deepEqual([exporter.exportedSpans, exporter.droppedSpans], [1, 1]);
  await collector.close();
});

test('the queue is bounded; a request is taken whole or not at all', async () => {
  const collector = await localCollector();
  const { exporter } = newExporter(collector.endpoint, {
    timers: new ManualTimers(),
    maxQueuedSpans: 3,
  });
  exporter.add([span('one'), span('two')]);
  exporter.add([span('three'), span('four')]);
  exporter.add([span('five')]);
  assert.equal(exporter.droppedSpans, 2);
  await exporter.close();
  assert.deepEqual(
    collector.spans().map(({ name }) => name),
    ['one', 'two', 'five'],
  );
  await collector.close();
});

test('a collector that is away costs its attempts, then the spans', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { exporter, lines } = newExporter(`http://127.0.0.1:${port}/v1/traces`, {
    maxBatchSpans: 1,
    maxAttempts: 3,
  });
  exporter.add([span('one')]);
  while (exporter.droppedSpans === 0) await new Promise(setImmediate);
  assert.match(lines[0]!, /ECONNREFUSED/);
  await exporter.close();
});

test('close does not wait for a collector that never answers, nor for a backoff', async () => {
  const silent = await localCollector(() => undefined);
  const timers = new ManualTimers();
  const { exporter } = newExporter(silent.endpoint, { timers, closeTimeoutMs: 50 });
  exporter.add([span('one')]);
  const closed = exporter.close();
  while (silent.posted.length === 0) await new Promise(setImmediate);
  timers.advance(50);
  await closed;
  assert.equal(exporter.droppedSpans, 1);
  await silent.close();

  const busy = await localCollector((response) => response.writeHead(503).end());
  const waiting = newExporter(busy.endpoint, { timers, maxBatchSpans: 1, backoffMs: 1_000_000 });
  waiting.exporter.add([span('two')]);
  while (timers.numPending === 0) await new Promise(setImmediate);
  await waiting.exporter.close();
  assert.equal(busy.posted.length, 2);
  assert.equal(waiting.exporter.droppedSpans, 1);
  await busy.close();
});

test('a collector that is slower than the limit counts as away', async () => {
  const silent = await localCollector(() => undefined);
  const { exporter, lines } = newExporter(silent.endpoint, { timeoutMs: 30, maxAttempts: 1 });
  exporter.add([span('one')]);
  await exporter.close();
  assert.match(lines[0]!, /timeout/i);
  await silent.close();
});
