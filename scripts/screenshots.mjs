// Takes the pictures of the page that README and docs show: a server with the embedded model, some
// work done on it by hand of this script, and a real browser. `node scripts/screenshots.mjs [FOLDER]`
// after `npm run build`; default docs/images. HADAL_CHROMIUM names another browser.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startServer } from '../dist/src/server/start-server.js';

/** With a folder: all pictures, to be looked at. Without: those that the repository shows. */
const SHOWN = [
  'chat',
  'chat-dark',
  'chat-phone-zh',
  'live',
  'trace',
  'keys',
  'playground',
  'models',
];
const isKept = (name) => process.argv[2] !== undefined || SHOWN.includes(name);

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs/images', import.meta.url));
mkdirSync(folder, { recursive: true });

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const QUESTIONS = ['What time is it?', 'How many miles are 42 km?', 'What is 384 * 27?'];

const server = await startServer({ port: 0 });
const executablePath = process.env.HADAL_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

try {
  const first = await open({});
  const conversation = await ask(first, QUESTIONS);
  await fillLedger(first);
  const wide = [
    ['chat', conversation],
    ['compare', '/compare'],
    ['console', '/console'],
    ['live', '/console/live'],
    ['requests', '/console/requests'],
    ['trace', `/console/requests/${await newestTrace(first)}`],
    ['usage', '/console/usage'],
    ['keys', '/console/keys'],
    ['ledger', '/console/ledger'],
    ['models', '/console/models'],
    ['playground', '/playground'],
    ['docs', '/docs/thinking-mode'],
    ['settings', '/settings'],
    ['status', '/status'],
    ['start', '/'],
  ];
  for (const look of [
    { suffix: '', viewport: DESKTOP },
    { suffix: '-dark', viewport: DESKTOP, colorScheme: 'dark' },
    { suffix: '-phone', viewport: PHONE },
    { suffix: '-phone-zh', viewport: PHONE, colorScheme: 'dark', locale: 'zh-CN' },
  ]) {
    const page = await open(look);
    for (const [name, path] of wide) {
      if (!isKept(name + look.suffix)) continue;
      await page.goto(path);
      await settled(page);
      await page.screenshot({ path: join(folder, `web-${name}${look.suffix}.png`) });
    }
    await page.context().close();
  }
} finally {
  await browser.close();
  await server.close();
}

async function open({ viewport = DESKTOP, colorScheme = 'light', locale = 'en-US' }) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale,
    baseURL: server.url,
    // Pictures of the repository show each pixel once.
    deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto('/');
  await page.locator('#main').waitFor();
  return page;
}

/** @returns the path of the conversation */
async function ask(page, questions) {
  for (const question of questions) {
    await page.getByRole('textbox', { name: 'Message' }).fill(question);
    await page.getByRole('button', { name: 'Send' }).click();
    await page
      .getByRole('button', { name: 'Stop' })
      .waitFor({ state: 'visible' })
      .catch(() => {});
    await page.getByRole('button', { name: 'Send' }).waitFor();
  }
  return new URL(page.url()).pathname;
}

/** A second account with money and a key, so that the console has something to show. */
async function fillLedger(page) {
  await page.evaluate(async () => {
    const post = (path, body) =>
      fetch(path, {
        method: 'POST',
        headers: { 'x-hadal-web': '1', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await post('/admin/accounts', { name: 'research' });
    const money = { currency: 'USD', note: 'invoice 7' };
    await post('/admin/accounts/research/balance', { kind: 'top-up', amount: '25.00', ...money });
    const gift = { kind: 'grant', currency: 'USD', amount: '5.00', note: 'welcome' };
    await post('/admin/accounts/research/balance', gift);
    await post('/admin/keys', { account: 'research', name: 'notebook', max_concurrency: 4 });
    await post('/admin/keys', { account: 'research', name: 'agents', profile: 'agents' });
  });
}

async function newestTrace(page) {
  return page.evaluate(async () => {
    const response = await fetch('/web/v1/requests?limit=1', { headers: { 'x-hadal-web': '1' } });
    return (await response.json()).data[0].trace_id;
  });
}

async function settled(page) {
  await page.locator('main').waitFor();
  await page.waitForFunction(() => document.querySelector('.spinner') === null);
  await page.evaluate(() => document.fonts.ready);
}
