// The command line of the bench.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { KEYS, type Key } from './figures.js';
import { FULL, QUICK, type Effort } from './subject.js';
import type { Clock } from './worker.js';

export const HELP = `npm run bench:engine -- [options]

Hadal against node-llama-cpp on the same file, in fresh processes, interleaved. Ratios are Hadal's
speed over the peer's, or over its own baseline. Progress goes to stderr.

  --json           one JSON object instead of a table
  --quick          fewer repetitions and a shorter prompt for the context cache
  --only KEYS      only these figures, separated by commas
  --threads N      threads of each engine (default: the machine's, at most 8)
  --clock cpu      decode and prefill in CPU time per thread, for a machine that has other jobs
  --model FILE     this GGUF file instead of a random model of the bench preset and the embedded one
  --profile        where Hadal's time goes, by kind of operation, instead of the figures
  --help

Figures: ${KEYS.join(', ')}
`;

export interface Options {
  isJson: boolean;
  isHelp: boolean;
  isProfile: boolean;
  keys: ReadonlySet<Key>;
  threads: number;
  clock: Clock;
  modelPath: string | undefined;
  effort: Effort;
}

/** @throws RangeError or TypeError with the value that was given */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      threads: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
      clock: { type: 'string', default: 'wall' },
      model: { type: 'string' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`--threads is ${values.threads}; expected a whole number above 0`);
  }
  return {
    isJson: values.json,
    isHelp: values.help,
    isProfile: values.profile,
    keys: new Set(values.only === undefined ? KEYS : values.only.split(',').map(keyOf)),
    threads,
    clock: clockOf(values.clock),
    modelPath: values.model,
    effort: values.quick ? QUICK : FULL,
  };
}

function clockOf(text: string): Clock {
  if (text === 'wall' || text === 'cpu') return text;
  throw new RangeError(`--clock is ${text}; expected wall or cpu`);
}

function keyOf(text: string): Key {
  const key = KEYS.find((key) => key === text.trim());
  if (key) return key;
  throw new RangeError(`--only names ${text}; figures are ${KEYS.join(', ')}`);
}
