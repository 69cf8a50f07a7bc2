// Families of tasks: what part of the corpus each is, how varied, how long, and what became of its
// candidates.

import type { BuildManifest } from '../build-corpus.js';
import { quantilesOf } from '../histogram.js';
import type { FamilyTally } from '../tally.js';
import { bar, spread, tinted } from './charts.js';
import { GATE_WORDS } from './gates.js';
import { grouped, markup, percent, table, type Markup, type Section } from './markup.js';

const HEAD =
  'Family||Tasks|Share|Skeletons|Mean calls|Calls|p10 / p50 / p90|Conditions|Accepted'.split('|');

const totalRejected = ({ rejected }: FamilyTally): number =>
  Object.values(rejected).reduce((sum, count) => sum + count, 0);

export function families({ statistics, families: tally, tasks }: BuildManifest): Section {
  const sorted = Object.entries(statistics.families).toSorted(([, a], [, b]) => b.tasks - a.tasks);
  const most = sorted[0]?.[1].tasks ?? 0;
  const longest = Math.max(1, ...sorted.map(([, { calls }]) => quantilesOf(calls)[2]));
  const rows = sorted.map(([name, family]) => {
    const own = tally[name];
    const judged = own ? own.accepted + totalRejected(own) : 0;
    return [
      name,
      bar(family.tasks, most),
      grouped(family.tasks),
      percent(family.tasks, tasks),
      grouped(family.skeletons),
      family.mean_calls.toFixed(1),
      spread(family.calls, longest),
      quantilesOf(family.calls).join(' / '),
      family.mean_constraints.toFixed(1),
      own ? percent(own.accepted, judged) : '–',
    ];
  });
  return {
    id: 'families',
    title: 'Families',
    body: markup`<p>A family is a kind of question, asked of any environment that affords it. “Accepted” is of the candidates that came before the gates. The range is from p10 to p90 of calls, with a mark at the median.</p>${table(
      {
        head: HEAD,
        rows,
        words: [1, 6],
      },
    )}`,
  };
}

/** What was refused and why, by family and gate. */
export function refusals({ families: tally, gates: all }: BuildManifest): Section {
  const known = GATE_WORDS.slice(1).map(([gate]) => gate);
  const columns = [...new Set([...known, ...Object.keys(all.rejected)])];
  const row = (name: string, own: FamilyTally): (string | Markup)[] => {
    const judged = own.accepted + totalRejected(own);
    return [
      name,
      grouped(judged),
      ...columns.map((gate) => {
        const count = own.rejected[gate] ?? 0;
        if (count === 0) return markup`<span class="soft">·</span>`;
        const about = `${percent(count, judged)} of the candidates of ${name}`;
        return tinted(count / judged, grouped(count), about);
      }),
      grouped(own.accepted),
      grouped(own.dropped),
    ];
  };
  return {
    id: 'refusals',
    title: 'What was refused, and why',
    body: markup`<p>Candidates by the gate that refused them (the first that did). The stronger the tint, the larger the part of the family’s candidates. “Came to nothing” are draws that gave no candidate: the tables held nothing fitting to ask about, or too much to search.</p>${table(
      {
        head: ['Family', 'Candidates', ...columns, 'Accepted', 'Came to nothing'],
        rows: [
          ...Object.entries(tally).map(([name, own]) => row(name, own)),
          row('all families', all),
        ],
      },
    )}<ul class="key">${GATE_WORDS.slice(1).map(([gate, name]) => markup`<li><b>${gate}</b> ${name}</li>`)}</ul>`,
  };
}
