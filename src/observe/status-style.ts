// The style sheet of the status page: one column, system fonts, light and dark by the reader's
// preference. Colours keep a contrast of at least 4.5:1 for text on its ground (WCAG 2.2, 1.4.3).

export const STATUS_STYLE = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--line:#e3e6eb;--text:#16202c;--soft:#566273;
--link:#1f5fbf;--good:#15803d;--good-ground:#e9f7ee;--warn:#a15c07;--warn-ground:#fdf4e3;--bad:#b42318;
--bad-ground:#fdecea}
@media (prefers-color-scheme:dark){:root{--ground:#0d1218;--card:#151c24;--line:#263140;--text:#e8edf3;
--soft:#9aa8b8;--link:#8ab8ff;--good:#4ade80;--good-ground:#10251a;--warn:#fbbf24;--warn-ground:#2a2110;
--bad:#ff8f85;--bad-ground:#2e1616}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.5;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.page{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 3rem}
.top{display:flex;justify-content:space-between;align-items:center;gap:1rem;margin-bottom:1.5rem}
h1{font-size:1.125rem;font-weight:650;letter-spacing:-.01em;margin:0}
h2{font-size:1rem;font-weight:650;margin:2.25rem 0 .75rem}
a{color:var(--link)}
a:focus-visible{outline:3px solid var(--link);outline-offset:3px;border-radius:2px}
.operational{--tone:var(--good);--tone-ground:var(--good-ground)}
.degraded{--tone:var(--warn);--tone-ground:var(--warn-ground)}
.down{--tone:var(--bad);--tone-ground:var(--bad-ground)}
.overall{display:flex;gap:1rem;align-items:center;background:var(--tone-ground);border:1px solid var(--tone);
border-radius:14px;padding:1.25rem 1.5rem}
.overall svg{flex:none;width:2.25rem;height:2.25rem;color:var(--tone)}
.overall p{margin:0}
.overall .headline{font-size:1.375rem;font-weight:650;letter-spacing:-.015em;line-height:1.3}
.overall .soft{margin-top:.125rem}
.soft{color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(2,1fr);gap:1px;margin:1rem 0 0;
background:var(--line);border:1px solid var(--line);border-radius:14px;overflow:hidden}
.facts div{background:var(--card);padding:.75rem 1rem}
.facts dt{color:var(--soft);font-size:.8125rem}
.facts dd{margin:0;font-weight:550;font-size:.9375rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
@media (min-width:44rem){.facts{grid-template-columns:1fr 1.4fr 1.4fr 1fr}}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;margin:0;padding:0;list-style:none}
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
