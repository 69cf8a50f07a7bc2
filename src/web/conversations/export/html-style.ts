// The look of a shared page: the colours of the product, light and dark by the reader's system, a
// column for reading, and print. Its hash is in the page's policy, so nothing else styles it.

export const HTML_STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f5f8fa; --surface: #fff; --text: #10202b; --soft: #4a5d6b; --faint: #5f7180;
  --edge: #dbe4ea; --accent: #0b6584; --accent-soft: #dceff6; --code: #f0f4f7;
  --bad: #b3261e; --bad-soft: #fce8e6; --good: #1a6b43; --violet: #5b4bb5;
  --mono: ui-monospace, SFMono-Regular, 'Cascadia Code', Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0b1117; --surface: #121a22; --text: #e6eef4; --soft: #a5b6c3; --faint: #8fa2b0;
    --edge: #243140; --accent: #6fd0ef; --accent-soft: #0f3342; --code: #0e161d;
    --bad: #ff8f86; --bad-soft: #3b1614; --good: #6fd69f; --violet: #b6a9ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--bg); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.65 ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans',
    'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
}
main, header, footer { max-width: 780px; margin: 0 auto; padding: 0 20px; }
header { padding-block: 56px 20px; }
header h1 { margin: 0 0 8px; font-size: 1.9rem; line-height: 1.25; letter-spacing: -0.015em; text-wrap: balance; }
.about, footer { color: var(--faint); font-size: 0.85rem; }
.about span { white-space: nowrap; }
.about span + span::before { content: '·'; margin: 0 8px 0 2px; }
footer { padding-block: 40px 56px; border-top: 1px solid var(--edge); margin-top: 48px; }
article { margin-block: 28px; }
.who { margin: 0 0 6px; color: var(--faint); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.02em; }
.user { display: flex; flex-direction: column; align-items: flex-end; }
.user .bubble {
  max-width: min(100%, 640px); padding: 12px 18px; border-radius: 18px 18px 4px 18px;
  background: var(--accent-soft);
}
.files { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; margin: 8px 0 0; padding: 0; list-style: none; }
.files li { padding: 4px 12px; border: 1px solid var(--edge); border-radius: 999px; background: var(--surface); font-size: 0.85rem; }
.files small { color: var(--faint); margin-inline-start: 6px; }
details { margin-block: 12px; border: 1px solid var(--edge); border-radius: 12px; background: var(--surface); }
summary {
  padding: 10px 16px; cursor: pointer; color: var(--soft); font-size: 0.9rem; font-weight: 550;
  list-style: none; border-radius: 12px;
}
summary::-webkit-details-marker { display: none; }
summary::before { content: ''; display: inline-block; width: 7px; height: 7px; margin-inline-end: 12px;
  border: solid currentcolor; border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); }
details[open] > summary::before { transform: translateY(-2px) rotate(45deg); }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
summary .state { float: inline-end; font-weight: 400; color: var(--faint); }
summary .state.bad { color: var(--bad); }
summary .state.good { color: var(--good); }
.thoughts .inside {
  padding: 2px 20px 16px; margin-inline-start: 16px; border-inline-start: 2px solid var(--edge);
  color: var(--soft); font-size: 0.94rem; white-space: pre-wrap;
}
.thoughts { border-color: transparent; background: none; }
.thoughts summary { padding-inline: 4px; }
.thoughts .inside { margin-inline-start: 7px; }
.tool summary b { font-family: var(--mono); font-size: 0.92em; color: var(--violet); font-weight: 600; }
.tool .inside { padding: 0 16px 14px; }
.tool h3 { margin: 10px 0 4px; color: var(--faint); font-size: 0.75rem; font-weight: 600; }
.tool pre, .system pre { max-height: 420px; }
.system .inside { padding: 0 16px 14px; }
.error { padding: 12px 16px; border-radius: 12px; background: var(--bad-soft); color: var(--bad); }
.error pre { padding: 0; margin: 4px 0 0; background: none; border: 0; color: inherit; }
pre {
  margin: 0; padding: 12px 16px; overflow: auto; border: 1px solid var(--edge); border-radius: 10px;
  background: var(--code); font: 0.85rem/1.6 var(--mono); white-space: pre; overflow-wrap: normal; tab-size: 4;
}
.inside > pre, .error pre { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: var(--mono); font-size: 0.9em; }
:not(pre) > code { padding: 2px 5px; border-radius: 5px; background: var(--code); }
.code { margin: 16px 0; border: 1px solid var(--edge); border-radius: 10px; overflow: hidden; }
.code figcaption { padding: 6px 16px; border-bottom: 1px solid var(--edge); background: var(--surface); color: var(--faint); font: 0.75rem var(--mono); }
.code pre { border: 0; border-radius: 0; }
.assistant > .text { margin-block: 20px; }
.text > :first-child, .bubble > :first-child { margin-top: 0; }
.text > :last-child, .bubble > :last-child { margin-bottom: 0; }
.text h1, .text h2, .text h3, .text h4 { margin: 28px 0 10px; line-height: 1.3; letter-spacing: -0.01em; }
.text h1 { font-size: 1.45rem; } .text h2 { font-size: 1.25rem; } .text h3 { font-size: 1.08rem; }
p, ul, ol, blockquote { margin: 12px 0; }
ul, ol { padding-inline-start: 26px; }
li { margin-block: 4px; }
blockquote { padding-inline-start: 16px; border-inline-start: 3px solid var(--edge); color: var(--soft); margin-inline: 0; }
hr { border: 0; border-top: 1px solid var(--edge); margin: 28px 0; }
a { color: var(--accent); text-underline-offset: 2px; }
a.image::before { content: '🖼 '; }
.table { overflow-x: auto; margin: 16px 0; border: 1px solid var(--edge); border-radius: 10px; }
table { border-collapse: collapse; min-width: 100%; font-size: 0.94rem; }
th, td { padding: 8px 14px; text-align: start; border-bottom: 1px solid var(--edge); vertical-align: top; }
th { background: var(--code); font-weight: 600; }
tr:last-child td { border-bottom: 0; }
.center { text-align: center; } .right { text-align: end; }
.katex { font-size: 1.06em; }
math[display='block'] { display: block math; margin: 16px 0; overflow-x: auto; }
@media (max-width: 560px) {
  header { padding-block: 32px 8px; } header h1 { font-size: 1.5rem; } main, header, footer { padding-inline: 16px; }
}
@media print {
  body { background: #fff; } details, pre { break-inside: avoid; } footer { margin-top: 16px; padding-block: 16px; }
}
`;
