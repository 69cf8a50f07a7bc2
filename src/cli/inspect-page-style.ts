// The style sheet of the inspection page: one column, system fonts, light and dark by the reader's
// preference. Colours of text keep a contrast of at least 4.5:1 on their ground (WCAG 2.2, 1.4.3).

export const PAGE_STYLE = `
:root{color-scheme:light dark;--ground:#f5f7fa;--card:#fff;--line:#dfe5ec;--text:#16202c;--soft:#566273;
--blue:#1662b2;--pale:#b0d4f1;--gap:#e8edf3;--orange:#b5530f;--note:#fdf4e3;--note-line:#e6c588}
@media (prefers-color-scheme:dark){:root{--ground:#0d1218;--card:#151c24;--line:#263140;--text:#e8edf3;
--soft:#9aa8b8;--blue:#5cb8f8;--pale:#1c4268;--gap:#222b37;--orange:#ffb454;--note:#2a2110;--note-line:#5c4a1e}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.5;font-size:15px;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main,header{max-width:82rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2rem;display:flex;justify-content:space-between;align-items:flex-start;gap:1rem}
h1{font-size:1.625rem;font-weight:680;letter-spacing:-.02em;margin:0;line-height:1.25}
h2{font-size:1rem;font-weight:650;margin:0 0 .75rem}
.facts{color:var(--soft);margin:.375rem 0 0}
.facts b{color:var(--text);font-weight:600}
button,select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:.25rem .75rem;cursor:pointer}
button:focus-visible,select:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
.note{background:var(--note);border:1px solid var(--note-line);border-radius:12px;padding:.75rem 1rem;margin:1.25rem 0 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.875rem;margin:1.5rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.125rem 1.25rem}
.figure .name{color:var(--soft);font-size:.875rem}
.figure .value{font-size:1.625rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;line-height:1.3}
.figure .value.main{color:var(--blue)}
.figure .more{color:var(--soft);font-size:.8125rem;line-height:1.4}
section.card{margin:0 0 .875rem}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;margin-bottom:1rem}
.bar h2{margin:0 auto 0 0}
.choice{display:inline-flex;align-items:center;gap:.5rem;color:var(--soft);font-size:.875rem}
.choice .set{display:inline-flex;border:1px solid var(--line);border-radius:9px;overflow:hidden}
.choice .set button{border:0;border-radius:0;padding:.25rem .7rem;color:var(--soft);background:none}
.choice .set button+button{border-left:1px solid var(--line)}
.choice .set button[aria-pressed=true]{background:var(--blue);color:var(--card);font-weight:600}
.heat{position:relative}
.heat canvas{display:block;width:100%;cursor:crosshair;touch-action:pan-y}
.tip{position:absolute;pointer-events:none;background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:.5rem .75rem;font-size:.8125rem;box-shadow:0 6px 24px rgb(0 0 0/.16);max-width:22rem;z-index:1;visibility:hidden}
.tip .what{font:600 .875rem/1.4 ui-monospace,"SF Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.tip .soft{color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.375rem 1.5rem;margin-top:.75rem;color:var(--soft);font-size:.8125rem}
.legend span{display:inline-flex;align-items:center;gap:.5rem}
.legend canvas{border-radius:4px}
.text{font:.875rem/1.75 ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;white-space:pre-wrap;
overflow-wrap:anywhere;max-height:22rem;overflow:auto;border:1px solid var(--line);border-radius:10px;padding:.75rem 1rem}
.text span{border-radius:3px;padding:.125rem 0}
.text .reply{cursor:pointer;text-decoration:underline dotted var(--soft) 1px;text-underline-offset:.3em}
.text .reply[aria-pressed=true]{outline:2px solid var(--orange);outline-offset:1px}
.label{font-size:.8125rem;font-weight:600;margin:.875rem 0 .375rem}
.soft{color:var(--soft)}
.small{font-size:.875rem;margin:.5rem 0 0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:.875rem;margin-bottom:.875rem}
.grid section.card{margin:0}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
svg .strong{fill:var(--text)}
svg .grid-line{stroke:var(--line)}
svg .gap{fill:var(--gap)} svg .blue{fill:var(--blue)} svg .pale{fill:var(--pale)} svg .ink{fill:var(--text)}
svg .orange{fill:var(--orange)}
svg .line{fill:none;stroke:var(--blue);stroke-width:2;stroke-linejoin:round}
main{padding-bottom:3rem}
`;
