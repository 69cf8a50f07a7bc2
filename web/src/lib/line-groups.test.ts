import assert from 'node:assert/strict';
import test from 'node:test';
import { lineGroups, LINES_PER_GROUP } from './line-groups.js';

test('groups joined are the code, and all but the last are full', () => {
  for (const lines of [0, 1, LINES_PER_GROUP, LINES_PER_GROUP + 1, 5 * LINES_PER_GROUP - 1]) {
    for (const end of ['', '\n']) {
      const code = Array.from({ length: lines }, (_, line) => `line ${line}`).join('\n') + end;
      const groups = lineGroups(code);
      assert.equal(groups.join(''), code);
      for (const group of groups.slice(0, -1)) {
        assert.equal(group.split('\n').length - 1, LINES_PER_GROUP);
      }
      assert.ok(groups.at(-1)!.split('\n').length - 1 <= LINES_PER_GROUP);
    }
  }
});
