import assert from 'node:assert/strict';
import test from 'node:test';
import { highlight } from './highlight.js';

const marked = (text: string, query: string) =>
  highlight(text, query)
    .map((piece) => (piece.isMatch ? `[${piece.text}]` : piece.text))
    .join('');

test('matches are cut out whatever the case, and nothing is lost', () => {
  assert.equal(marked('Whales and WHALES', 'whales'), '[Whales] and [WHALES]');
  assert.equal(marked('稀疏注意力机制', '注意力'), '稀疏[注意力]机制');
  assert.equal(marked('İstanbul NEEDLE', 'needle'), 'İstanbul [NEEDLE]');
  assert.equal(marked('a.b*c', '.b*'), 'a[.b*]c');
  assert.equal(marked('aaa', 'aa'), '[aa]a');
  assert.equal(marked('none', 'x'), 'none');
  assert.equal(marked('none', ''), 'none');
  assert.deepEqual(highlight('', 'x'), []);
});
