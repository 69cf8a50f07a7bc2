// Every page through axe: names, roles, contrast (WCAG 2.1 A and AA), in both themes and languages, on
// a desktop and on a phone; and no page is wider than the phone's screen.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { DESKTOP, noBrowser, PHONE, visit } from './harness.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PATHS = [
  '/',
  '/compare',
  '/console',
  '/console/live',
  '/console/requests',
  '/console/usage',
  '/console/keys',
  '/console/ledger',
  '/console/models',
  '/playground',
  '/docs',
  '/docs/thinking-mode',
  '/settings',
  '/status',
  '/console/nowhere',
];

/** Findings in words: the rule, how bad, and the first elements. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    }),
  );
  return violations.map(({ id, impact, nodes }) => {
    const targets = nodes.slice(0, 4).map(({ target, failureSummary }) => {
      const why = id === 'color-contrast' ? ` (${failureSummary?.split('\n')[1]?.trim()})` : '';
      return `${target.join(' ')}${why}`;
    });
    return `${id} (${impact}): ${targets.join('; ')}`;
  });
}

const LOOKS = [
  { name: 'light, English, desktop', colorScheme: 'light', language: 'en', viewport: DESKTOP },
  { name: 'dark, Chinese, phone', colorScheme: 'dark', language: 'zh', viewport: PHONE },
] as const;

for (const { name, ...look } of LOOKS) {
  test(`no page has a finding: ${name}`, { skip: noBrowser }, async (t) => {
    const { page, expectProblem, finish } = await visit(t, { ...look, path: '/' });
    // What is not there answers so.
    expectProblem(/404/);
    await page.locator('#main').waitFor();
    const all: string[] = [];
    for (const path of PATHS) {
      await page.goto(path);
      await page.locator('main').waitFor();
      await page.waitForFunction(() => document.querySelector('.spinner') === null);
      for (const finding of await findings(page)) all.push(`${path}: ${finding}`);
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      if (overhang > 0) all.push(`${path}: ${overhang} px wider than the screen`);
    }
    assert.deepEqual(all, []);
    finish();
  });
}

test('the sign-in page has no finding', { skip: noBrowser }, async (t) => {
  const { page, finish } = await visit(t, { server: { apiKey: 'sk-given' }, path: '/' });
  await page.getByLabel('API key').waitFor();
  assert.deepEqual(await findings(page), []);
  finish();
});
