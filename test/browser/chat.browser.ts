// The chat in a real browser: thinking and tools with the embedded model, streams that are slow, split,
// broken or refused, stopping, answering now, branches, drafts, and lost connections.

import assert from 'node:assert/strict';
import test from 'node:test';
import { gate, startScripted } from '../helpers/scripted-server.js';
import { turnText } from '../helpers/played-model.js';
import { ChatOnPage, visitChat } from './chat-visit.js';
import { cuttable } from './cuttable-server.js';
import { noBrowser, visit } from './harness.js';

const skip = noBrowser;

test(
  'the embedded model thinks, calls a tool and answers; a reload shows the same',
  { skip },
  async (t) => {
    const { page, finish } = await visit(t, { path: '/' });
    const chat = new ChatOnPage(page);
    await page.getByRole('button', { name: /What is 384/ }).click();
    await chat.answered();
    await page.waitForURL(/\/c\//);
    await chat.answer.getByText('384 * 27 = 10368.').waitFor();
    const steps = chat.answer.locator('.step, .answer-text');
    const kinds = () =>
      steps.evaluateAll((all) =>
        all.map((step) =>
          step.matches('.thought') ? 'thought' : step.matches('.tool') ? 'tool' : 'text',
        ),
      );
    assert.deepEqual(await kinds(), ['thought', 'tool', 'thought', 'text']);
    const card = chat.answer.locator('.tool');
    assert.match(
      await card.innerText(),
      /Calculator[\s\S]*expression\s*384 \* 27[\s\S]*result\s*10368/,
    );
    const thought = chat.thoughts.first();
    assert.equal(await thought.getAttribute('aria-expanded'), 'false');
    await thought.click();
    await chat.answer.getByText(/The user wants/).waitFor();
    const usage = chat.answer.getByRole('button', { name: /tokens\/s/ });
    assert.match(
      await usage.innerText(),
      /\d+ in[\s\S]*\d+ thinking[\s\S]*\d+ out[\s\S]*first token[\s\S]*\$0\.0/,
    );
    await usage.click();
    assert.equal(await chat.answer.getByRole('row').count(), 3);

    const before = await card.innerText();
    await page.reload();
    await chat.answered();
    await chat.answer.getByText('384 * 27 = 10368.').waitFor();
    assert.deepEqual(await kinds(), ['thought', 'tool', 'thought', 'text']);
    assert.equal(await card.innerText(), before);
    finish();
  },
);

test('text whose bytes are split over tokens comes out whole', { skip }, async (t) => {
  const { chat, finish } = await visitChat(t, { lab: 'split-utf8' });
  await chat.ask('show');
  await chat.answered();
  await chat.answer.getByText('深海 𠮷野家 👩‍👩‍👧‍👦 🏳️‍🌈 naïve ☃ 龘').waitFor();
  await chat.thoughts.click();
  await chat.answer.getByText('用户想看多字节字符。🐟').waitFor();
  finish();
});

test(
  'thinking is seen with time and tokens; answer now ends it, and the answer follows',
  { skip },
  async (t) => {
    const { chat, finish } = await visitChat(t, { lab: 'mid-silence' });
    await chat.ask('think');
    await chat.answer.getByText('Thinking…').waitFor();
    await chat.answer.getByText(/3 tokens/).waitFor();
    await chat.answer.getByRole('button', { name: 'Answer now' }).click();
    await chat.answer.getByText(/ended by you/).waitFor();
    // The answer is a silent one as well: stopped after its first words.
    await chat.answer.locator('.answer-text').waitFor();
    await chat.stop.click();
    await chat.answered();
    await chat.answer.getByText('Stopped').waitFor();
    await chat.answer.getByRole('button', { name: 'Continue' }).waitFor();
    finish();
  },
);

test('Escape stops; the words that came stay', { skip }, async (t) => {
  const held = gate();
  t.after(held.open);
  const { server } = await startScripted(t, {
    complete: (prompt) => turnText({ content: 'one two three' }, prompt.endsWith('<think>')),
    beforeToken: (index) => (index === 2 ? held.passed : undefined),
  });
  const { page, chat, finish } = await visitChat(t, { thinking: false }, { running: server });
  await chat.ask('count');
  await chat.answer.locator('.answer-text').waitFor();
  await page.keyboard.press('Escape');
  await chat.answered();
  await chat.answer.getByText('Stopped').waitFor();
  assert.notEqual((await chat.text()).trim(), '');
  finish();
});

const FAILURES = [
  { lab: 'overloaded', words: /Service is too busy/ },
  { lab: 'rate-limit', words: /rate/i },
  { lab: 'insufficient-balance', words: /Insufficient Balance/ },
  { lab: 'mid-stream-failure', words: /could not finish the reply/ },
  { lab: 'cut-connection', words: /./ },
] as const;

test("failures are told in the API's words, and can be tried again", { skip }, async (t) => {
  const { page, api, chat, finish } = await visitChat(t, { lab: 'overloaded' });
  for (const { lab, words } of FAILURES) {
    const { id } = await api.newConversation({ lab });
    await page.goto(`/c/${id}`);
    await chat.ask('try');
    await chat.answered();
    assert.match(await chat.answer.getByRole('alert').innerText(), words, lab);
    await api.call('PATCH', `/conversations/${id}`, { settings: { lab: 'hello' } });
    await chat.answer.getByRole('button', { name: 'Try again' }).click();
    await chat.answered();
    await chat.answer.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('2/2').waitFor();
  }
  finish();
});

test(
  'an answer made again and a question edited are branches to go between',
  { skip },
  async (t) => {
    let count = 0;
    const { server } = await startScripted(t, {
      complete: (prompt) => turnText({ content: `Answer ${++count}.` }, prompt.endsWith('<think>')),
    });
    const { page, chat, finish } = await visitChat(t, { thinking: false }, { running: server });
    await chat.ask('first');
    await chat.answered();
    await chat.answer.getByRole('button', { name: 'Answer again' }).click();
    await chat.answer.getByText('Answer 2.').waitFor();
    await chat.answered();
    await chat.answer.getByRole('button', { name: 'Previous version' }).click();
    await chat.answer.getByText('Answer 1.').waitFor();
    await chat.ask('second');
    await chat.answered(2);

    const question = page.getByRole('region', { name: 'You asked' }).first();
    await question.hover();
    await question.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByRole('textbox', { name: 'Edit the question' });
    await editor.fill('first, in other words');
    await editor.press('Enter');
    await chat.answer.getByText('Answer 4.').waitFor();
    await chat.answered();
    assert.equal(await chat.answers.count(), 1);
    await question.getByRole('button', { name: 'Previous version' }).click();
    // Down to where the other branch was left.
    await chat.answer.getByText('Answer 3.').waitFor();
    assert.equal(await chat.answers.count(), 2);

    await page.reload();
    await chat.answer.getByText('Answer 3.').waitFor();
    await page.getByText('1/2').first().waitFor();
    finish();
  },
);

test(
  'what was typed survives a reload, per conversation, and goes when it is sent',
  { skip },
  async (t) => {
    const { page, api, chat, finish } = await visitChat(t, { lab: 'hello' });
    const other = await api.newConversation({ lab: 'hello' });
    const start = new URL('/', page.url()).href;
    const url = page.url();
    await chat.field.fill('half a thought');
    await page.reload();
    assert.equal(await chat.field.inputValue(), 'half a thought');
    await page.goto(start);
    await chat.field.fill('something new');
    await page.goto(`/c/${other.id}`);
    assert.equal(await chat.field.inputValue(), '');
    await page.goto(url);
    await chat.field.press('Enter');
    await chat.answered();
    assert.equal(await chat.field.inputValue(), '');
    await page.reload();
    await chat.answered();
    assert.equal(await chat.field.inputValue(), '');
    await page.goto(start);
    assert.equal(await chat.field.inputValue(), 'something new');
    finish();
  },
);

test(
  'Enter sends, Shift with Enter does not, nor does an Enter that ends a composition',
  { skip },
  async (t) => {
    const { page, chat, finish } = await visitChat(t, { lab: 'hello' });
    await chat.field.fill('ni');
    await chat.field.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    await chat.field.press('Shift+Enter');
    assert.equal(await chat.field.inputValue(), 'ni\n');
    assert.equal(await chat.answers.count(), 0);
    await chat.field.press('Enter');
    await chat.answered();
    await page.goto('/settings');
    await page.getByRole('radio', { name: 'New line' }).click();
    await page.goBack();
    await chat.answered();
    await chat.field.fill('a');
    await chat.field.press('Enter');
    assert.equal(await chat.field.inputValue(), 'a\n');
    await chat.field.press('Control+Enter');
    await chat.answered(2);
    finish();
  },
);

test('a reload in the middle of an answer finds it running and goes on', { skip }, async (t) => {
  const held = gate();
  t.after(held.open);
  const { server } = await startScripted(t, {
    complete: (prompt) =>
      turnText({ thinking: 'slow thought', content: 'Here it is.' }, prompt.endsWith('<think>')),
    beforeToken: (index) => (index === 3 ? held.passed : undefined),
  });
  const { page, chat, finish } = await visitChat(t, {}, { running: server });
  await chat.ask('wait');
  await chat.answer.getByText('Thinking…').waitFor();
  await page.reload();
  await chat.answer.getByText('Thinking…').waitFor();
  await chat.stop.waitFor();
  held.open();
  await chat.answered();
  await chat.answer.getByText('Here it is.').waitFor();
  assert.equal(await chat.answers.count(), 1);
  finish();
});

test(
  'a lost connection is said; when it is back the answer goes on, nothing is lost',
  { skip },
  async (t) => {
    const held = gate();
    t.after(held.open);
    const { server } = await startScripted(t, {
      complete: (prompt) =>
        turnText({ content: 'before the cut and after it' }, prompt.endsWith('<think>')),
      beforeToken: (index) => (index === 4 ? held.passed : undefined),
    });
    const { running, cut, mend } = await cuttable(t, server);
    const visited = await visitChat(t, { thinking: false }, { running });
    const { page, chat, expectProblem, finish } = visited;
    expectProblem(/net::ERR_/);
    await chat.ask('go');
    await chat.answer.locator('.answer-text').waitFor();
    cut();
    await page.getByText('Connection lost, trying again…').waitFor();
    held.open();
    mend();
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    await chat.answered();
    await chat.answer.getByText('before the cut and after it').waitFor();
    finish();
  },
);

test('Speciale takes no tools and always thinks; the choice is kept', { skip }, async (t) => {
  const { page, chat, finish } = await visitChat(t, {});
  await page.getByRole('button', { name: 'Model: Standard' }).click();
  await page.getByRole('radio', { name: /Speciale/ }).click();
  assert.equal(
    await page.getByRole('button', { name: 'Thinking', exact: true }).isDisabled(),
    true,
  );
  assert.equal(await page.getByRole('button', { name: /^Tools/ }).isDisabled(), true);
  await chat.ask('What is 27 + 384?');
  await chat.answered();
  await chat.answer.getByText('411').first().waitFor();
  assert.equal(await chat.answer.locator('.tool').count(), 0);
  await page.reload();
  await page.getByRole('button', { name: 'Model: Speciale' }).waitFor();
  finish();
});

test(
  'the next request is counted against the window, and one that is too long is told before',
  { skip },
  async (t) => {
    const { page, chat, finish } = await visitChat(t, {});
    await chat.field.fill('What is 1 + 1?');
    await page.getByText(/\d+ of 4,096 tokens/).waitFor({ state: 'attached' });
    await chat.field.fill('word '.repeat(5000));
    await page.getByText(/does not fit/).waitFor();
    finish();
  },
);

test(
  'a file is read in the page, counted, sent with the question, and kept',
  { skip },
  async (t) => {
    const { page, finish } = await visit(t, { path: '/' });
    const chat = new ChatOnPage(page);
    await chat.field.fill('How many rows?');
    await page.locator('input[type=file]').setInputFiles([
      { name: 'data.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n3,4\n') },
      {
        name: 'x.bin',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from([0, 1, 255, 254, 0]),
      },
    ]);
    const files = page.getByRole('list', { name: 'Attached files' });
    await files.getByText(/41 tokens/).waitFor();
    await files.getByRole('alert').waitFor();
    // What cannot be read keeps the question back until it is taken out.
    await page
      .getByRole('button', { name: 'Remove the file that could not be read first' })
      .waitFor();
    await files.getByRole('button', { name: 'Remove x.bin' }).click();
    assert.equal(await chat.field.inputValue(), 'How many rows?');
    await chat.field.press('Enter');
    await chat.answered();
    const question = page.getByRole('region', { name: 'You asked' });
    assert.match(await question.innerText(), /data\.csv\s+How many rows\?/);
    assert.equal(await files.count(), 0);
    await page.reload();
    await question.getByText('data.csv').waitFor();
    await page.getByRole('link', { name: 'New chat' }).click();
    assert.equal(await chat.field.inputValue(), '');
    finish();
  },
);

test(
  'a reader who scrolled up is left alone, and comes back with one click',
  { skip },
  async (t) => {
    const held = gate();
    t.after(held.open);
    const line = (index: number) => `Line ${index}.\n\n`;
    const many = (from: number) =>
      Array.from({ length: 60 }, (_, index) => line(from + index)).join('');
    const { server } = await startScripted(t, {
      complete: (prompt) =>
        turnText({ content: `${many(0)}${many(60)}` }, prompt.endsWith('<think>')),
      beforeToken: (index) => (index === 350 ? held.passed : undefined),
    });
    const { page, chat, finish } = await visitChat(t, { thinking: false }, { running: server });
    await chat.ask('many lines');
    await chat.answer.getByText('Line 30.').waitFor();
    const list = page.locator('.chat-scroll');
    const below = () => list.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    await page.waitForFunction(() => {
      const box = document.querySelector('.chat-scroll')!;
      return box.scrollHeight > box.clientHeight * 2;
    });
    assert.ok((await below()) < 50, 'followed to the end');
    await list.hover();
    await page.mouse.wheel(0, -4000);
    const latest = page.getByRole('button', { name: 'Jump to the latest' });
    await latest.waitFor();
    held.open();
    await chat.answered();
    assert.ok((await list.evaluate((box) => box.scrollTop)) < 50, 'left where the reader is');
    await latest.click();
    await chat.answer.getByText('Line 119.').waitFor();
    assert.ok((await below()) < 50);
    finish();
  },
);
