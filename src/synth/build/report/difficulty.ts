// How hard the tasks are: by what agents without a model reach, and by the sizes that were measured.

import type { BuildManifest } from '../build-corpus.js';
import type { Reached } from '../statistics.js';
import { bar, histogram, tinted } from './charts.js';
import { AGENT_WORDS } from './gates.js';
import { markup, table, type Markup, type Section } from './markup.js';

export function difficulty({ statistics }: BuildManifest): Section {
  const { calls, writes, constraints, candidates_log10, right_ends, prompt_length, levels } =
    statistics;
  const agents = Object.keys(statistics.ladder);
  const of = 'tasks';
  const charts = [
    histogram(calls, { title: 'Calls of the reference solution', of }),
    histogram(writes, { title: 'Writes among them', of }),
    histogram(constraints, { title: 'Conditions in the request', of }),
    histogram(candidates_log10, {
      title: 'Candidates to choose among',
      of,
      value: tenTo,
    }),
    histogram(levels.measured, { title: 'Level measured (one per eight calls)', of }),
    histogram(levels.drawn, { title: 'Level drawn at (of the generator)', of }),
    histogram(right_ends, { title: 'Right ends', of }),
    histogram(prompt_length, { title: 'Characters of the request', of }),
  ];
  return {
    id: 'difficulty',
    title: 'Difficulty',
    body: markup`<h3>The ladder</h3><p>Agents without a model try each task. A good task is one that no shortcut solves, that the oracle always solves, and that a careless agent solves sometimes. Figures are percent of tries, mean over tasks. A6 is not run: it is worked out from the number of calls that a task cannot do without.</p>${table(
      {
        head: ['Agent', 'What it does', '', 'Mean', 'Highest of any task'],
        rows: agents.map((agent) => {
          const { mean, highest } = statistics.ladder[agent]!;
          return [agent, AGENT_WORDS[agent], bar(mean, 100), `${mean} %`, `${highest} %`];
        }),
        words: [1, 2],
      },
    )}<h3>By family</h3><div class="ladder">${table({
      head: ['Family', ...agents],
      rows: Object.entries(statistics.families).map(([name, { ladder }]) => [
        name,
        ...agents.map((agent) => cell(ladder[agent])),
      ]),
    })}</div><p class="soft">Mean percent; in brackets the highest of any task, where it is higher.</p><h3>Sizes</h3><p>The band holds the middle 80 % of tasks, from p10 to p90; the line is the median.</p><div class="charts">${charts}</div>`,
  };
}

/** `10¹²` */
const tenTo = (power: number): string =>
  `10${String(power).replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!)}`;

function cell(reached: Reached | undefined): Markup | string {
  if (!reached) return '–';
  const { mean, highest } = reached;
  const text = highest > mean ? `${mean} (${highest})` : String(mean);
  return tinted(mean / 100, text, `mean ${mean} %, highest ${highest} %`);
}
