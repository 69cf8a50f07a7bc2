import assert from 'node:assert/strict';
import test from 'node:test';
import { isPdf, textOf } from './text-bytes.js';

const bytes = (text: string) => new TextEncoder().encode(text);

test('UTF-8 with and without its mark, UTF-16 with it', () => {
  assert.deepEqual(textOf(bytes('深海 deep 🌊')), { text: '深海 deep 🌊' });
  assert.deepEqual(textOf(bytes('\ufeffa,b')), { text: 'a,b' });
  assert.deepEqual(textOf(Uint8Array.of(0xff, 0xfe, 0xf1, 0x6d)), { text: '深' });
  assert.deepEqual(textOf(Uint8Array.of(0xfe, 0xff, 0x6d, 0xf1)), { text: '深' });
  assert.deepEqual(textOf(new Uint8Array()), { text: '' });
});

test('other encodings and binary files are named, not guessed', () => {
  assert.deepEqual(textOf(Uint8Array.of(0xc9, 0xee, 0xba, 0xa3)), { problem: 'encoding' }); // GBK
  assert.deepEqual(textOf(Uint8Array.of(1, 2, 0, 4)), { problem: 'binary' });
  assert.deepEqual(textOf(bytes('PK\u0003\u0004rest')), {
    problem: 'binary',
    kind: 'ZIP, Word, Excel or PowerPoint',
  });
});

test('a PDF is known by its head, wherever readers look for it', () => {
  assert.equal(isPdf(bytes('%PDF-1.7\n')), true);
  assert.equal(isPdf(bytes(`${' '.repeat(500)}%PDF-1.4`)), true);
  assert.equal(isPdf(bytes('a text about %PDF')), false);
  assert.equal(isPdf(new Uint8Array()), false);
});
