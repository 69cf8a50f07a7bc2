// How varied the corpus is: languages, what environments are made of, kinds of tasks, and how near any
// text comes to another.

import type { BuildManifest } from '../build-corpus.js';
import { totalOf } from '../histogram.js';
import { bars, histogram, scale } from './charts.js';
import { grouped, markup, percent, tiles, type Section } from './markup.js';

/** At this share of common 5-grams a text counts as another one again (gate G9). */
const TOO_NEAR = 0.8;
const LANGUAGES: Readonly<Record<string, string>> = { en: 'English', zh: 'Chinese' };

export function environments({ statistics, environments: total }: BuildManifest): Section {
  const { modules, themes, archetypes } = statistics;
  const of = 'environments';
  const charts = [
    histogram(statistics.tools_per_environment, { title: 'Tools', of }),
    histogram(statistics.tables_per_environment, { title: 'Tables', of }),
    histogram(statistics.rows_per_environment, { title: 'Rows', of }),
    histogram(statistics.tasks_per_environment, { title: 'Tasks', of }),
  ];
  return {
    id: 'environments',
    title: 'Environments',
    body: markup`<p>An environment joins three to five modules: tables, rules and tools of one trade, under the names of a theme. Two are different only if their structure is; another theme or seed alone does not count.</p><div class="charts">${charts}</div><h3>Modules</h3><p class="soft">Environments that have the module, and what part of all that is.</p>${bars(modules, total)}<h3>Tools by archetype</h3><p class="soft">What a tool does, whatever it is called: ${grouped(totalOf(archetypes))} tools of ${Object.keys(archetypes).length} archetypes.</p>${bars(archetypes)}<details><summary>Themes: ${Object.keys(themes).length}</summary>${bars(themes)}</details>`,
  };
}

export function variety(manifest: BuildManifest): Section {
  const { skeletons, nearest_neighbour: nearest, tasks, statistics } = manifest;
  const { different, entropy_bits: bits, largest } = skeletons;
  const languages = Object.fromEntries(
    Object.entries(statistics.languages).map(([name, count]) => [LANGUAGES[name] ?? name, count]),
  );
  const full = Math.log2(Math.max(1, different)).toFixed(2);
  return {
    id: 'variety',
    title: 'Variety',
    body: markup`<h3>Languages</h3>${bars(languages)}<h3>Skeletons</h3><p>A skeleton is what is left of a task without names and figures: family, kinds of conditions, number of choices. The entropy would be ${full} bits if all were equally frequent; ${bits} bits are as varied as ${grouped(Math.round(2 ** bits))} equally frequent ones.</p>${tiles(
      [
        [grouped(different), 'different skeletons'],
        [`${bits} bits`, `entropy, of at most ${full}`],
        [(tasks / Math.max(1, different)).toFixed(1), 'tasks of a skeleton, on average'],
        [
          percent(largest.tasks, tasks),
          markup`the largest (${grouped(largest.tasks)} tasks): <code>${largest.skeleton}</code>`,
        ],
      ],
    )}<h3>Nearest neighbours</h3><p>For ${grouped(nearest.of_tasks)} tasks spread over the corpus: what share of its 5-grams the text has in common with the most similar other text. 0 is nothing, 1 is the same; the tinted part, from ${TOO_NEAR} on, is refused.</p>${scale(
      TOO_NEAR,
      [
        ['median', nearest.median],
        ['highest', nearest.highest],
      ],
    )}<div class="axis"><span>0</span><span>median ${nearest.median}, highest ${nearest.highest}</span><span>1</span></div>`,
  };
}
