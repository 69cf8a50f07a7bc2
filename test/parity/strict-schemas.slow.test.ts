// The whole of strict-schemas.test.ts: 1,000 random schemas of the strict subset.

import test from 'node:test';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import { packageFile } from '../../src/package-root.js';
import { GrammarWalker } from '../helpers/grammar-walk.js';
import { checkStrictSchemas } from '../helpers/strict-schema-check.js';

test('calls under 1,000 random strict schemas validate', async () => {
  const tokenizer = Tokenizer.fromFile(packageFile('models/hadal-mini/tokenizer.json'));
  const walker = new GrammarWalker(tokenizer);
  await checkStrictSchemas(walker, { numSchemas: 1000, seed: 1_000_003 });
});
