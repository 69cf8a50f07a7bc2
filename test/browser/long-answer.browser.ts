// A long Markdown answer at full speed: headings, lists, tables, code and formulas, two hundred times.
// Final blocks cost nothing any more, so no task of the page's thread is long.

import assert from 'node:assert/strict';
import test from 'node:test';
import { loadBuiltinTokenizer } from '../../src/encoding/builtin-tokenizers.js';
import { startServer } from '../../src/server/start-server.js';
import { ScriptedBackend } from '../helpers/scripted-backend.js';
import { EOS } from '../helpers/scripted-server.js';
import { visitChat } from './chat-visit.js';
import { noBrowser } from './harness.js';
import { inMs, watchTasks } from './page-tasks.js';

const MAX_TASK_MS = 50;

const section = (number: number) => String.raw`## Section ${number}

The pressure at ${number} m is $p_{${number}} = \rho g h$, **more** than at *${number - 1} m*; see
[the table](https://example.org/${number}) and ${'`pressure()`'} below.

1. Measure the depth.
2. Multiply by the density:
   - of fresh water, or
   - of salt water.

| Depth | Pressure | Note |
|------:|---------:|------|
| ${number} | ${number * 10} | 水压 |
| ${number + 1} | ${number * 10 + 10} | more |

${'```ts'}
export function pressure${number}(depth: number): number {
  return 101_325 + 1025 * 9.81 * depth; // pascal
}
${'```'}

$$\int_0^{${number}} \rho g \, dh$$
`;

test('a long answer at full speed', { skip: noBrowser, timeout: 240_000 }, async (t) => {
  const tokenizer = loadBuiltinTokenizer('v3.2');
  const answer = Array.from({ length: 200 }, (_, index) => section(index + 1)).join('\n');
  const backend = new ScriptedBackend({
    tokenizer,
    contextLength: 262_144,
    complete: () => `</think>${answer}\nThe end.${EOS}`,
  });
  const running = await startServer({ port: 0, served: { backend, tokenizer }, log: () => {} });
  t.after(() => running.close());
  const settings = { model: 'speciale' as const, tools: [] };
  const { browser, page, chat, finish } = await visitChat(t, settings, { running });
  const watched = await watchTasks(browser, page);
  await chat.ask('Everything, please');
  await page.getByText('The end.').waitFor({ timeout: 180_000 });
  await chat.answered();
  const { tasks, wallTasks, frames } = await watched.end();
  const elements = await page.evaluate(() => document.querySelectorAll('.md *').length);
  t.diagnostic(`${answer.length} characters; ${elements} elements of the answer in the page`);
  t.diagnostic(frames);
  t.diagnostic(
    `tasks ${tasks.length}: longest ${tasks.slice(0, 3).map(inMs).join(', ')} of processor time; ` +
      `${wallTasks.length} above 50 ms by the wall (${wallTasks.map(inMs).join(', ')})`,
  );
  assert.ok(elements < 12_000, `${elements} elements`);
  assert.ok(tasks[0]! <= MAX_TASK_MS, `a task took ${inMs(tasks[0]!)}`);
  finish();
});
