// The pages docs/clients/*-sdk.md and langchain.md: the code blocks of a page are a program of
// client-pages/, which the build type-checks; here it runs, and prints what the page says. What the
// model says was said by the embedded model in the run from which the page was written.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../src/package-root.js';
import { newKey } from '../helpers/api-key.js';
import { turnText } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';

const SUM =
  '47 + 85: ones 7 + 5 = 12, write 2, carry 1. tens 4 + 8 + 1 = 13, write 3, carry 1. ' +
  'hundreds write 1. So 47 + 85 = 132.';

function complete(prompt: string): string {
  const isThinking = prompt.endsWith('<think>');
  if (prompt.includes('<result>')) {
    return turnText({ content: 'It is 17 degrees and cloudy in Oslo.' }, isThinking);
  }
  if (prompt.includes('get_weather')) {
    return turnText({ thinking: 'Oslo.', calls: [['get_weather', { city: 'Oslo' }]] }, isThinking);
  }
  return turnText({ thinking: SUM, content: isThinking ? '47 + 85 = 132.' : SUM }, isThinking);
}

/** Blocks of one language, in order. */
function blocks(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...page.matchAll(fence)].map(([, text]) => text!);
}

async function run(name: string, environment: Record<string, string>) {
  const program = fileURLToPath(new URL(`client-pages/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...environment } });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { ...output, code };
}

for (const [name, profile] of [
  ['openai-sdk', '2025-12-01'],
  ['anthropic-sdk', '2025-12-01'],
  ['ai-sdk', '2025-12-01'],
  ['langchain', 'agents'],
] as const) {
  test(`docs/clients/${name}: the code of both languages runs and prints what they say`, async (t) => {
    const [english, chinese] = ['.md', '.zh-CN.md'].map((ending) =>
      readFileSync(packageFile(`docs/clients/${name}${ending}`), 'utf8'),
    );
    const program = readFileSync(packageFile(`test/e2e/client-pages/${name}.ts`), 'utf8');
    for (const page of [english!, chinese!]) {
      assert.equal(blocks(page, 'ts').join('\n'), program);
      assert.deepEqual(blocks(page, 'text'), blocks(english!, 'text'));
    }
    const { server } = await startScripted(t, { complete });
    const { out, err, code } = await run(name, {
      HADAL_URL: server.url,
      HADAL_API_KEY: await newKey(server, { profile }),
    });
    assert.deepEqual([code, err], [0, '']);
    assert.equal(out, blocks(english!, 'text').join(''));
  });
}
