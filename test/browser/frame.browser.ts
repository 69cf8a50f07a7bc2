// The frame of the page in a real browser: signing in, languages, themes, palette, drawer, offline
// shell, budgets of the first load.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../../src/server/start-server.js';
import { noBrowser, PHONE, visit, watch } from './harness.js';

const skip = noBrowser;

test(
  'a first start on this machine signs in by itself and keeps the key out of the page',
  { skip },
  async (t) => {
    const { page, context, server, finish } = await visit(t, { path: '/' });
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    const stored = await page.evaluate(() =>
      JSON.stringify({ ...localStorage, ...sessionStorage }),
    );
    assert.ok(!stored.includes('sk-'), stored);
    assert.ok(!page.url().includes('sk-'));
    const [cookie] = await context.cookies();
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie?.sameSite, 'Strict');
    assert.ok(server.apiKey !== undefined && !cookie!.value.includes(server.apiKey));
    finish();
  },
);

test(
  'a server with keys asks for one, tells a wrong one, and signs out again',
  { skip },
  async (t) => {
    const { page, expectProblem, finish } = await visit(t, {
      server: { apiKey: 'sk-browser-test' },
      path: '/console',
    });
    expectProblem(/401/);
    const field = page.getByLabel('API key');
    await field.fill('sk-wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await field.fill('sk-browser-test');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await field.waitFor();
    finish();
  },
);

test(
  'the link that the server prints signs in once, as user and administrator',
  { skip },
  async (t) => {
    const running = await startServer({ port: 0, apiKey: 'sk-browser-test' });
    t.after(() => running.close());
    const link = running.pageUrl();
    assert.match(link, /#sign-in=[\w-]{22}$/);
    const first = await visit(t, { running });
    await first.page.goto(link);
    await first.page.getByRole('navigation', { name: 'Main' }).waitFor();
    assert.ok(!first.page.url().includes('sign-in'), 'the ticket leaves the address');
    await first.page.goto('/console/keys');
    await first.page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
    first.finish();
    const second = await visit(t, { running });
    second.expectProblem(/401/);
    await second.page.goto(link);
    await second.page.getByText('this link was used already').waitFor();
    second.finish();
  },
);

test('languages and themes switch at once and are remembered', { skip }, async (t) => {
  const { page, finish } = await visit(t, {
    path: '/console',
    language: 'zh',
    colorScheme: 'dark',
  });
  await page.getByRole('heading', { name: '总览', level: 1 }).waitFor();
  const background = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: '搜索命令和页面' }).waitFor();
  await page.keyboard.type('浅色');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (old) => getComputedStyle(document.documentElement).backgroundColor !== old,
    dark,
  );
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: '搜索命令和页面' }).waitFor();
  await page.keyboard.type('english');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  const light = await background();
  await page.reload();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  assert.equal(await background(), light);
  finish();
});

test('on a phone the sidebar is a drawer that Escape closes', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/console', viewport: PHONE });
  const link = page.getByRole('link', { name: 'Usage', exact: true });
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  assert.equal(await link.isVisible(), false);
  await page.getByRole('button', { name: 'Show sidebar' }).click();
  await link.waitFor();
  await link.focus();
  await page.keyboard.press('Escape');
  await link.waitFor({ state: 'hidden' });
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overhang <= 0, `the page is ${overhang} px wider than the screen`);
  finish();
});

test('the shell opens without a network once it was visited', { skip }, async (t) => {
  const { page, context, server } = await visit(t, { path: '/' });
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active!.state === 'activated') return;
    await new Promise((resolve) => active!.addEventListener('statechange', resolve));
  });
  await context.setOffline(true);
  const offline = await context.newPage();
  const problems = watch(offline, server.url);
  await offline.goto('/');
  await offline.getByText('The server cannot be reached').waitFor();
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('Failed to load resource')),
    [],
  );
});

test('the first load is small and soon interactive', { skip }, async (t) => {
  const { page, finish } = await visit(t, {});
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const scripts = new Map<string, number>();
  const isScript = new Set<string>();
  cdp.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') isScript.add(requestId);
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    scripts.set(requestId, encodedDataLength),
  );
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto('/');
    await page.getByRole('textbox').first().waitFor();
    times.push(await page.evaluate(() => performance.now()));
    if (i > 0) continue;
    const bytes = [...scripts].reduce((sum, [id, size]) => sum + (isScript.has(id) ? size : 0), 0);
    t.diagnostic(`first load: ${(bytes / 1024).toFixed(1)} KiB of JavaScript, compressed`);
    assert.ok(bytes > 0 && bytes <= 150_000, `${bytes} bytes of JavaScript`);
  }
  const median = times.toSorted((a, b) => a - b)[2]!;
  t.diagnostic(`interactive after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  assert.ok(median < 1000, `interactive after ${median} ms (median of 5)`);
  finish();
});
