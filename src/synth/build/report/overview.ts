// The first two sections of a report: what the corpus is, and how far its verdicts can be trusted.

import type { BuildManifest } from '../build-corpus.js';
import { quantilesOf } from '../histogram.js';
import { GATE_WORDS } from './gates.js';
import { grouped, markup, percent, table, tiles, type Section } from './markup.js';

export function summary(manifest: BuildManifest): Section {
  const { asked, reached, versions, skeletons, statistics, corpus_hash } = manifest;
  const [p10, p50, p90] = quantilesOf(statistics.calls);
  const splits = (counts: Readonly<Record<string, number>>): string =>
    ['train', 'val', 'test'].map((name) => `${grouped(counts[name] ?? 0)} ${name}`).join(', ');
  const again = `hadal synth build --out DIR --envs ${asked.environments} --tasks-per-env ${asked.tasks_per_environment} --seed ${asked.seed}`;
  const short = reached.environments_short;
  return {
    id: 'summary',
    title: 'Summary',
    body: markup`${tiles([
      [grouped(manifest.environments), `environments, of ${grouped(asked.environments)} asked for`],
      [grouped(manifest.tasks), `tasks, of ${grouped(asked.tasks)} asked for`],
      [Object.keys(statistics.families).length, 'families of tasks'],
      [grouped(skeletons.different), 'different skeletons'],
      [p50, `calls of the reference (median; p10 ${p10}, p90 ${p90})`],
      [Object.keys(statistics.languages).length, 'languages'],
    ])}<dl class="facts"><div><dt>Corpus hash</dt><dd><code>${corpus_hash}</code></dd></div><div><dt>Versions</dt><dd>Hadal ${versions.hadal}, generator ${versions.generator}, format ${manifest.format}</dd></div><div><dt>Made by</dt><dd><code>${again}</code><br/>The same versions, sizes and seed give the same hash on any machine, with any number of workers.</dd></div><div><dt>Environments</dt><dd>${splits(statistics.splits.environments)}${short > 0 && `; ${grouped(short)} with fewer tasks than asked for`}</dd></div><div><dt>Tasks</dt><dd>${splits(statistics.splits.tasks)}. No environment is in two splits.</dd></div></dl>`,
  };
}

export function soundness({ soundness: sums, statistics, gates, ...more }: BuildManifest): Section {
  const { evidence } = statistics;
  const { unsound, alike } = more.environments_refused;
  const verdict = (count: number): ReturnType<typeof markup> =>
    markup`<span class="${count === 0 ? 'good' : 'bad'}">${grouped(count)}</span>`;
  const rows = GATE_WORDS.map(([gate, name, about]) => {
    const ofTasks = gate !== 'G1';
    const runs = evidence[`${gate}.runs`];
    return [
      markup`<b>${gate}</b> ${name}`,
      about,
      runs === undefined ? '–' : grouped(runs),
      ofTasks ? grouped(gates.rejected[gate] ?? 0) : `${grouped(unsound)} environments`,
    ];
  });
  return {
    id: 'soundness',
    title: 'Soundness',
    body: markup`<p>Each task comes with a verifier that decides between right and wrong without a model. These are the attempts it was tried with, over all ${grouped(more.tasks)} tasks.</p>${tiles(
      [
        [grouped(sums.wrong_attempts), 'wrong attempts'],
        [verdict(sums.false_accepts), 'of them accepted (false accepts)'],
        [grouped(sums.right_attempts), 'right attempts'],
        [verdict(sums.false_rejects), 'of them refused (false rejects)'],
        [percent(sums.mutants_killed, sums.mutants), `of ${grouped(sums.mutants)} mutants noticed`],
        [
          grouped(evidence['G5.hits'] ?? 0),
          `hits in ${grouped(evidence['G5.guesses'] ?? 0)} guesses`,
        ],
      ],
    )}<h3>The gates</h3><p>A task is in the corpus only if it passes all of them. “Checks” are those behind the tasks that passed; “refused” counts candidates that came no further than this gate.</p>${table(
      {
        head: ['Gate', 'What has to hold', 'Checks', 'Refused'],
        rows,
        words: [1],
        isStacked: true,
      },
    )}<p class="soft">Besides, ${grouped(alike)} environments were refused for being too much like another one.</p>`,
  };
}
