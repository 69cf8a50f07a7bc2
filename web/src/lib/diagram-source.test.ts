import assert from 'node:assert/strict';
import test from 'node:test';
import { withoutHtml } from './diagram-source.js';

test('tags become text; breaks, arrows and annotations stay', () => {
  assert.equal(withoutHtml('A["<img src=x onerror=y>"]'), 'A["＜img src=x onerror=y>"]');
  assert.equal(withoutHtml('A[a<br/>b<BR>c</b>]'), 'A[a<br/>b<BR>c＜/b>]');
  assert.equal(withoutHtml('&lt;b&#x3C;b#60;b#lt;b'), '＜b＜b＜b＜b');
  for (const kept of ['A <--> B', 'A <|-- B', 'class A { <<interface>> }', 'A<<->>B', 'a < b']) {
    assert.equal(withoutHtml(kept), kept);
  }
});
