import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { appendText, emptyText } from '../../../src/web/growing-text.js';
import { TextReader } from './text-reader.js';

test('what is read is what was added', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5000 }),
    fc.constantFrom('a', '\n', ' ', 'x'.repeat(4095), 'x'.repeat(4097), 'y'.repeat(9000)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = emptyText();
      const reader = new TextReader();
      for (const each of pieces) {
        appendText(text, each);
        assert.equal(reader.next(text), each);
      }
    }),
  );
});
