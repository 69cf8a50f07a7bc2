// `npm run eval:embedded`: the held-out evaluation of the embedded checkpoint by free greedy
// generation through the real engine. Every assistant turn of every dialog is generated after the
// true history before it, so a wrong call does not hide whether results are read rightly; "whole
// dialog" demands all turns of a dialog. The table goes to stdout and, with --write-card, into the
// model card between its markers.
//
//   npm run eval:embedded -- --count 500 --seed 1 --write-card

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EngineBackend } from '../engine/engine-backend.js';
import { tokenTableOf } from '../chat/token-table.js';
import type { Backend } from '../backend/types.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { packageFile } from '../package-root.js';
import { loadTokenizerFor, requireEmbeddedModel } from '../model-location.js';
import { dialogSegments, makeTrainingDialog } from '../train/corpus.js';
import type { Dialog } from '../train/dialog.js';
import { makeEvalDialog } from '../train/eval-set.js';
import { Rng } from '../train/rng.js';
import { scoreTurn, type TurnScore } from './score.js';
import { summarize, toMarkdown, type ScoredDialog } from './summary.js';

const MAX_TOKENS = 400;

interface Generated {
  text: string;
  ended: boolean;
  completionTokens: number;
  /** From the first token to the last. */
  decodeMs: number;
}

async function generate(
  backend: Backend,
  tokenizer: Tokenizer,
  promptTokens: Int32Array,
  id: string,
): Promise<Generated> {
  const tokens: number[] = [];
  let firstAt = 0;
  let lastAt = 0;
  let ended = false;
  const request = {
    id,
    promptTokens,
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 0 },
    stopTokens: [tokenizer.eosId],
    stopStrings: [],
    maxTokens: MAX_TOKENS,
  };
  for await (const event of backend.generate(request, new AbortController().signal)) {
    if (event.type === 'token') {
      tokens.push(event.token);
      lastAt = performance.now();
      firstAt ||= lastAt;
    } else if (event.type === 'finish') {
      if (event.reason === 'insufficient_system_resource') throw new Error('the engine failed');
      ended = event.reason === 'stop';
    }
  }
  if (ended && tokens.at(-1) !== tokenizer.eosId) tokens.push(tokenizer.eosId);
  return {
    text: tokenizer.decode(tokens),
    ended,
    completionTokens: tokens.length,
    decodeMs: lastAt - firstAt,
  };
}

async function evaluateDialog(backend: Backend, tokenizer: Tokenizer, dialog: Dialog, id: string) {
  const turns: TurnScore[] = [];
  const generated: Generated[] = [];
  for (const [index, expectation] of dialog.expectations) {
    const prompt = tokenizer.encodeSegments(dialogSegments(dialog, index));
    const output = await generate(backend, tokenizer, prompt, `${id}-${index}`);
    generated.push(output);
    turns.push(scoreTurn(output.text, output.ended, dialog.mode === 'thinking', expectation));
  }
  return { turns, generated };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '500' },
      seed: { type: 'string', default: '41' },
      model: { type: 'string' },
      tokenizer: { type: 'string' },
      threads: { type: 'string' },
      /** Score conversations of the training distribution instead: the gap is what held out costs. */
      'training-distribution': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      failures: { type: 'string', default: '0' },
      'write-card': { type: 'boolean', default: false },
    },
  });
  const count = wholeNumber('count', values.count);
  const seed = wholeNumber('seed', values.seed);
  if (values['write-card'] && (values['training-distribution'] || values.model !== undefined)) {
    throw new Error('--write-card publishes the held-out score of the embedded model, no other');
  }
  const modelPath = values.model ?? requireEmbeddedModel().modelPath;
  const tokenizer = loadTokenizerFor(modelPath, values.tokenizer);
  const backend = await EngineBackend.start({
    source: {
      path: modelPath,
      device: 'auto',
      ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
    },
    tokenTable: tokenTableOf(tokenizer),
  });
  const scored: ScoredDialog[] = [];
  let shownFailures = 0;
  try {
    const rng = new Rng(seed);
    for (let i = 0; i < count; i++) {
      const dialog = values['training-distribution']
        ? makeTrainingDialog(rng, 1)
        : makeEvalDialog(rng);
      const { turns, generated } = await evaluateDialog(backend, tokenizer, dialog, `eval-${i}`);
      scored.push({
        kind: dialog.kind,
        mode: dialog.mode,
        numTools: dialog.tools.length,
        turns,
        speeds: generated
          .filter(({ completionTokens }) => completionTokens > 8)
          .map(({ completionTokens, decodeMs }) => ((completionTokens - 1) / decodeMs) * 1000),
        completionTokens: generated.reduce(
          (sum, { completionTokens }) => sum + completionTokens,
          0,
        ),
      });
      const failed = turns.findIndex(
        (turn) => turn.isRightCall === false || turn.isRightAnswer === false,
      );
      if (failed >= 0 && shownFailures < Number(values.failures)) {
        shownFailures++;
        process.stderr.write(
          `\n[${dialog.kind}, ${dialog.mode}] expected ${JSON.stringify([...dialog.expectations.values()][failed])}\n  got ${JSON.stringify(generated[failed]!.text)}\n`,
        );
      }
      if (process.stderr.isTTY || (i + 1) % 50 === 0)
        process.stderr.write(`\r${i + 1}/${count} dialogs`);
    }
  } finally {
    await backend.dispose();
  }
  process.stderr.write('\n');
  const summary = summarize(scored);
  if (values.json) console.log(JSON.stringify(summary, null, 2));
  else console.log(toMarkdown(summary, { seed: values.seed }));
  if (values['write-card']) writeCard(toMarkdown(summary, { seed: values.seed }));
}

/** A typing error must not become an evaluation of nothing. */
function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} is ${JSON.stringify(text)}; expected a whole number from 1`);
}

const BEGIN = '<!-- eval:begin -->';
const END = '<!-- eval:end -->';

function writeCard(table: string): void {
  const path = packageFile('models/hadal-mini/README.md');
  const card = readFileSync(path, 'utf8');
  const start = card.indexOf(BEGIN);
  const end = card.indexOf(END);
  if (start < 0 || end < start) throw new Error(`${path} has no ${BEGIN} ... ${END} section`);
  writeFileSync(path, `${card.slice(0, start + BEGIN.length)}\n${table}\n${card.slice(end)}`);
}

await main();
