// Both languages of the guide and the API pages say the same with the same code, and what they show as JSON is JSON.
// Their examples run in guide-examples.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';
import { codeBlocks, curlRequest, GUIDE_PAGES, guidePage, headingLevels } from './guide-pages.js';

for (const slug of GUIDE_PAGES) {
  test(`docs/${slug}: both languages have the same headings and the same code`, () => {
    const [english, chinese] = [guidePage(slug, 'en'), guidePage(slug, 'zh')];
    assert.deepEqual(headingLevels(chinese), headingLevels(english));
    assert.deepEqual(codeBlocks(chinese), codeBlocks(english));
  });

  test(`docs/${slug}: every JSON text and every request parses`, () => {
    for (const { language, text } of codeBlocks(guidePage(slug, 'en'))) {
      if (language === 'json') JSON.parse(text);
      const body = language === 'sh' ? curlRequest(text)?.body : undefined;
      if (body !== undefined) assert.equal(typeof JSON.parse(body), 'object');
    }
  });
}
