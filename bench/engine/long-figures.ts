// Decode and prefill at 16K and 64K, from filled caches, and how far such figures are from computed
// ones at 4K.

import type { ComputedContext } from './computed-contexts.js';
import { CONTEXTS, type Figure, type Figures, type Key } from './figures.js';
import { measureFilled, SAMPLE_TOKENS, type FilledContext } from './filled-contexts.js';
import { rates } from './pair.js';
import { timeOfTokens, type Both, type CostSample } from './samples.js';
import type { Session, Subject } from './subject.js';

/** Where the cost of a prompt's tokens is sampled beyond what was computed. */
const SAMPLED_LENGTHS = [8192, 12_288, CONTEXTS['16k']];

export interface LongFigures {
  figures: Figures;
  /** Times from a cache filled to 4K with the rows of 1K, over those after a computed 4K prompt. */
  filledOverComputed: { length: number; decode: Both; promptToken: Both };
  /** Time of a decode step at 64K over that at 4K, when both are there. */
  growth?: Both;
}

/** @param computed the 1K and the 4K context */
export async function measureLong(
  subject: Subject,
  wanted: ReadonlySet<Key>,
  computed: readonly ComputedContext[],
  session: Session,
): Promise<LongFigures> {
  const [oneK, fourK] = computed as [ComputedContext, ComputedContext];
  const result: LongFigures = {
    figures: {},
    filledOverComputed: await checkFilling(subject, oneK, fourK, session),
  };
  const requests = SAMPLED_LENGTHS.map((length) => ({
    length,
    wantDecode: length === CONTEXTS['16k'] && wanted.has('decode_16k'),
    wantPrefill: wanted.has('prefill_16k'),
  })).filter(({ wantDecode, wantPrefill }) => wantDecode || wantPrefill);
  if (requests.length > 0) {
    const filled = await measureFilled(subject, fourK.savedAt, requests, session);
    const atEnd = filled.at(-1)!;
    if (atEnd.decodeMs) result.figures.decode_16k = decodeFigure(atEnd, fourK.length, session);
    if (atEnd.promptTokenMs) result.figures.prefill_16k = prefillFigure(fourK, filled, session);
  }
  if (wanted.has('decode_64k')) {
    const request = { length: CONTEXTS['64k'], wantDecode: true, wantPrefill: false };
    const [filled] = await measureFilled(subject, fourK.savedAt, [request], session);
    result.figures.decode_64k = decodeFigure(filled!, fourK.length, session);
    result.growth = over(filled!.decodeMs!, fourK.decodeMs);
  }
  return result;
}

async function checkFilling(
  subject: Subject,
  oneK: ComputedContext,
  { length, decodeMs, lastTokenMs }: ComputedContext,
  session: Session,
): Promise<LongFigures['filledOverComputed']> {
  const request = { length, wantDecode: true, wantPrefill: true };
  const [filled] = await measureFilled(subject, oneK.savedAt, [request], session);
  return {
    length,
    decode: over(filled!.decodeMs!, decodeMs),
    promptToken: over(filled!.promptTokenMs!, lastTokenMs),
  };
}

function decodeFigure(
  { length, decodeMs }: FilledContext,
  sourceLength: number,
  { effort }: Session,
): Figure {
  const decode = rates(1, decodeMs!);
  return {
    ...decode,
    ratio: decode.ours / decode.theirs,
    unit: 'tokens/s',
    steps: effort.longSteps,
    how:
      `median step of the whole model with ${length} cached rows, in both engines those of the ` +
      `computed ${sourceLength}-token prompt repeated (see filled_over_computed)`,
  };
}

/** The first 4K tokens as they were computed, the others from samples of their cost. */
function prefillFigure(
  fourK: ComputedContext,
  filled: readonly FilledContext[],
  { effort }: Session,
): Figure {
  const length = filled.at(-1)!.length;
  const msOf = (side: keyof Both): number => {
    const samples: CostSample[] = filled.map((context) => ({
      position: context.length - SAMPLE_TOKENS / 2,
      msPerToken: context.promptTokenMs![side],
    }));
    return fourK.prefillMs[side] + timeOfTokens(samples, fourK.length, length);
  };
  const prefill = rates(length, { ours: msOf('ours'), theirs: msOf('theirs') });
  return {
    ...prefill,
    ratio: prefill.ours / prefill.theirs,
    unit: 'tokens/s',
    steps: effort.samples,
    how:
      `the whole prompt of ${length} tokens: the first ${fourK.length} computed, the time of the rest ` +
      `integrated over pieces of ${SAMPLE_TOKENS} tokens that end at ${SAMPLED_LENGTHS.join(', ')} ` +
      'on filled caches, in both engines',
  };
}

function over(a: Both, b: Both): Both {
  return { ours: a.ours / b.ours, theirs: a.theirs / b.theirs };
}
