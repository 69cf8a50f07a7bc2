// How a report looks: light and dark by the reader's setting, one column on a phone, light on paper.

export const STYLES = `
:root{color-scheme:light dark;--ground:#f4f6f9;--card:#fff;--sunk:#eef2f6;--line:#dde4ec;--text:#17202b;--soft:#566474;--mark:#1a6dc4;--band:#1a6dc41f;--heat:#e0701a;--good:#137a3a;--bad:#c0242b}
@media screen and (prefers-color-scheme:dark){:root{--ground:#0d1218;--card:#151c24;--sunk:#1d2630;--line:#2a3644;--text:#e6ecf2;--soft:#9dabba;--mark:#5aacf5;--band:#5aacf526;--heat:#e8843a;--good:#55cf80;--bad:#ff7b7b}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:70rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;letter-spacing:-.01em;margin:0 0 .4rem;text-wrap:balance}
h2{font-size:1.2rem;margin:0 0 .8rem}h3{font-size:1rem;margin:1.8rem 0 .4rem}h4{font-size:.8rem;color:var(--soft);margin:1rem 0 .3rem}
p{margin:.3rem 0 .8rem;max-width:46rem}
a{color:var(--mark)}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:1rem 0 1.6rem;padding:0}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.3rem 1.5rem;margin:0 0 1.1rem}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
code,pre{font:.88em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:var(--sunk);border-radius:8px;padding:.6rem .8rem;margin:.2rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;margin:.6rem 0 1rem}
.tile{background:var(--sunk);border-radius:10px;padding:.7rem .9rem;min-width:0}.tile b{display:block;font-size:1.35rem;line-height:1.3;font-variant-numeric:tabular-nums}.tile span{font-size:.85rem;color:var(--soft)}.tile b span{font-size:inherit}.tile b .good{color:var(--good)}.tile b .bad{color:var(--bad)}
.facts{margin:0;display:grid;gap:.5rem}.facts div{display:grid;grid-template-columns:8.5rem 1fr;gap:.2rem 1rem}.facts dt{color:var(--soft)}.facts dd{margin:0;min-width:0}
.wide{overflow-x:auto;margin:.5rem 0 .9rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .6rem;text-align:right;border-bottom:1px solid var(--line);font-weight:400;vertical-align:top}
thead th{color:var(--soft);font-size:.82rem;vertical-align:bottom}th.word,td.word{text-align:left}td.figure{white-space:nowrap}tbody th{min-width:5.5rem}td.word{min-width:9rem}
th:first-child{padding-left:0;position:sticky;left:0;background:var(--card)}th:last-child,td:last-child{padding-right:0}
td:has(>svg){min-width:7rem;vertical-align:middle}
svg{display:block}.rail{fill:var(--sunk)}.mark{fill:var(--mark)}.span{fill:var(--mark);opacity:.45}.band{fill:var(--band)}.beyond{fill:var(--heat);opacity:.35}
.middle{stroke:var(--text);stroke-width:1.5;stroke-dasharray:4 3;vector-effect:non-scaling-stroke}
svg.bar{width:100%;height:.65rem;border-radius:3px}svg.scale{width:100%;height:1rem;border-radius:4px}svg.histogram{width:100%;height:7rem;border-bottom:1px solid var(--line)}
.bars{list-style:none;margin:.4rem 0 .8rem;padding:0;columns:22rem 2;column-gap:2.5rem;font-size:.9rem;font-variant-numeric:tabular-nums}
.bars li{display:grid;grid-template-columns:8.5rem 1fr 3.6rem 3.8rem;gap:.6rem;align-items:center;break-inside:avoid;padding:.12rem 0}.bars .name{overflow-wrap:anywhere;line-height:1.25}.count,.share{text-align:right}.share{color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1.4rem 2rem;margin:.8rem 0}
figure{margin:0;min-width:0;break-inside:avoid}figcaption{display:grid;font-size:.85rem;margin-bottom:.4rem}figcaption b{font-weight:600}figcaption span,.axis{color:var(--soft)}
.axis{display:flex;justify-content:space-between;font-size:.78rem;margin-top:.2rem;font-variant-numeric:tabular-nums}
td:has(>.tint){padding:0 1px}.tint{display:block;padding:.32rem .55rem;border-radius:4px;background:color-mix(in srgb,var(--heat) var(--tint),transparent)}.ladder .tint{background:color-mix(in srgb,var(--mark) var(--tint),transparent)}
.key{list-style:none;padding:0;margin:.4rem 0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.85rem;color:var(--soft)}
article{border-top:1px solid var(--line);padding:1.4rem 0 1rem}article h3{margin:0}article header p{margin:.1rem 0 .5rem}
.request{margin:.8rem 0;padding:.2rem 0 .2rem 1rem;border-left:3px solid var(--mark);white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;max-width:50rem}
.policy{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;max-width:50rem}
.chips{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem;margin:.2rem 0 .5rem;padding:0;font-size:.82rem}.chips li{background:var(--sunk);border:1px solid transparent;border-radius:6px;padding:.05rem .5rem}.chips .write{border-color:var(--heat)}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--mark)}.calls{padding-left:2rem;margin:.3rem 0}.calls li{margin:.15rem 0}
@media screen and (max-width:40rem){.stacked table,.stacked tbody,.stacked tr,.stacked th,.stacked td{display:block;text-align:left;border:0;padding:0}.stacked thead{display:none}.stacked tr{border-bottom:1px solid var(--line);padding:.5rem 0}.stacked td.figure{display:inline-block;margin-right:1.2rem;color:var(--soft)}.stacked td.figure::before{content:attr(data-head) " "}main{padding:1.4rem .7rem 3rem}section{padding:1rem .9rem}.facts div{grid-template-columns:1fr}.bars li{grid-template-columns:6.8rem 1fr 3rem 3.4rem;gap:.4rem}.tiles{grid-template-columns:1fr 1fr}}
@media print{body{background:#fff;font-size:10pt}main{max-width:none;padding:0}section{border:0;padding:0;margin:0 0 1.5rem}nav{display:none}article,tr,.tile{break-inside:avoid}h2,h3,h4{break-after:avoid}.wide{overflow:visible}th:first-child{position:static}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
