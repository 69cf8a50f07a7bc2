// Loads a model for an engine that may draft, as asked for or by what drafting costs on this machine.
// Where it can never pay the model is loaded once more without its drafting block: rows are smaller
// then, in memory and in the context cache.

import { canPay, describeDraftCosts, measureDraftCosts } from './draft-cost.js';
import type { ModelRunner } from './model-runner.js';
import { Speculation, type DraftMode } from './speculation.js';

export interface DraftLoading {
  mode: DraftMode;
  /** `off` = without the drafting block. */
  load: (mode: DraftMode, onNote: (note: string) => void) => Promise<ModelRunner>;
  /** Something is not as it should be. */
  onWarning: (warning: string) => void;
  /** What was measured or chosen. */
  onNote: (note: string) => void;
}

export interface LoadedForDrafting {
  runner: ModelRunner;
  /** Absent = no drafts. */
  speculation?: Speculation;
}

/** @throws whatever `load` throws; nothing is left loaded then */
export async function loadDrafting(options: DraftLoading): Promise<LoadedForDrafting> {
  const { mode, load, onWarning, onNote } = options;
  const notes: string[] = [];
  const runner = await load(mode, (note) => notes.push(note));
  if (mode === 'auto' && runner.draft) return settle(runner, notes, options);
  for (const note of notes) onNote(note);
  if (runner.draft) return { runner, speculation: new Speculation({ mode: 'on', onWarning }) };
  if (mode === 'on') {
    onWarning('drafts are on, and the model file has no multi-token-prediction block to make them');
  }
  return { runner };
}

async function settle(
  runner: ModelRunner,
  notes: readonly string[],
  { load, onWarning, onNote }: DraftLoading,
): Promise<LoadedForDrafting> {
  let costs;
  try {
    costs = await measureDraftCosts(runner);
  } catch (error) {
    runner.dispose();
    throw error;
  }
  if (!canPay(costs)) {
    runner.dispose();
    const smaller = await load('off', onNote);
    onNote(describeDraftCosts(costs));
    return { runner: smaller };
  }
  for (const note of [...notes, describeDraftCosts(costs)]) onNote(note);
  return { runner, speculation: new Speculation({ mode: 'auto', costs, onWarning }) };
}
