// The documentation in a real browser: reading, search, languages, links, copying, print, without
// signing in and without a network.

import assert from 'node:assert/strict';
import test from 'node:test';
import { noBrowser, PHONE, visit } from './harness.js';

const skip = noBrowser;

test('reading: navigation, contents, next page, headings by address', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/docs' });
  await page.getByRole('main').getByRole('link', { name: 'Tool calls' }).click();
  await page.getByRole('heading', { name: 'Tool calls', level: 1 }).waitFor();
  assert.equal(await page.title(), 'Tool calls · Hadal');
  const contents = page.getByRole('navigation', { name: 'On this page' });
  await contents.getByRole('link', { name: 'Strict' }).click();
  assert.match(page.url(), /\/docs\/tool-calls#strict$/);
  await contents.locator('a[aria-current]', { hasText: 'Strict' }).waitFor();
  await page.getByRole('link', { name: 'reasoning', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Thinking mode', level: 1 }).waitFor();
  const heading = page.getByRole('heading', { name: 'What goes back' });
  await heading.waitFor();
  const top = (await heading.boundingBox())!.y;
  assert.ok(top >= 0 && top < 300, `the heading of the link is at ${top} px`);
  await page.getByRole('link', { name: 'Next Tool calls' }).click();
  await page.getByRole('heading', { name: 'Tool calls', level: 1 }).waitFor();
  finish();
});

test('search by keyboard in both languages', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/docs/quick-start' });
  await page.getByRole('heading', { name: 'Quick start', level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('retry-after');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/docs\/(error-codes|limits|api)/);
  await page.getByRole('button', { name: '中文: show in Chinese' }).click();
  await page.locator('h1', { hasText: /错误码|限制与等待|API/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('缓存上下文');
  await page.getByRole('option', { name: '上下文缓存' }).first().click();
  await page.getByRole('heading', { name: '上下文缓存', level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('qqqq');
  await page.getByText('没有找到').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: '页面' }).waitFor();
  finish();
});

test('code is copied as it stands', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/docs/quick-start' });
  await page.getByRole('button', { name: 'Copy code' }).first().click();
  await page.locator('[data-copied="Copied"]').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, 'npm ci && npm start\n');
  finish();
});

test('on a phone nothing is wider than the screen, in any page', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/docs', viewport: PHONE });
  const links = page.getByRole('main').getByRole('link');
  await links.first().waitFor();
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
  assert.ok(paths.length > 30);
  for (const path of new Set(paths)) {
    await page.goto(path);
    await page.locator('.doc-body').waitFor();
    const overhang = await page.evaluate(() => {
      const main = document.getElementById('main')!;
      return Math.max(
        document.documentElement.scrollWidth - innerWidth,
        main.scrollWidth - main.clientWidth,
      );
    });
    assert.ok(overhang <= 0, `${path} is ${overhang} px wider than the screen`);
  }
  finish();
});

test('for everybody: without signing in, and again without a network', { skip }, async (t) => {
  const { page, context, finish } = await visit(t, {
    server: { apiKey: 'sk-browser-test' },
    path: '/docs/limits',
  });
  await page.getByRole('heading', { name: 'Limits and waiting', level: 1 }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Account and settings' }).count(), 0);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active!.state === 'activated') return;
    await new Promise((resolve) => active!.addEventListener('statechange', resolve));
  });
  // What was loaded before the worker was there is kept from the second visit on.
  await page.reload();
  await page.getByRole('heading', { name: 'Limits and waiting', level: 1 }).waitFor();
  finish();
  await context.setOffline(true);
  await page.reload();
  await page.getByRole('heading', { name: 'Limits and waiting', level: 1 }).waitFor();
});

test('printed, a page is its text and nothing else', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/docs/caching' });
  const title = page.getByRole('heading', { name: 'Context caching', level: 1 });
  await title.waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('navigation', { name: 'Main' }).isVisible(), false);
  assert.equal(await page.getByRole('navigation', { name: 'Pages' }).isVisible(), false);
  assert.ok(await title.isVisible());
  const [shown, whole] = await page.evaluate(() => [
    document.getElementById('main')!.clientHeight,
    document.getElementById('main')!.scrollHeight,
  ]);
  assert.equal(shown, whole, 'nothing is cut off');
  finish();
});
