// Constrained decoding against an independent validator: whatever the model's weights, a completed
// call under a strict schema validates. A part of strict-schemas.slow.test.ts.

import test from 'node:test';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import { packageFile } from '../../src/package-root.js';
import { GrammarWalker } from '../helpers/grammar-walk.js';
import { checkStrictSchemas } from '../helpers/strict-schema-check.js';

test('calls under 80 random strict schemas validate', async () => {
  const tokenizer = Tokenizer.fromFile(packageFile('models/hadal-mini/tokenizer.json'));
  await checkStrictSchemas(new GrammarWalker(tokenizer), { numSchemas: 80, seed: 7 });
});
