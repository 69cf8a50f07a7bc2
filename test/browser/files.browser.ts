// Files on their way into a question: chosen, dropped and pasted, as text, code, table and PDF, and those
// that cannot be read, with the reason.

import assert from 'node:assert/strict';
import test from 'node:test';
import { EOS, startScripted } from '../helpers/scripted-server.js';
import { tinyPdf } from '../helpers/tiny-pdf.js';
import { visitChat } from './chat-visit.js';
import { noBrowser } from './harness.js';

const skip = noBrowser;
const settings = { thinking: false, tools: [] };

const file = (name: string, content: string | Uint8Array, mimeType = 'text/plain') => ({
  name,
  mimeType,
  buffer: Buffer.from(content),
});

test('text, code, table and PDF reach the model; one is taken out again', { skip }, async (t) => {
  const prompts: string[] = [];
  const { server } = await startScripted(t, {
    complete: (prompt) => {
      prompts.push(prompt);
      return `Read.${EOS}`;
    },
  });
  const { page, chat, finish } = await visitChat(t, settings, { running: server });
  const chooser = page.locator('input[type="file"]');
  const chips = page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');
  await chooser.setInputFiles([
    file('深海.md', '# 深海\n压力很大。'),
    file('depths.csv', 'zone,depth\nhadal,"6,000"\n', 'text/csv'),
    file('paper.pdf', tinyPdf(['Pressure at depth.', 'Second page.']), 'application/pdf'),
    file('gone.ts', 'export const gone = 1;\n'),
  ]);
  await chips
    .getByText(/\d+ B · \d+ tokens/)
    .nth(3)
    .waitFor();
  await page.getByRole('button', { name: 'Remove gone.ts' }).click();
  await page.getByRole('button', { name: 'Look into depths.csv' }).click();
  const dialog = page.getByRole('dialog', { name: 'depths.csv' });
  await dialog.getByRole('cell', { name: '6,000' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Look into paper.pdf' }).click();
  await page.getByRole('dialog').getByText('Pressure at depth.').waitFor();
  await page.keyboard.press('Escape');
  await chat.ask('What is in these?');
  await chat.answered();
  const prompt = prompts.find((each) => each.includes('What is in these?'))!;
  for (const part of [
    '压力很大。',
    'hadal,"6,000"',
    '[Page 1]\nPressure at depth.',
    '[Page 2]\nSecond page.',
  ]) {
    assert.ok(prompt.includes(part), `${part} in ${prompt}`);
  }
  assert.ok(!prompt.includes('gone'));
  assert.equal(await chips.count(), 0, 'the composer is empty again');
  finish();
});

test('what cannot be read says why', { skip }, async (t) => {
  const { server } = await startScripted(t);
  const { page, finish } = await visitChat(t, settings, { running: server, language: 'en' });
  const chooser = page.locator('input[type="file"]');
  const cases = [
    [file('a.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0)), 'This is a binary file (PNG)'],
    [file('gbk.txt', Uint8Array.of(0xc9, 0xee, 0xba, 0xa3)), 'This text is not in UTF-8.'],
    [file('empty.txt', ''), 'The file is empty.'],
    [file('scan.pdf', tinyPdf(['']), 'application/pdf'), 'There is no text in this PDF.'],
    [file('broken.pdf', '%PDF-1.4\nnothing', 'application/pdf'), 'This PDF cannot be read'],
    [
      file('locked.pdf', tinyPdf(['x'], { isLocked: true }), 'application/pdf'),
      'This PDF is protected by a password.',
    ],
  ] as const;
  for (const [given, message] of cases) {
    await chooser.setInputFiles([given]);
    await page.getByText(message).waitFor();
    await page.getByRole('button', { name: `Remove ${given.name}` }).click();
  }
  finish();
});

test('files are pasted and dropped', { skip }, async (t) => {
  const { server } = await startScripted(t);
  const { page, chat, finish } = await visitChat(t, settings, { running: server });
  await chat.field.evaluate((field) => {
    const data = new DataTransfer();
    data.items.add(new File(['pasted text'], 'pasted.txt', { type: 'text/plain' }));
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await page.getByRole('button', { name: 'Look into pasted.txt' }).waitFor();
  await chat.field.evaluate((field) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['dropped text'], 'dropped.txt', { type: 'text/plain' }));
    for (const type of ['dragover', 'drop']) {
      field.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  });
  await page.getByRole('button', { name: 'Look into dropped.txt' }).waitFor();
  finish();
});
