// A thought of 100,000 tokens at full speed through the real chat page: no task of the page's thread is
// long, the reader scrolls in it meanwhile and is never pulled back, little of it is in the page, and
// memory stays bounded.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Page } from 'playwright-core';
import { loadBuiltinTokenizer } from '../../src/encoding/builtin-tokenizers.js';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import type { Conversation } from '../../src/web/wire.js';
import { ScriptedBackend } from '../helpers/scripted-backend.js';
import { noBrowser, visit } from './harness.js';
import { heapOf, inMs, watchTasks } from './page-tasks.js';

const skip = noBrowser;
const EOS = '<｜end▁of▁sentence｜>';
const TOKENS = 100_000;
const MAX_TASK_MS = 50;

const tokenizer = loadBuiltinTokenizer('v3.2');

const SENTENCES = [
  'The pressure of the surrounding water increases steadily with every additional metre, ',
  'therefore the frame of the vehicle has to carry considerably more than it does at the surface. ',
  'Wait, that assumes a constant density, which is approximately right but certainly not exactly. ',
  'Perhaps a different approximation would explain the remaining difference somewhat better. ',
  '所以这里还要再仔细检查一遍前面的计算结果。',
];

/** Half a million characters, in lines of several lengths, numbered, with an end to look for. */
function thought(): string {
  let text = '';
  let step = 0;
  let tokens = 0;
  while (tokens < TOKENS) {
    let lines = '';
    for (let line = 0; line < 200; line++) {
      step++;
      if (step % 4 === 1) lines += `Step ${step}: `;
      lines += SENTENCES[(step * 7 + (step >> 4)) % SENTENCES.length]!;
      if (step % 9 === 0) lines += '\n\n';
      else if (step % 5 === 0) lines += '\n';
    }
    text += lines;
    tokens += tokenizer.encode(lines).length;
  }
  return `${text}The last word of the thought.`;
}

async function openChat(page: Page, server: RunningServer): Promise<void> {
  const response = await fetch(`${server.url}/web/v1/conversations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}` },
    body: JSON.stringify({ settings: { model: 'speciale', tools: [] } }),
  });
  assert.equal(response.status, 201);
  const { id } = (await response.json()) as Conversation;
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.goto(`/c/${id}`);
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
}

test('a thought of 100,000 tokens at full speed', { skip, timeout: 240_000 }, async (t) => {
  const text = thought();
  let isHalf: () => void;
  const half = new Promise<void>((resolve) => (isHalf = resolve));
  const backend = new ScriptedBackend({
    tokenizer,
    contextLength: 262_144,
    complete: () => `${text}</think>The answer.${EOS}`,
    beforeToken: (index) => {
      if (index === TOKENS / 2) isHalf();
    },
  });
  const running = await startServer({ port: 0, served: { backend, tokenizer }, log: () => {} });
  t.after(() => running.close());
  const { browser, page, finish } = await visit(t, { running });
  await openChat(page, running);
  const before = await heapOf(page);
  const watched = await watchTasks(browser, page);

  const field = page.getByRole('textbox', { name: 'Message' });
  await field.fill('How deep can it dive?');
  const startedAt = performance.now();
  await field.press('Enter');
  const box = page.getByRole('log', { name: 'Thoughts of the model' });
  await box.getByText('Step 33:').waitFor({ state: 'attached' });

  // The reader goes up while it goes on, and stays where they are.
  await box.hover();
  await page.mouse.wheel(0, -3000);
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  const place = () => box.evaluate(({ scrollTop }) => scrollTop);
  const grown = (from: number) =>
    page.waitForFunction(
      (height) => document.querySelector('.long-text-box')!.scrollHeight > height + 20_000,
      from,
    );
  const height = await box.evaluate(({ scrollHeight }) => scrollHeight);
  const at = await place();
  await grown(height);
  assert.ok(Math.abs((await place()) - at) <= 1, 'a reader who scrolled up was moved');
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, turn % 5 === 4 ? 1500 : -700);

  // Back to the end, and on with it.
  await page.getByRole('button', { name: 'To the end' }).click();
  await half;
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  const parts = await page.evaluate(() => document.querySelectorAll('.long-text-part').length);
  const distance = await box.evaluate(
    ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
  );
  await page.getByText('The answer.').waitFor({ timeout: 180_000 });
  const seconds = (performance.now() - startedAt) / 1000;
  const { tasks, wallTasks, frames } = await watched.end();
  const after = await heapOf(page);

  // Folded when it is over; all of it is there.
  await page.getByRole('button', { name: /Thought for/ }).click();
  await box.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await box.getByText('The last word of the thought.').waitFor();

  const grownMiB = (after - before) / 2 ** 20;
  t.diagnostic(
    `${TOKENS} tokens, ${text.length} characters in ${seconds.toFixed(1)} s: ` +
      `${(TOKENS / seconds).toFixed(0)} tokens/s`,
  );
  t.diagnostic(frames);
  t.diagnostic(
    `tasks ${tasks.length}: longest ${tasks.slice(0, 3).map(inMs).join(', ')} of processor time; ` +
      `${wallTasks.length} above 50 ms by the wall (${wallTasks.map(inMs).join(', ')})`,
  );
  t.diagnostic(
    `heap ${(before / 2 ** 20).toFixed(1)} -> ${(after / 2 ** 20).toFixed(1)} MiB; ` +
      `half way ${nodes} elements, ${parts} parts of the text in the page`,
  );
  assert.ok(distance <= 4000, `${distance} px from the end although the reader is there`);
  assert.ok(parts <= 12, `${parts} parts in the page`);
  assert.ok(nodes < 1500, `${nodes} elements`);
  assert.ok(grownMiB < 24, `the heap grew by ${grownMiB.toFixed(1)} MiB`);
  assert.ok(tasks.length > 1000, `only ${tasks.length} tasks were traced`);
  assert.ok(tasks[0]! <= MAX_TASK_MS, `a task took ${inMs(tasks[0]!)}`);
  finish();
});
