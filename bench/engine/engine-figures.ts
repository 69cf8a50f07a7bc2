// Figures of the whole engine against its own baselines: eight streams against one, a prompt out of
// the context cache against computing it. They go through the engine's process, as the server does.

import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { measureCachedPrompt } from './cached-prompt.js';
import { CONTEXTS, type Figure, type Figures } from './figures.js';
import { median } from './samples.js';
import { decodeRate } from './streams.js';
import { someTokens, type Session, type Subject } from './subject.js';

const NUM_STREAMS = 8;
/** Timed tokens of each stream. */
const STREAM_TOKENS = 48;

export async function measureBatch(
  subject: Subject,
  { threads, effort, say }: Session,
): Promise<Figure> {
  const backend = await EngineBackend.start({
    source: { path: subject.path, device: 'auto', threads },
    tokenTable: tokenTableOf(loadTokenizerFor(subject.path)),
  });
  try {
    const promptLength = CONTEXTS['1k'];
    const prompts = Array.from({ length: NUM_STREAMS }, (_, i) =>
      someTokens(promptLength, subject.vocabSize, i + 1),
    );
    say(`${subject.name}: ${NUM_STREAMS} streams against one`);
    await decodeRate(backend, prompts, 1); // prompts are in the context cache from here on
    const [together, alone]: [number[], number[]] = [[], []];
    for (let i = 0; i < effort.engineRuns; i++) {
      alone.push(await decodeRate(backend, prompts.slice(0, 1), STREAM_TOKENS));
      together.push(await decodeRate(backend, prompts, STREAM_TOKENS));
    }
    const [ours, theirs] = [median(together), median(alone)];
    return {
      ours,
      theirs,
      ratio: ours / theirs,
      unit: 'tokens/s',
      steps: effort.engineRuns,
      how:
        `tokens per second of ${NUM_STREAMS} streams together (ours) against one stream (theirs) of ` +
        `the same engine process, prompts of ${promptLength} tokens, ${STREAM_TOKENS} timed tokens each`,
    };
  } finally {
    await backend.dispose();
  }
}

export async function measureFirstToken(
  subject: Subject,
  { threads, effort, say }: Session,
): Promise<Required<Pick<Figures, 'ttft_hit_ram_vs_cold_8k' | 'ttft_hit_disk_vs_cold_8k'>>> {
  say(`${subject.name}: first token of a prompt of ${effort.cachedPrompt} tokens`);
  const measured = await measureCachedPrompt({
    modelPath: subject.path,
    threads,
    maxTokens: effort.cachedPrompt,
    repeats: effort.engineRuns,
  });
  const figure = (hitMs: number, where: string): Figure => ({
    ours: hitMs,
    theirs: measured.coldMs,
    ratio: hitMs / measured.coldMs,
    unit: 'ms',
    steps: effort.engineRuns,
    how:
      `time to the first token of ${measured.promptTokens} tokens, ${measured.hitTokens} of them hit ` +
      `${where} (ours), over computing them (theirs), through the engine process; less is better`,
  });
  return {
    ttft_hit_ram_vs_cold_8k: figure(measured.ramMs, 'in memory'),
    ttft_hit_disk_vs_cold_8k: figure(measured.diskMs, 'on disk after a restart'),
  };
}
