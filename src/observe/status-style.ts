// The style sheet of the status page: one column, system fonts, light and dark by the reader's
// preference. The colours are those of the page (web/src/ui/tokens.css), repeated here because this
// page loads nothing; text keeps a contrast of at least 4.5:1 on its ground (WCAG 2.2, 1.4.3).

export const STATUS_STYLE = `
:root{color-scheme:light dark;--ground:#f5f8fa;--card:#fff;--line:#dbe4ea;--text:#10202b;--soft:#4a5d6b;
--link:#0b5f7d;--focus:#0b6584;--hover:#eef3f7;--good:#1a6b43;--good-ground:#dcf2e6;--warn:#8a5200;
--warn-ground:#fcefd8;--bad:#b3261e;--bad-ground:#fce8e6}
@media (prefers-color-scheme:dark){:root{--ground:#0b1117;--card:#121a22;--line:#243140;--text:#e6eef4;
--soft:#a5b6c3;--link:#6fd0ef;--focus:#4fc3e8;--hover:#1b2631;--good:#6fd69f;--good-ground:#10301f;
--warn:#f0b860;--warn-ground:#35260c;--bad:#ff8f86;--bad-ground:#3b1614}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.5;font-size:16px;
font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","PingFang SC",
"Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.page{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 3rem}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;margin-bottom:1.5rem}
.brand{display:flex;align-items:center;gap:.75rem;margin-inline-end:auto}
.brand svg{flex:none;width:2.125rem;height:2.125rem;fill:none;stroke:#fff;stroke-width:2;stroke-linecap:round}
.brand circle{fill:#0b5573;stroke:none}
.brand path+path{opacity:.65}
.brand path+path+path{opacity:.35}
.links{display:flex;flex-wrap:wrap;gap:.125rem;margin-inline:-.75rem}
.links a{padding:.375rem .75rem;border-radius:10px;font-size:.9375rem;font-weight:550;text-decoration:none}
.links a:hover{background:var(--hover)}
h1{font-size:1.125rem;font-weight:650;letter-spacing:-.01em;margin:0}
h2{font-size:1rem;font-weight:650;margin:2.25rem 0 .75rem}
a{color:var(--link)}
a:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.operational{--tone:var(--good);--tone-ground:var(--good-ground)}
.degraded{--tone:var(--warn);--tone-ground:var(--warn-ground)}
.down{--tone:var(--bad);--tone-ground:var(--bad-ground)}
.overall{display:flex;gap:1rem;align-items:center;background:var(--tone-ground);border:1px solid var(--tone);
border-radius:16px;padding:1.25rem 1.5rem}
.overall svg{flex:none;width:2.25rem;height:2.25rem;color:var(--tone)}
.overall p{margin:0}
.overall .headline{font-size:1.375rem;font-weight:650;letter-spacing:-.015em;line-height:1.3}
.overall .soft{margin-top:.125rem}
.soft{color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(2,1fr);gap:1px;margin:1rem 0 0;
background:var(--line);border:1px solid var(--line);border-radius:16px;overflow:hidden}
.facts div{background:var(--card);padding:.75rem 1rem}
.facts dt{color:var(--soft);font-size:.8125rem}
.facts dd{margin:0;font-weight:550;font-size:.9375rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
@media (min-width:44rem){.facts{grid-template-columns:1fr 1.4fr 1.4fr 1fr}}
@media (max-width:26rem){.facts div{padding:.75rem .875rem}.facts dd{font-size:.8125rem}}
.card{background:var(--card);border:1px solid var(--line);border-radius:16px;margin:0;padding:0;list-style:none}
.card>li{padding:.875rem 1.25rem}
.card>li+li{border-top:1px solid var(--line)}
.card p{margin:0}
.row{display:flex;justify-content:space-between;align-items:baseline;gap:1rem}
.name{font-weight:550;overflow-wrap:anywhere}
.state{flex:none;display:inline-flex;align-items:center;gap:.5rem;color:var(--tone);font-weight:550;font-size:.9375rem}
.state::before{content:"";width:.625rem;height:.625rem;border-radius:50%;background:var(--tone)}
.degraded>.row .state::before{border-radius:2px}
.down>.row .state::before{border-radius:0;clip-path:polygon(50% 0,100% 100%,0 100%)}
.small{font-size:.875rem;overflow-wrap:anywhere}
.empty{padding:1rem 1.25rem;color:var(--soft)}
time{font-variant-numeric:tabular-nums;white-space:nowrap}
footer{margin-top:2.25rem;font-size:.875rem}
@media (forced-colors:active){.state::before{background:CanvasText}}
`;
