// The pages docs/profiles.md list every leniency and every pitfall, and there is a test for each; what
// they say about granting works over the admin API, at once.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { packageFile } from '../../src/package-root.js';
import { LENIENCIES } from '../../src/protocol/leniency.js';
import { startScripted } from '../helpers/scripted-server.js';

/** First cells of the rows of every table. */
function firstCells(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|')[1]!.trim());
}

for (const page of ['docs/profiles.md', 'docs/profiles.zh-CN.md']) {
  test(`${page} lists the leniencies in the order of the code, and 22 pitfalls`, () => {
    const cells = firstCells(readFileSync(packageFile(page), 'utf8'));
    const named = cells.flatMap((cell) => /^`([a-z_]+)`$/.exec(cell)?.[1] ?? []);
    assert.deepEqual(named, [...LENIENCIES]);
    const numbered = cells.filter((cell) => /^\d+$/.test(cell)).map(Number);
    assert.deepEqual(
      numbered,
      Array.from({ length: 22 }, (_, index) => index + 1),
    );
  });
}

test('every pitfall has a test that names it', () => {
  const folder = packageFile('test/e2e');
  const sources = readdirSync(folder)
    .filter((name) => name.startsWith('pitfalls'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n');
  for (let number = 1; number <= 22; number++) {
    assert.match(sources, new RegExp(`(?:test\\(['"\`]pitfall |^  ')${number}: `, 'm'));
  }
});

const BODY = { model: 'deepseek-chat', messages: [{ role: 'developer', content: 'hi' }] };

test('the admin API grants and takes away, at once', async (t) => {
  const { server } = await startScripted(t);
  const admin = async (method: string, path: string, fields: object) => {
    const response = await fetch(`${server.url}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  await admin('POST', '/accounts', { name: 'team', unlimited: true });
  const { status, body } = await admin('POST', '/keys', {
    account: 'team',
    profile: '2025-12-01',
    leniencies: ['developer_role'],
  });
  assert.equal(status, 201);
  const ask = async () => {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body['key']}`, 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
    });
    await response.text();
    return [response.status, response.headers.get('x-hadal-leniency')];
  };
  assert.deepEqual(await ask(), [200, 'developer_role']);
  const path = `/keys/${body['id']}`;
  await admin('PATCH', path, { leniencies: [] });
  assert.deepEqual(await ask(), [400, null]);
  await admin('PATCH', path, { profile: 'agents' });
  assert.deepEqual(await ask(), [200, 'developer_role']);
  await admin('PATCH', path, { profile: null });
  assert.deepEqual(await ask(), [400, null]);
  for (const fields of [{ profile: 'agent' }, { leniencies: ['developer'] }]) {
    assert.equal((await admin('PATCH', path, fields)).status, 400);
  }
});
