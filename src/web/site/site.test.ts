import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { Site } from './site.js';

async function siteOf(t: TestContext, files: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-site-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const site = new Site(folder);
  const server = createServer((request, response) => site.serve(request, response, request.url!));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('each kind of file has the policy and the sharing that it needs', async (t) => {
  const url = await siteOf(t, {
    'index.html': '<p>page</p>',
    'diagram.html': '<p>frame</p>',
    'sw.js': '1',
    'assets/a-1.js': '2',
  });
  const head = async (path: string) => {
    const { status, headers } = await fetch(url + path, { method: 'HEAD' });
    assert.equal(status, 200);
    return (name: string) => headers.get(name);
  };

  const page = await head('/');
  assert.match(page('content-security-policy')!, /script-src 'self';.*frame-ancestors 'none'/);
  assert.equal(page('x-frame-options'), 'DENY');
  assert.equal(page('access-control-allow-origin'), null);

  const frame = await head('/diagram.html');
  const policy = frame('content-security-policy')!;
  for (const rule of ["default-src 'none'", "script-src 'self'", 'sandbox allow-scripts']) {
    assert.ok(policy.split('; ').includes(rule), policy);
  }
  assert.doesNotMatch(policy, /\*|unsafe-eval|connect-src|allow-same-origin/);
  assert.equal(frame('x-frame-options'), null);
  assert.equal(frame('access-control-allow-origin'), null);

  // The frame has no origin: its modules are read across origins, and only those.
  const asset = await head('/assets/a-1.js');
  assert.equal(asset('access-control-allow-origin'), '*');
  assert.match(asset('cache-control')!, /immutable/);
  assert.equal((await head('/sw.js'))('access-control-allow-origin'), null);
});
