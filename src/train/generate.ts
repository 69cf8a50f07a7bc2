// Makes the training data of the embedded model: `tokenizer` trains its BPE, `shards` writes token
// shards in curriculum order, `show` prints dialogs. Everything follows from the seed.
//
//   node dist/src/train/generate.js tokenizer --out models/hadal-mini/tokenizer.json
//   node dist/src/train/generate.js shards --tokenizer models/hadal-mini/tokenizer.json --out train/data/train --shards 200
//   node dist/src/train/generate.js shards --split eval --shards 1 --out train/data/heldout ...
//   node dist/src/train/generate.js show --split eval --count 5

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { segmentsToText } from '../encoding/segments.js';
import { Tokenizer } from '../encoding/tokenizer.js';
import { trainBpe } from './bpe-train.js';
import { dialogSegments, makeTrainingDialog, SampleEncoder } from './corpus.js';
import { DIALOG_KINDS, type Dialog } from './dialog.js';
import { makeEvalDialog } from './eval-set.js';
import {
  MINI_GLUE_TOKENS,
  MINI_LATE_MERGES,
  MINI_VOCAB_SIZE,
  miniControlTokens,
} from './mini-tokenizer.js';
import { Rng } from './rng.js';
import { writeShard } from './shards.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    tokenizer: { type: 'string', default: 'models/hadal-mini/tokenizer.json' },
    seed: { type: 'string', default: '1' },
    split: { type: 'string', default: 'train' },
    shards: { type: 'string', default: '200' },
    first: { type: 'string', default: '0' },
    'shard-tokens': { type: 'string', default: '400000' },
    /** Shard index at which the curriculum is complete; defaults to the number of shards. */
    horizon: { type: 'string' },
    count: { type: 'string', default: '5' },
    progress: { type: 'string', default: '1' },
    'max-length': { type: 'string', default: '1024' },
  },
});
const seed = Number(options.seed);

function requireOut(): string {
  if (options.out === undefined) throw new Error('--out is required');
  mkdirSync(dirname(options.out), { recursive: true });
  return options.out;
}

const makeDialog = (rng: Rng, progress: number): Dialog =>
  options.split === 'eval' ? makeEvalDialog(rng) : makeTrainingDialog(rng, progress);

function* tokenizerSamples(): Iterable<string> {
  const rng = new Rng(seed);
  for (let i = 0; i < 24_000; i++) yield segmentsToText(dialogSegments(makeTrainingDialog(rng, 1)));
}

function commandTokenizer(): void {
  const json = trainBpe({
    texts: tokenizerSamples(),
    vocabSize: MINI_VOCAB_SIZE,
    addedTokens: [
      ...miniControlTokens().map((content) => ({ content, special: true })),
      ...MINI_GLUE_TOKENS.map((content) => ({ content, special: false })),
    ],
    lateMerges: [...MINI_LATE_MERGES],
  });
  writeFileSync(requireOut(), `${JSON.stringify(json)}\n`);
}

function commandShards(): void {
  const folder = requireOut();
  mkdirSync(folder, { recursive: true });
  const encoder = new SampleEncoder(Tokenizer.fromFile(options.tokenizer));
  const first = Number(options.first);
  const total = Number(options.shards);
  const horizon = Number(options.horizon ?? total);
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ vocabSize: MINI_VOCAB_SIZE, shards: total, seed, kinds: DIALOG_KINDS }),
  );
  for (let index = first; index < total; index++) {
    // One generator per shard: shards can be made in any order and continued later.
    const rng = new Rng(seed * 1_000_003 + index + (options.split === 'eval' ? 500_000_000 : 0));
    const samples = [];
    let tokens = 0;
    while (tokens < Number(options['shard-tokens'])) {
      const dialog = makeDialog(rng, Math.min(1, index / horizon));
      const sample = encoder.encode(dialog);
      if (sample.tokens.length > Number(options['max-length'])) continue;
      samples.push({ ...sample, kind: DIALOG_KINDS.indexOf(dialog.kind) });
      tokens += sample.tokens.length;
    }
    writeShard(join(folder, `shard-${String(index).padStart(5, '0')}.bin`), samples);
    process.stderr.write(
      `\rshard ${index + 1}/${total}: ${samples.length} samples, ${tokens} tokens`,
    );
  }
  process.stderr.write('\n');
}

function commandShow(): void {
  const rng = new Rng(seed);
  for (let i = 0; i < Number(options.count); i++) {
    const dialog = makeDialog(rng, Number(options.progress));
    console.log(`--- ${dialog.kind} (${dialog.mode})\n${segmentsToText(dialogSegments(dialog))}`);
  }
}

const commands: Record<string, () => void> = {
  tokenizer: commandTokenizer,
  shards: commandShards,
  show: commandShow,
};
const command = commands[positionals[0] ?? ''];
if (!command) {
  console.error(`usage: generate <${Object.keys(commands).join('|')}> [options]`);
  process.exitCode = 2;
} else command();
