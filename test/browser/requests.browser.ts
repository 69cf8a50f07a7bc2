// The live view and the request log in a real browser: a running request is seen while it runs, a
// finished one is followed to its steps, its contents, the cause of its cache miss, and into the chat.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { RunningServer } from '../../src/server/start-server.js';
import { noBrowser, PHONE, visit } from './harness.js';

const skip = noBrowser;
const ADMIN = 'sk-admin-browser-test';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULE = 'Answer briefly, in plain words, and name your source. '.repeat(20);

function send(server: RunningServer, fields: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'deepseek-chat', max_tokens: 16, ...fields }),
    ...(signal && { signal }),
  });
}

async function ask(server: RunningServer, time: string): Promise<void> {
  const messages = [
    { role: 'system', content: `It is ${time}. ${RULE}` },
    { role: 'user', content: 'How deep is the harbour?' },
  ];
  const response = await send(server, { messages });
  assert.equal(response.status, 200);
  await response.text();
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join('; ')}`,
  );
}

/** As an administrator with a key of their own. */
async function signIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('navigation').first().waitFor();
  const status = await page.evaluate(async (adminKey) => {
    const response = await fetch('/web/v1/session', {
      method: 'POST',
      headers: { 'x-hadal-web': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ admin_key: adminKey }),
    });
    return response.status;
  }, ADMIN);
  assert.equal(status, 204);
}

for (const { name, ...look } of [
  { name: 'desktop, light', colorScheme: 'light' as const },
  { name: 'phone, dark', colorScheme: 'dark' as const, viewport: PHONE },
]) {
  test(
    `from the log to the cause of a cache miss and into the chat: ${name}`,
    { skip },
    async (t) => {
      const { page, server, finish } = await visit(t, { server: { adminKey: ADMIN }, ...look });
      await ask(server, '10:00:01');
      await ask(server, '10:05:44');
      await signIn(page);
      await page.goto('/console/requests');
      const rows = page.locator('.request-table tbody tr');
      await rows.nth(1).waitFor();
      assert.equal(await rows.count(), 2);
      assert.deepEqual(await findings(page), []);
      await rows.first().getByRole('link').click();

      const waterfall = page.getByRole('region', { name: 'Where the time went' });
      await waterfall.getByRole('rowheader', { name: 'Prefill' }).waitFor();
      assert.equal(await waterfall.getByRole('rowheader').count(), 8);
      await page
        .getByRole('region', { name: 'Ledger' })
        .getByText(/^0\.0\d+ CNY$/)
        .waitFor();
      await page
        .getByRole('region', { name: 'Request', exact: true })
        .getByText(/It is 10:05:44/)
        .waitFor();

      await page.getByRole('button', { name: 'Why the cache did or did not help' }).click();
      await page.getByText('A date or a time changes early in the prompt').waitFor();
      assert.equal(await page.locator('mark.earlier').textContent(), '0:01');
      assert.equal(await page.locator('mark.current').textContent(), '5:44');
      assert.deepEqual(await findings(page), []);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overhang <= 0, `the page is ${overhang} px wider than the screen`);

      await page.getByRole('button', { name: 'Open in the chat' }).click();
      await page.waitForURL(/\/c\/conv_/);
      await page.locator('#main').getByText('How deep is the harbour?').first().waitFor();
      finish();
    },
  );
}

test('what runs is seen while it runs, and leads to its trace', { skip }, async (t) => {
  const { page, server, finish } = await visit(t, { server: { adminKey: ADMIN } });
  await signIn(page);
  const leave = new AbortController();
  const messages = [{ role: 'user', content: 'Count.' }];
  // Half a second per token: it runs until it is left.
  const answer = await fetch(`${server.url}/lab/slow-tokens:500/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'deepseek-chat', messages, stream: true }),
    signal: leave.signal,
  });
  assert.equal(answer.status, 200);
  await page.goto('/console/live');
  const table = page.getByRole('region', { name: 'Running and waiting' }).first();
  const row = table.locator('tbody tr').first();
  await row.getByText('decode').waitFor();
  await page.locator('.chart-box canvas').first().waitFor();
  assert.deepEqual(await findings(page), []);
  await row.getByRole('link').click();
  await page.getByText('The request is still running.').first().waitFor();
  leave.abort();
  await page.getByText(/cut/).first().waitFor();
  finish();
});
