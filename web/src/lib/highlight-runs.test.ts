import assert from 'node:assert/strict';
import test from 'node:test';
import hljs from 'highlight.js';
import { groupedRuns, HighlightRuns } from './highlight-runs.js';
import { lineGroups } from './line-groups.js';

const CODE: Record<string, string> = {
  python: '@dataclass\nclass A:\n    """doc"""\n    def f(self) -> int:\n        return f"{1}"\n',
  xml: '<style>a { color: red }</style>\n<script>let a = `x${1}`;</script>\n',
  markdown: '# a\n\n```js\nlet x;\n```\n<b>*x*</b>\n',
  bash: 'for i in $(seq 3); do echo "$i"; done # end\n',
};

test('runs are the whole code, in the groups in which it is drawn', () => {
  hljs.configure({ __emitter: HighlightRuns });
  for (const [language, piece] of Object.entries(CODE)) {
    const code = piece.repeat(60);
    const { _emitter } = hljs.highlight(code, { language });
    const groups = groupedRuns((_emitter as unknown as HighlightRuns).list, code)!;
    const texts = groups.map((runs) => runs.filter((_, at) => at % 2 === 1).join(''));
    assert.deepEqual(
      texts.filter((text) => text !== ''),
      lineGroups(code),
      language,
    );
    assert.ok(groups[0]!.some((scope, at) => at % 2 === 0 && scope !== ''));
  }
});

test('half of the code is no colours at all', () => {
  assert.equal(groupedRuns(['', 'let '], 'let x'), undefined);
});
