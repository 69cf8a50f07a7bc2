// Models and the selection view in a real browser: a model is exchanged while the page watches, a pull
// fails with words, and the map of an answered request is read by pointer and by keys.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { EXAMPLE_MESSAGES, EXAMPLE_TOOLS } from '../../src/cli/inspect-example.js';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';
import type { RunningServer } from '../../src/server/start-server.js';
import { noBrowser, PHONE, visit } from './harness.js';

const skip = noBrowser;
const ADMIN = 'sk-admin-browser-test';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, html }) => `${target} ${html}`).join('; ')}`,
  );
}

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

/** A data folder with a small model of random weights. */
async function dataFolder(t: TestContext): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-browser-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  mkdirSync(join(dataDir, 'models'));
  const path = join(dataDir, 'models', 'random.gguf');
  await writeRandomModel(path, { config: presetConfig('test'), seed: 1, type: 'f32' });
  return dataDir;
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const main = document.querySelector('#main')!;
    return main.scrollWidth - main.clientWidth;
  });
}

for (const { name, ...look } of [
  { name: 'desktop, light', colorScheme: 'light' as const },
  { name: 'phone, dark', colorScheme: 'dark' as const, viewport: PHONE },
]) {
  test(`a model is exchanged, deleted, and fetched in vain: ${name}`, { skip }, async (t) => {
    const dataDir = await dataFolder(t);
    // Nobody listens there.
    const hubs = { hf: 'http://127.0.0.1:9' };
    const options = { server: { adminKey: ADMIN, dataDir, hubs }, ...look };
    const { page, finish, expectProblem } = await visit(t, options);
    await signIn(page);
    await page.goto('/console/models');
    await page.getByRole('heading', { name: /hadal-mini/ }).waitFor();
    assert.deepEqual(await findings(page), []);
    assert.equal(await overflow(page), 0);

    await page.getByRole('button', { name: 'Load random.gguf' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Load', exact: true }).click();
    await page.getByRole('heading', { name: /^random / }).waitFor();
    await page.getByRole('button', { name: 'Load hadal-mini' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Load', exact: true }).click();
    await page.getByRole('heading', { name: /hadal-mini/ }).waitFor();

    await page.getByRole('button', { name: 'Delete random.gguf' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('random.gguf is deleted').waitFor();

    expectProblem(/400/);
    await page.getByLabel('Source').fill('hf:owner/repo/../x');
    await page.getByRole('button', { name: 'Fetch' }).click();
    await page.getByText(/a source is hf:owner\/repo/).waitFor();
    assert.deepEqual(await findings(page), []);
    finish();
  });

  test(`the map of an answered request: ${name}`, { skip }, async (t) => {
    const { page, server, finish } = await visit(t, { server: { adminKey: ADMIN }, ...look });
    const trace = await askExample(server);
    await signIn(page);
    await page.goto(`/console/requests/${trace}`);
    await page.getByRole('link', { name: 'What attention kept' }).click();
    const map = page.getByRole('slider', { name: 'Map of layers and positions' });
    await map.waitFor();
    // Every layer has its own colours: the canvas is painted, and not in one colour.
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.heat-map canvas')!;
      const { data } = canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, Math.min(canvas.height, 120));
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 10, `${colours} colours`);
    assert.deepEqual(await findings(page), []);
    assert.equal(await overflow(page), 0);

    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    assert.match((await map.getAttribute('aria-valuetext'))!, /position 4\d\d, layer 0: kept/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Showing layer 1, all tokens of the reply').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('button.token').nth(3).click();
    await page.getByText(/Showing all layers, token 4/).waitFor();
    await page.getByRole('radio', { name: 'Tokens' }).click();

    await page.getByLabel('Positions kept').fill('48');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText(/what the best 48 by its indexer would have been/).waitFor();
    assert.deepEqual(await findings(page), []);
    finish();
  });
}

/** The trace of a request with tools, as long as the indexer leaves something out. */
async function askExample(server: RunningServer): Promise<string> {
  const messages = EXAMPLE_MESSAGES.map((message) => {
    const { role } = message as { role: string };
    return role === 'assistant' ? { ...(message as object), reasoning_content: '' } : message;
  });
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-reasoner',
      messages,
      tools: EXAMPLE_TOOLS,
      max_tokens: 64,
    }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  await response.text();
  return response.headers.get('x-ds-trace-id')!;
}
