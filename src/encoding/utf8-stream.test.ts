import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Utf8Stream } from './utf8-stream.js';

// A failure must be the same on every machine.
fc.configureGlobal({ seed: 32 });

const characters = fc.array(fc.constantFrom('a', '\n', 'é', '漢', '\ufeff', '😀', '\u{10ffff}'));

test('text split at any byte joins to the same text, without half characters', () => {
  fc.assert(
    fc.property(characters, fc.array(fc.nat(5)), (text, sizes) => {
      const bytes = Buffer.from(text.join(''));
      const stream = new Utf8Stream();
      let joined = '';
      for (let start = 0, turn = 0; start < bytes.length; turn++) {
        const end = start + (sizes[turn % Math.max(1, sizes.length)] ?? 1);
        const piece = stream.push(bytes.subarray(start, Math.max(end, start + 1)));
        assert.ok(!/\p{Surrogate}/u.test(piece));
        joined += piece;
        start = Math.max(end, start + 1);
      }
      assert.equal(joined + stream.flush(), bytes.toString());
    }),
  );
});

test('a broken or unfinished character becomes a replacement, and the stream goes on', () => {
  const stream = new Utf8Stream();
  assert.equal(stream.push(Uint8Array.of(0xff, 0x41)), '\ufffdA');
  assert.equal(stream.push(Uint8Array.of(0xf0, 0x9f)), '');
  assert.equal(stream.flush(), '\ufffd');
  assert.equal(stream.push(Buffer.from('\ufeffé')), '\ufeffé');
});
