// What self-speculation gains: the same replies decoded with drafts and without, in turn, by one
// engine in this process over one loaded model. Prompts are held-out conversations of the embedded
// checkpoint's own kind; drafts are always made, also where the engine would leave them by itself.

import type { GenerateRequest } from '../../src/backend/types.js';
import { tokenTableOf } from '../../src/chat/token-table.js';
import type { Tokenizer } from '../../src/encoding/tokenizer.js';
import { breakEven, measureDraftCosts } from '../../src/engine/draft-cost.js';
import { Engine } from '../../src/engine/engine.js';
import { loadModelRunner } from '../../src/engine/model-adapter.js';
import type { ModelRunner } from '../../src/engine/model-runner.js';
import { Speculation } from '../../src/engine/speculation.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { dialogSegments } from '../../src/train/corpus.js';
import { makeEvalDialog } from '../../src/train/eval-set.js';
import { Rng } from '../../src/train/rng.js';
import type { Figure, NoFigure } from './figures.js';
import { median } from './samples.js';
import type { Session, Subject } from './subject.js';

const NUM_PROMPTS = 32;
const MAX_TOKENS = 160;
const SEED = 77;

export async function measureDrafts(
  subject: Subject,
  { clock, threads, effort, say }: Session,
): Promise<Figure | NoFigure> {
  const tokenizer = loadTokenizerFor(subject.path);
  const runner = loadModelRunner({
    source: { path: subject.path, device: 'auto', threads, draft: 'on' },
    tokenTable: tokenTableOf(tokenizer),
    onWarning: say,
    onNote: () => {},
    onProgress: () => {},
  });
  try {
    if (!runner.draft) {
      return { ratio: null, how: 'the file has no multi-token-prediction block' };
    }
    say(`${subject.name}: replies to ${NUM_PROMPTS} prompts, with drafts and without`);
    const now = clock === 'wall' ? () => performance.now() : () => cpuMs() / threads;
    const costs = await measureDraftCosts(runner, now);
    const prompts = heldOutPrompts(tokenizer);
    const pairs: { ours: number; theirs: number }[] = [];
    let [drafted, accepted] = [0, 0];
    await decodeAll(runner, tokenizer, prompts, true, now); // compiles graphs
    for (let i = 0; i < effort.engineRuns; i++) {
      let [ours, theirs] = [
        { tokens: 0, ms: 0 },
        { tokens: 0, ms: 0 },
      ];
      for (const prompt of prompts) {
        const plain = await decodeAll(runner, tokenizer, [prompt], false, now);
        const drafting = await decodeAll(runner, tokenizer, [prompt], true, now);
        if (plain.text !== drafting.text) throw new Error('drafts changed a reply');
        theirs = { tokens: theirs.tokens + plain.tokens, ms: theirs.ms + plain.ms };
        ours = { tokens: ours.tokens + drafting.tokens, ms: ours.ms + drafting.ms };
        drafted += drafting.drafted;
        accepted += drafting.accepted;
      }
      pairs.push({
        ours: (1000 * ours.tokens) / ours.ms,
        theirs: (1000 * theirs.tokens) / theirs.ms,
      });
    }
    const share = ((100 * accepted) / drafted).toFixed(1);
    const needed = (100 * breakEven(costs, 1)).toFixed(1);
    return {
      ours: median(pairs.map(({ ours }) => ours)),
      theirs: median(pairs.map(({ theirs }) => theirs)),
      ratio: median(pairs.map(({ ours, theirs }) => ours / theirs)),
      unit: 'tokens/s',
      steps: effort.engineRuns,
      how:
        `decoded tokens per second with drafts always on (ours) and off (theirs), greedy replies to ` +
        `${NUM_PROMPTS} held-out prompts in turn, one process; ${share} % of the drafts were ` +
        `right, ${needed} % would have to be for them to pay`,
    };
  } finally {
    runner.dispose();
  }
}

/** Every reply of generated conversations, as the evaluation of the embedded checkpoint has them. */
function heldOutPrompts(tokenizer: Tokenizer): Int32Array[] {
  const rng = new Rng(SEED);
  const prompts: Int32Array[] = [];
  while (prompts.length < NUM_PROMPTS) {
    const dialog = makeEvalDialog(rng);
    for (const reply of dialog.expectations.keys()) {
      prompts.push(tokenizer.encodeSegments(dialogSegments(dialog, reply)));
    }
  }
  return prompts.slice(0, NUM_PROMPTS);
}

/** Greedy replies one after the other; the time counts from the first token of each to its last. */
async function decodeAll(
  runner: ModelRunner,
  tokenizer: Tokenizer,
  prompts: readonly Int32Array[],
  hasDrafts: boolean,
  now: () => number,
) {
  let [tokens, ms, firstAt] = [0, 0, 0];
  let text = '';
  let end = (): void => {};
  const engine = new Engine({
    runner,
    tokenTable: tokenTableOf(tokenizer),
    ...(hasDrafts && { speculation: new Speculation({ mode: 'on' }) }),
    onError: (error) => {
      throw error;
    },
    emit: (events) => {
      for (const { event } of events) {
        if (event.type === 'token') {
          if (firstAt === 0) firstAt = now();
          else tokens++;
          text += `${event.token} `;
        } else if (event.type === 'finish') {
          ms += now() - firstAt;
          firstAt = 0;
          end();
        }
      }
    },
  });
  for (const [index, promptTokens] of prompts.entries()) {
    const request: GenerateRequest = {
      id: `${index}`,
      promptTokens,
      sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
      stopTokens: [tokenizer.eosId],
      stopStrings: [],
      maxTokens: MAX_TOKENS,
    };
    const ended = new Promise<void>((resolve) => (end = resolve));
    engine.submit(request);
    await ended;
  }
  const { draftedTokens: drafted, acceptedTokens: accepted } = engine.stats();
  return { tokens, ms, text, drafted, accepted };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
