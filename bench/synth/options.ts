// The command line of the studio's bench.

import { parseArgs } from 'node:util';

export const HELP = `npm run bench:synth -- [options]

What the synthesis studio makes and what serving it costs, beside what was to be reached. Progress
goes to stderr.

  --corpus DIR         a built corpus: its own counts and evidence, and it is served
  --envs N             without --corpus: environments of the sample build (default 16)
  --tasks-per-env M    tasks of each (default 16)
  --seed S             seed of the sample build (default 1)
  --only PARTS         build, serve or both, separated by commas (default both)
  --quick              a smaller sample, fewer and shorter rounds
  --json               one JSON object instead of a table
  --help

A sample build is labelled as such: its times are reckoned up to the whole, its counts are not.
`;

const PARTS = ['build', 'serve'] as const;
export type Part = (typeof PARTS)[number];

export interface Effort {
  /** Of each of server and baseline, taken in turns. */
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Sessions that are timed one after the other. */
  readonly timedSessions: number;
  readonly openSessions: number;
}

const FULL: Effort = { rounds: 5, roundSeconds: 4, timedSessions: 600, openSessions: 10_000 };
const QUICK: Effort = { rounds: 2, roundSeconds: 1.5, timedSessions: 120, openSessions: 10_000 };

export interface Options {
  readonly isJson: boolean;
  readonly isHelp: boolean;
  readonly isQuick: boolean;
  readonly corpus: string | undefined;
  readonly sample: {
    readonly environments: number;
    readonly tasksPerEnvironment: number;
    readonly seed: number;
  };
  readonly parts: ReadonlySet<Part>;
  readonly effort: Effort;
}

/** @throws RangeError or TypeError with the value that was given */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      corpus: { type: 'string' },
      envs: { type: 'string' },
      'tasks-per-env': { type: 'string' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  const { quick: isQuick } = values;
  return {
    isJson: values.json,
    isHelp: values.help,
    isQuick,
    corpus: values.corpus,
    sample: {
      environments: whole('--envs', values.envs ?? (isQuick ? '4' : '16'), 1),
      tasksPerEnvironment: whole('--tasks-per-env', values['tasks-per-env'] ?? '16', 1),
      seed: whole('--seed', values.seed, 0),
    },
    parts: new Set(values.only.split(',').map(partOf)),
    effort: isQuick ? QUICK : FULL,
  };
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new RangeError(`${name} is ${text}; expected a whole number from ${min}`);
}

function partOf(text: string): Part {
  const part = PARTS.find((one) => one === text.trim());
  if (part) return part;
  throw new RangeError(`--only names ${text}; parts are ${PARTS.join(', ')}`);
}
