// `hadal conformance` as a person runs it: reports on stdout, exit codes, messages for wrong usage.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startScripted } from '../helpers/scripted-server.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

function conformance(...args: string[]): Promise<Finished> {
  const env = { ...process.env, HADAL_API_KEY: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'conformance', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** A server that answers everything with an empty object. */
async function muteServer(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('reports a good server with exit code 0, as text and as JSON', async (t) => {
  const { server } = await startScripted(t);
  const args = ['--base-url', `${server.url}/`, '--api-key', server.apiKey, '--only', 'auth.*'];
  const [text, json] = await Promise.all([conformance(...args), conformance(...args, '--json')]);
  assert.deepEqual([text.code, json.code], [0, 0], text.stdout);
  assert.match(text.stdout, /^Conformance of http/);
  assert.match(text.stdout, /must +\d+ +0 +0\n/);
  assert.match(text.stderr, /met auth\.missing/);
  const summary = JSON.parse(json.stdout) as {
    unmet: unknown[];
    counts: { must: { met: number } };
  };
  assert.deepEqual(summary.unmet, []);
  assert.ok(summary.counts.must.met > 10);
});

test('an unmet must is named with what came, and ends with exit code 1', async (t) => {
  const url = await muteServer(t);
  const args = ['--base-url', url, '--api-key', 'sk-x', '--only', 'platform.models-bytes'];
  const text = await conformance(...args);
  assert.equal(text.code, 1);
  assert.match(text.stdout, /unmet \(must\) platform\.models-bytes: [^]*\n +body: .*got "\{\}"\n/);
  const junit = await conformance(...args, '--junit');
  assert.match(junit.stdout, /<failure message="The list of models, byte for byte">/);
});

test('wrong usage is told apart from a failure', async () => {
  const url = ['--base-url', 'http://127.0.0.1:9'];
  assert.equal((await conformance('--base-url', 'nowhere', '--api-key', 'k')).code, 2);
  assert.match((await conformance(...url)).stderr, /no key; pass --api-key or set HADAL_API_KEY/);
  const away = await conformance(...url, '--api-key', 'k');
  assert.deepEqual([away.code, away.stdout], [1, '']);
  assert.match(away.stderr, /hadal: http:\/\/127\.0\.0\.1:9 does not answer: .+/);
});
