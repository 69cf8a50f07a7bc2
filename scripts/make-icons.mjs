// Draws the installable app's PNG icons from icon.svg with a real browser. Run by hand when the
// picture changes: `node scripts/make-icons.mjs` (HADAL_CHROMIUM names another browser).

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const publicFile = (name) => fileURLToPath(new URL(`../web/public/${name}`, import.meta.url));
const svg = readFileSync(publicFile('icon.svg'), 'utf8').replace('rx="112"', 'rx="0"');

const executablePath = process.env.HADAL_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const size of [192, 512]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${svg}`);
  writeFileSync(publicFile(`icon-${size}.png`), await page.screenshot());
}
await browser.close();
