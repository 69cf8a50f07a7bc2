// The console's money and keys, and the playground, in a real browser: a key is made, paid for, used,
// counted, revoked; the ledger adds up; streams are seen event by event.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { RunningServer } from '../../src/server/start-server.js';
import { noBrowser, PHONE, visit } from './harness.js';

const skip = noBrowser;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

/** The status of a small request with this key. */
async function use(server: RunningServer, key: string): Promise<number> {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-chat',
      max_tokens: 8,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
  await response.text();
  return response.status;
}

async function textOfDownload(page: Page, press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFileSync(await download.path(), 'utf8');
}

/** Of a new account, in the dialog that is open already. */
async function createKey(page: Page, name: string, account: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Account', { exact: true }).selectOption({ label: 'New account …' });
  await dialog.getByLabel('Name of the new account').fill(account);
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Requests at once').fill('0');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('A whole number from 1').waitFor();
  await dialog.getByLabel('Requests at once').fill('3');
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('cannot be shown again').waitFor();
  const key = await dialog.getByRole('region', { name: 'API key' }).innerText();
  assert.match(key, /^sk-[0-9a-f]{32}$/);
  assert.match(await dialog.getByRole('region', { name: 'Try it' }).innerText(), new RegExp(key));
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  return key;
}

test('a key is made, paid for, used, counted and revoked', { skip }, async (t) => {
  const { page, server, finish } = await visit(t, { path: '/console/keys' });
  await page.getByRole('button', { name: 'Create key' }).click();
  const key = await createKey(page, 'ci', '=alice');
  assert.ok(!(await page.content()).includes(key), 'the key is shown once');
  assert.equal(await use(server, key), 402);

  await page.getByRole('radio', { name: 'Accounts' }).click();
  await page.getByText('used up').waitFor();
  await page
    .getByRole('row', { name: /=alice/ })
    .getByRole('link', { name: 'Ledger' })
    .click();
  await page.getByText('Used up:').waitFor();
  await page.getByRole('button', { name: 'Top up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Top up' }).click();
  await dialog.getByText('An amount above zero').waitFor();
  await dialog.getByLabel('Amount').fill('12.5');
  await dialog.getByLabel('Note').fill('=HYPERLINK("http://x")');
  await dialog.getByRole('button', { name: 'Top up' }).dblclick();
  await page.getByText('¥12.50 for =alice is in the ledger').waitFor();
  await page.getByRole('cell', { name: '+¥12.50' }).waitFor();
  assert.equal(await page.getByRole('cell', { name: 'Top-up' }).count(), 1);

  assert.equal(await use(server, key), 200);
  assert.equal(await use(server, key), 200);
  await page.reload();
  await page.getByRole('cell', { name: 'Charge' }).first().waitFor();
  assert.equal(await page.getByRole('cell', { name: 'Charge' }).count(), 2);
  await page.getByRole('button', { name: 'Recompute' }).click();
  await page.getByText('Sound', { exact: true }).waitFor();
  assert.deepEqual(await findings(page), []);
  const ledger = await textOfDownload(page, () =>
    page.getByRole('button', { name: 'CSV' }).click(),
  );
  assert.match(ledger, /top-up,CNY,12\.50,12\.50,"'=HYPERLINK\(""http:\/\/x""\)"/);
  assert.match(ledger, /charge,CNY,-0\.000/);

  await page.goto('/console/usage');
  await page.getByLabel('Account', { exact: true }).selectOption({ label: '=alice' });
  await page.locator('.figure', { hasText: 'Requests' }).getByText('2', { exact: true }).waitFor();
  await page.locator('.chart canvas').first().waitFor();
  const box = page.getByRole('figure', { name: 'Tokens' }).getByRole('img');
  await box.focus();
  await page.keyboard.press('End');
  await page.locator('.chart [aria-live]', { hasText: 'Answer: 16' }).first().waitFor();
  await page.getByRole('button', { name: 'Show as a table' }).first().click();
  await page.getByRole('columnheader', { name: 'Input, cache miss' }).waitFor();
  assert.deepEqual(await findings(page), []);
  const usage = await textOfDownload(page, () => page.getByRole('button', { name: 'CSV' }).click());
  assert.match(usage, /,deepseek-chat,key_\w+,ci \*{4}\w{4},2,/);

  await page.goto('/console/keys');
  const row = page.getByRole('row', { name: /ci/ });
  await row
    .getByText(/second|minute|now/)
    .first()
    .waitFor();
  await row.getByRole('button', { name: /Change limits/ }).click();
  await dialog.getByLabel('Profile').selectOption('agents');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByText('agents').waitFor();
  await row.getByRole('button', { name: /Revoke/ }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('is revoked').waitFor();
  await row.waitFor({ state: 'detached' });
  await page.getByRole('switch', { name: 'Revoked and expired' }).click();
  await row.getByText('revoked').waitFor();
  assert.equal(await use(server, key), 401);
  finish();
});

test('whoever has a key sees its usage, and no more', { skip }, async (t) => {
  const visited = await visit(t, { server: { apiKey: 'sk-of-somebody-else' }, path: '/' });
  const { page, server, finish } = visited;
  assert.equal(await use(server, 'sk-of-somebody-else'), 200);
  await page.getByLabel('API key').fill('sk-of-somebody-else');
  await page.getByLabel('API key').press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.goto('/console');
  await page.getByText('1 requests').waitFor();
  await page.getByText(`${server.url}/anthropic`, { exact: true }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Server' }).count(), 0);
  await page.goto('/console/usage');
  await page.getByRole('radio', { name: 'Whole account' }).click();
  await page.locator('.chart canvas').first().waitFor();
  await page.goto('/console/keys');
  await page.getByText('This page administers the server').waitFor();
  finish();
});

test(
  'the playground shows a stream event by event, and what it adds up to',
  { skip },
  async (t) => {
    const { page, finish } = await visit(t, { path: '/playground/chat' });
    await page.getByLabel('Model', { exact: true }).selectOption('hello');
    await page.getByRole('button', { name: 'Streaming', exact: true }).click();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Assembled from the stream').waitFor();
    await page.getByText('total', { exact: true }).waitFor();
    await page.getByRole('tab', { name: /Events \(\d+\)/ }).click();
    const events = page.locator('.play-events > li');
    assert.ok((await events.count()) > 3);
    await events.last().getByText('[DONE]').waitFor();
    await events.first().locator('summary').click();
    await events.first().getByText('"object": "chat.completion.chunk"').waitFor();
    await page.getByLabel('Filter events').fill('[DONE]');
    assert.equal(await events.count(), 1);
    assert.deepEqual(await findings(page), []);
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByText(/x-ds-trace-id: [0-9a-f]{32}/).waitFor();
    const trace = await page.getByRole('link', { name: 'Trace' }).getAttribute('href');
    assert.match(trace!, /^\/console\/requests\/[0-9a-f]{32}$/);
    finish();
  },
);

test('a reply is stopped, and what was sent before is found again', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/playground/messages' });
  await page.getByLabel('Model', { exact: true }).selectOption('slow-tokens');
  await page.getByLabel('Number of the scenario').fill('2000');
  await page.getByRole('button', { name: 'Streaming', exact: true }).click();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('tab', { name: /Events/ }).click();
  await page.getByText('message_start').first().waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped by you').waitFor();
  await page.getByRole('link', { name: 'Balance' }).click();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('"is_available": true').waitFor();
  await page.getByRole('button', { name: /slow-tokens:2000\/anthropic/ }).click();
  await page.getByText('Stopped by you').waitFor();
  finish();
});

test('form and text are one body, and a wrong line is named', { skip }, async (t) => {
  const { page, expectProblem, finish } = await visit(t, { path: '/playground/chat' });
  expectProblem(/400/);
  const editor = page.getByLabel('Request body (JSON)');
  await page.getByRole('radio', { name: 'Form' }).click();
  await page.getByLabel('temperature').fill('0.5');
  await page.getByLabel('thinking.type').selectOption('enabled');
  await page.getByLabel('stop', { exact: true }).fill('["a"]');
  await page.getByRole('radio', { name: 'JSON', exact: true }).click();
  const body = JSON.parse(await editor.inputValue()) as Record<string, unknown>;
  assert.equal(body['temperature'], 0.5);
  assert.deepEqual(body['thinking'], { type: 'enabled' });
  assert.deepEqual(body['stop'], ['a']);
  await page.getByRole('radio', { name: 'Python' }).click();
  await page.getByText('extra_body').waitFor();
  await page.getByRole('radio', { name: 'JSON', exact: true }).click();
  await editor.fill('{\n  "model": "deepseek-chat",\n  "messages" []\n}');
  await page.getByText('Line 3:').waitFor();
  await page.getByRole('radio', { name: 'Form' }).click();
  await page.getByText('is not JSON now').waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('invalid_request_error').waitFor();

  await page.getByRole('button', { name: 'From the contract' }).click();
  await page.getByPlaceholder('Filter').fill("Model 'gpt-4'");
  await page.getByRole('button', { name: /gpt-4/ }).click();
  await page.getByRole('radio', { name: 'JSON', exact: true }).click();
  assert.match(await editor.inputValue(), /"model": "gpt-4"/);
  finish();
});

test('a link fills the playground and sends nothing', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/' });
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/completions')) sent.push(request.url());
  });
  const draft = encodeURIComponent(JSON.stringify({ body: '{"model":"x"}', lab: '../admin' }));
  await page.goto(`/playground/fim#draft=${draft}`);
  const editor = page.getByLabel('Request body (JSON)');
  await page.waitForFunction(() => location.hash === '');
  assert.equal(await editor.inputValue(), '{"model":"x"}');
  assert.ok(!(await page.content()).includes('../admin'));
  await page.getByRole('button', { name: 'Copy a link' }).click();
  await page.getByText('Opening it sends nothing').waitFor();
  assert.deepEqual(sent, []);
  finish();
});

test('the pages fit a phone', { skip }, async (t) => {
  const { page, server, finish } = await visit(t, { path: '/', viewport: PHONE, language: 'zh' });
  await use(server, server.apiKey!);
  await page.locator('#main').waitFor();
  for (const path of ['/console', '/console/usage', '/console/ledger', '/playground/fim']) {
    await page.goto(path);
    await page.locator('#main').waitFor();
    await page.waitForFunction(() => document.querySelector('.spinner') === null);
    const overhang = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    assert.ok(overhang <= 0, `${path} is ${overhang} px wider than the screen`);
    assert.deepEqual(await findings(page), []);
  }
  finish();
});
