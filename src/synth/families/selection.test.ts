import assert from 'node:assert/strict';
import test from 'node:test';
import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import { examine } from './examine.js';
import { harbour } from './fixture.js';
import { selection } from './selection.js';

test('selections verify, are solved alike, and read back in both languages', () => {
  let accepted = 0;
  for (let seed = 0; seed < 4; seed++) {
    const loaded = loadEnvironment(harbour(seed));
    for (let i = 0; i < 20; i++) {
      for (const language of ['en', 'zh'] as const) {
        const random = new Random('selection', seed, i);
        const candidate = selection.propose(loaded, random, language, i % 4);
        if (!candidate) continue;
        accepted++;
        assert.deepEqual(examine(selection, loaded, candidate), []);
      }
    }
  }
  assert.ok(accepted >= 40, `only ${accepted} accepted`);
});
