// Comparing in a real browser: one prompt, two sides, what each took, and going on with one of them.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ChatOnPage } from './chat-visit.js';
import { noBrowser, PHONE, visit } from './harness.js';

const skip = noBrowser;
const PROMPT = 'What is the date 10 days after 2026-03-25?';

test(
  'both sides answer, their figures stand below, and one goes on in the chat',
  { skip },
  async (t) => {
    const { page, finish } = await visit(t, { path: '/compare' });
    await page.getByRole('textbox', { name: 'Prompt for both' }).fill(PROMPT);
    await page.keyboard.press('Enter');
    const sides = ['Standard · thinking', 'Speciale'];
    for (const name of sides) {
      const side = page.getByRole('region', { name, exact: true });
      await side.getByText('It is 2026-04-04.').waitFor();
      await side.getByRole('button', { name: /^Thought for/ }).waitFor();
    }
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.getByRole('row').nth(2).waitFor();
    assert.deepEqual(await table.getByRole('rowheader').allInnerTexts(), sides);

    const right = page.getByRole('region', { name: 'Speciale', exact: true });
    await right.getByRole('button', { name: 'Continue in the chat' }).click();
    await page.waitForURL(/\/c\//);
    const chat = new ChatOnPage(page);
    await chat.answer.getByText('It is 2026-04-04.').waitFor();
    await page.getByRole('button', { name: 'Model: Speciale' }).waitFor();
    finish();
  },
);

test('on a phone the sides are tabs', { skip }, async (t) => {
  const { page, finish } = await visit(t, { path: '/compare', viewport: PHONE });
  await page.getByRole('region', { name: 'Standard · thinking' }).waitFor();
  assert.equal(await page.getByRole('region', { name: 'Speciale' }).isVisible(), false);
  await page.getByRole('radio', { name: 'Speciale' }).click();
  await page.getByRole('region', { name: 'Speciale' }).waitFor();
  finish();
});
