// A build as a page to read: how varied it is, how hard, what was refused and why, and twenty tasks as an
// agent would get them. One file without scripts or outside references; everything that comes from the
// corpus is escaped. Source: agents reference §6.5.

import type { CorpusStore } from '../corpus.js';
import type { Built } from './build-corpus.js';
import type { ShardSummary } from './jobs.js';
import { sumOf } from './tally.js';

const NUM_SAMPLES = 20;

export function reportPage({ manifest, shards }: Built, store: CorpusStore): string {
  const environments = shards.flatMap((one) => one.environments);
  const tasks = shards.flatMap((one) => one.tasks);
  const skeletons = countsOf(tasks.map(({ skeleton }) => skeleton));
  const families = countsOf(tasks.map(({ family }) => family));
  const calls = tasks.map(({ difficulty }) => difficulty.minCalls);
  const largest = skeletons[0]?.[1] ?? 0;
  const facts: [string, string][] = [
    ['Environments', String(manifest.environments)],
    ['Tasks', String(manifest.tasks)],
    ['Skeletons', String(skeletons.length)],
    ['Largest skeleton', `${((100 * largest) / Math.max(1, tasks.length)).toFixed(2)} %`],
    ['Entropy of families', `${entropy(families).toFixed(2)} bits`],
    ['Entropy of skeletons', `${entropy(skeletons).toFixed(2)} bits`],
    ['Reference calls p10 / p50 / p90', quantiles(calls)],
    ['Tools per environment p10 / p50 / p90', quantiles(environments.map(({ tools }) => tools))],
    ['Rows per environment p10 / p50 / p90', quantiles(environments.map(({ rows }) => rows))],
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Corpus ${escaped(manifest.corpus_hash.slice(0, 12))}</title><style>${STYLE}</style></head><body><main>
<h1>Corpus of ${manifest.environments} environments and ${manifest.tasks} tasks</h1>
<p class="soft">hash <code>${escaped(manifest.corpus_hash)}</code></p>
${section('At a glance', table(['', ''], facts))}
${section('What the gates did', gates(shards))}
${section('Difficulty', ladder(tasks))}
${section('Families', bars(families))}
${section('Languages', bars(countsOf(tasks.map(({ language }) => language))))}
${section('Modules', bars(countsOf(environments.flatMap(({ modules }) => modules))))}
${section('Splits of environments', bars(countsOf(environments.map(({ split }) => split))))}
${section('Twenty tasks', samples(store))}
</main></body></html>
`;
}

/** Text as text, in elements and in attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

const section = (title: string, inside: string): string =>
  `<section><h2>${escaped(title)}</h2>${inside}</section>`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table></div>`;
}

type Counts = readonly (readonly [name: string, count: number])[];

function countsOf(names: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}

function bars(counts: Counts): string {
  const most = Math.max(1, ...counts.map(([, count]) => count));
  const rows = counts.map(
    ([name, count]) =>
      `<tr><td>${escaped(name)}</td><td class="bar"><i style="width:${((100 * count) / most).toFixed(1)}%"></i></td><td>${count}</td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

/** Accepted and refused by family and gate. */
function gates(shards: readonly ShardSummary[]): string {
  const tally = sumOf(shards.map((one) => one.tally));
  const names = [...new Set(Object.values(tally).flatMap((one) => Object.keys(one.rejected)))];
  const columns = names.toSorted();
  const rows = Object.entries(tally).map(([family, { accepted, dropped, rejected }]) => [
    family,
    String(accepted),
    ...columns.map((gate) => String(rejected[gate] ?? 0)),
    String(dropped),
  ]);
  return table(['family', 'accepted', ...columns, 'drawn in vain'], rows);
}

/** What the agents of the ladder reach on average, family by family. */
function ladder(tasks: ShardSummary['tasks']): string {
  const families = [...new Set(tasks.map(({ family }) => family))];
  const agents = [
    ...new Set(tasks.flatMap(({ difficulty }) => Object.keys(difficulty.ladder))),
  ].toSorted();
  const rows = families.map((family) => {
    const own = tasks.filter((task) => task.family === family);
    const mean = (of: (task: (typeof own)[number]) => number): string =>
      (own.reduce((sum, task) => sum + of(task), 0) / own.length).toFixed(1);
    return [
      family,
      mean(({ difficulty }) => difficulty.minCalls),
      mean(({ difficulty }) => difficulty.constraints),
      mean(({ difficulty }) => difficulty.level),
      ...agents.map((agent) => `${mean(({ difficulty }) => difficulty.ladder[agent] ?? 0)} %`),
    ];
  });
  return table(['family', 'calls', 'constraints', 'level', ...agents], rows);
}

function samples(store: CorpusStore): string {
  const keys = [...store.taskKeys()];
  const step = Math.max(1, keys.length / NUM_SAMPLES);
  const chosen = Array.from(
    { length: Math.min(NUM_SAMPLES, keys.length) },
    (_, i) => keys[Math.floor(i * step)]!,
  );
  return chosen
    .map((key) => {
      const { family, language, envId, request, difficulty } = store.task(key)!;
      const about = `${family} · ${envId} · ${difficulty.minCalls} calls`;
      return `<article lang="${language}"><h3>${escaped(key)}</h3><p class="soft">${escaped(about)}</p><p class="request">${escaped(request)}</p></article>`;
    })
    .join('');
}

/** In bits. */
function entropy(counts: Counts): number {
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.reduce((sum, [, count]) => sum - (count / all) * Math.log2(count / all), 0);
}

function quantiles(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [0.1, 0.5, 0.9].map((q) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0).join(' / ');
}

const STYLE = `
:root{color-scheme:light dark;--ground:#f5f7fa;--card:#fff;--line:#dfe5ec;--text:#16202c;--soft:#566273;--blue:#1662b2}
@media (prefers-color-scheme:dark){:root{--ground:#0d1218;--card:#151c24;--line:#263140;--text:#e8edf3;--soft:#9aa8b8;--blue:#5cb8f8}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:64rem;margin:0 auto;padding:2rem 1.25rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1rem;margin:0 0 .75rem}h3{font-size:.9rem;margin:0}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.25rem;margin:.9rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{text-align:left;padding:.2rem .9rem .2rem 0;font-weight:400}th{color:var(--soft)}
.bar{width:16rem}.bar i{display:block;height:.6rem;background:var(--blue);border-radius:3px}
.soft{color:var(--soft);margin:.2rem 0}code{overflow-wrap:anywhere}
article{border-top:1px solid var(--line);padding:.75rem 0}.request{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}
`;
