// The conversations beside the chat in a real browser: found, renamed, filed, exported, shared, brought
// in, deleted and taken back; by mouse, by keyboard, on a phone; and thousands of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { ConversationPage } from '../../src/web/wire.js';
import { DESKTOP, noBrowser, PHONE, visit, type VisitOptions } from './harness.js';

const skip = noBrowser;
const DAY_MS = 86_400_000;

interface Given {
  title: string;
  folder?: string;
  tags?: string[];
  daysAgo?: number;
  answer?: string;
}

/** Opens the chat of a server that has these conversations. */
async function visitWith(t: test.TestContext, given: readonly Given[], options: VisitOptions = {}) {
  const visited = await visit(t, options);
  const { server, page } = visited;
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${server.url}/web/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    });
    return (await response.json()) as T;
  };
  const now = Date.now();
  const exports = given.map(({ title, folder = null, tags = [], daysAgo = 0, answer }, index) => {
    const at = new Date(now - daysAgo * DAY_MS - index).toISOString();
    const question = { id: 'q', parent_id: null, created_at: at, role: 'user', content: 'And?' };
    return {
      hadal_conversation: 1,
      title,
      folder,
      tags,
      created_at: at,
      updated_at: at,
      settings: {},
      head_id: 'q',
      messages: [{ ...question, content: answer ?? 'And?', files: [] }],
      files: [],
    };
  });
  await call('/conversations/import', { method: 'POST', body: JSON.stringify(exports) });
  await page.goto('/');
  await page.locator('.conversation').first().waitFor({ state: 'attached' });
  return {
    ...visited,
    list: () => call<ConversationPage>('/conversations'),
    row: (title: string) => page.locator('.conversation', { hasText: title }),
    choose: async (title: string, action: string) => {
      await page.locator('.conversation', { hasText: title }).hover();
      await page.getByRole('button', { name: `More for “${title}”` }).click();
      await page.getByRole('menuitem', { name: action }).click();
    },
  };
}

const SOME: readonly Given[] = [
  { title: 'Whales', answer: 'How deep does the SPERM whale dive?' },
  { title: '稀疏注意力', folder: '研究', tags: ['dsa'], daysAgo: 1 },
  { title: 'Dockerfile', folder: 'Work', daysAgo: 3 },
  { title: 'Old plans', daysAgo: 70 },
];

test('conversations stand by day; a search marks what it found', { skip }, async (t) => {
  const { page, row, finish } = await visitWith(t, SOME);
  const headings = await page.locator('.conversations-scroll h3').allInnerTexts();
  assert.deepEqual(headings.slice(0, 3), ['Today', 'Yesterday', 'Last 7 days']);
  const search = page.getByRole('searchbox', { name: 'Search conversations' });
  await search.fill('sperm WHALE');
  await row('Whales').locator('mark').waitFor();
  assert.equal(await row('Whales').locator('mark').innerText(), 'SPERM whale');
  assert.equal(await page.locator('.conversation').count(), 1);
  await search.fill('注意力');
  await row('稀疏').waitFor();
  await search.fill('nowhere at all');
  await page.getByText('Nothing found').waitFor();
  await search.press('Escape');
  await row('Old plans').waitFor();
  finish();
});

test('renaming, filing and narrowing are kept on the server', { skip }, async (t) => {
  const { page, row, choose, list, finish } = await visitWith(t, SOME);
  await choose('Whales', 'Rename');
  const field = page.getByRole('textbox', { name: 'Title' });
  await field.fill('Sperm whales');
  await field.press('Enter');
  await row('Sperm whales').waitFor();
  await choose('Sperm whales', 'Folder and tags…');
  await page.getByRole('combobox', { name: 'Folder' }).fill('Sea');
  await page.getByLabel('Add a tag').fill('deep');
  await page.getByRole('button', { name: 'Save' }).click();
  await row('#deep').waitFor();
  const { data } = await list();
  const kept = data.find(({ title }) => title === 'Sperm whales');
  assert.deepEqual([kept?.folder, kept?.tags], ['Sea', ['deep']]);
  await page.getByRole('button', { name: 'Folders, tags and import' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Work' }).click();
  await row('Sperm whales').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.conversation').count(), 1);
  await page.getByRole('button', { name: 'Show all conversations' }).click();
  await row('Sperm whales').waitFor();
  finish();
});

test('a deletion can be taken back; one that is not goes from the server', { skip }, async (t) => {
  const { page, row, choose, list, finish } = await visitWith(t, SOME);
  await choose('Whales', 'Delete');
  await row('Whales').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await row('Whales').waitFor();
  assert.equal((await list()).data.length, 4);
  await choose('Dockerfile', 'Delete');
  await row('Dockerfile').waitFor({ state: 'detached' });
  const gone = page.waitForResponse(
    (response) => response.request().method() === 'DELETE' && response.ok(),
  );
  await gone;
  const { data } = await list();
  assert.ok(data.every(({ title }) => title !== 'Dockerfile'));
  finish();
});

test('the keyboard finds, opens, renames and deletes', { skip }, async (t) => {
  const { page, row, finish } = await visitWith(t, SOME);
  const search = page.getByRole('searchbox', { name: 'Search conversations' });
  await search.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  assert.match((await focused())!, /稀疏注意力/);
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Old plans');
  await page.keyboard.press('/');
  assert.equal(await search.evaluate((field) => field === document.activeElement), true);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/c\/conv_/);
  // Opening ends in the field for the next question.
  await page.waitForFunction(() => document.activeElement?.matches('.composer textarea'));
  await row('Dockerfile').getByRole('link').focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Containers');
  await page.keyboard.press('Enter');
  await row('Containers').waitFor();
  assert.equal(await focused(), 'ContainersWork', 'the focus is back on the row');
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row('Containers').waitFor({ state: 'detached' });
  finish();
});

test('exports and the page to share are files; an export is read again', { skip }, async (t) => {
  const { page, choose, row, list, finish } = await visitWith(t, SOME);
  await choose('Whales', 'Export…');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  const json = await saving;
  assert.equal(json.suggestedFilename(), 'Whales.json');
  await page.getByRole('button', { name: 'Copy curl' }).click();
  await page.getByText('Copied').waitFor();
  assert.match(
    await page.evaluate(() => navigator.clipboard.readText()),
    /^curl --no-buffer 'http/,
  );
  await page.keyboard.press('Escape');

  await choose('Whales', 'Share…');
  const sharing = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the page' }).click();
  const shared = await sharing;
  const html = readFileSync(await shared.path(), 'utf8');
  assert.match(html, /<h1>Whales<\/h1>[^]*SPERM whale/);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Folders, tags and import' }).click();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Import…' }).click();
  await (await choosing).setFiles(await json.path());
  await page.getByText('1 conversation imported').waitFor();
  await page.waitForURL(/\/c\/conv_/);
  assert.equal(await row('Whales').count(), 2);
  assert.equal((await list()).data.length, 5);
  finish();
});

test(
  'of 400 conversations only those in sight are drawn, and the end is reached',
  { skip },
  async (t) => {
    const many = Array.from({ length: 400 }, (_, index) => ({
      title: `Number ${index}`,
      daysAgo: index / 4,
    }));
    const { page, row, finish } = await visitWith(t, many);
    const scroller = page.locator('.conversations-scroll');
    const toEnd = () => scroller.evaluate((box) => (box.scrollTop = box.scrollHeight));
    while ((await row('Number 399').count()) === 0) {
      await toEnd();
      assert.ok((await page.locator('.conversation').count()) < 80);
    }
    await row('Number 399').waitFor();
    finish();
  },
);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: { run: (within: string, options: object) => Promise<AxeResults> };
      }
    ).axe.run('.sidebar', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join('; ')}`,
  );
}

const LOOKS = [
  { name: 'light, English, desktop', colorScheme: 'light', language: 'en', viewport: DESKTOP },
  { name: 'dark, Chinese, phone', colorScheme: 'dark', language: 'zh', viewport: PHONE },
] as const;

for (const { name, ...look } of LOOKS) {
  test(`the list and its dialogs have no accessibility finding: ${name}`, { skip }, async (t) => {
    const { page, finish } = await visitWith(t, SOME, look);
    const [share, organise] = look.language === 'en' ? ['Share…', 'Folder'] : ['分享…', '文件夹'];
    if (look.viewport === PHONE) {
      await page.getByRole('button', { name: '显示侧边栏' }).click();
      await page.locator('.sidebar.open').waitFor();
    }
    const all: string[] = await findings(page);
    for (const dialog of [share, organise]) {
      await page.locator('.conversation').nth(1).hover();
      await page.locator('.conversation .icon-button').nth(1).click();
      await page.getByRole('menu').waitFor();
      all.push(...(await findings(page)));
      await page.getByRole('menuitem', { name: dialog! }).click();
      await page.getByRole('dialog').waitFor();
      all.push(...(await findings(page)));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    assert.deepEqual(all, []);
    finish();
  });
}
