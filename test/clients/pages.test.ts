// What the pages of docs/clients show, held to the files beside them and to each other. Their commands
// are run in pages.slow.test.ts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { packageFile } from '../../src/package-root.js';
import { codeBlocks } from './page.js';

for (const page of ['README', 'claude-code', 'opencode', 'cline', 'codex']) {
  test(`the Chinese page ${page} shows the same code`, () => {
    const blocks = codeBlocks(`${page}.md`);
    assert.ok(blocks.length > 0);
    assert.deepEqual(codeBlocks(`${page}.zh-CN.md`), blocks);
  });
}

test('the files shown on the pages are the files beside them', () => {
  const files = [
    { name: 'opencode', language: 'json', file: 'opencode.json' },
    { name: 'codex', language: 'toml', file: 'config.toml' },
  ];
  for (const { name, language, file } of files) {
    const shipped = readFileSync(packageFile('docs', 'clients', name, file), 'utf8');
    const shown = codeBlocks(`${name}.md`).find((block) => block.language === language);
    assert.equal(shown?.text, shipped, name);
  }
});

test('the pages name the versions that are installed for the tests', () => {
  const text = readFileSync(packageFile('test', 'clients', 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  const pages = {
    '@anthropic-ai/claude-code': 'claude-code',
    'opencode-ai': 'opencode',
    cline: 'cline',
    '@openai/codex': 'codex',
  };
  for (const [name, page] of Object.entries(pages)) {
    const [install] = codeBlocks(`${page}.md`);
    assert.equal(install?.text, `npm install -g ${name}@${dependencies[name]}\n`);
  }
});
