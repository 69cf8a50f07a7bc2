import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { groupedRuns, HighlightRuns } from './highlight-runs.js';
import { lineGroups } from './line-groups.js';

/** Its own types bring those of the DOM, with which the server does not compile. */
interface Highlighter {
  configure(options: { __emitter: typeof HighlightRuns }): void;
  highlight(code: string, options: { language: string }): { _emitter: HighlightRuns };
}

const hljs = createRequire(import.meta.url)('highlight.js') as Highlighter;

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
    const groups = groupedRuns(_emitter.list, code)!;
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
