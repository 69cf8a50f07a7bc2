// Whether an engine drafts, settled when its model is loaded: as asked for, or by what drafting costs
// on this machine. The cache rows of the drafting block are there either way: were they to come and go
// with a measurement, the context cache on disk would be lost with them.

import { canPay, describeDraftCosts, measureDraftCosts } from './draft-cost.js';
import type { ModelRunner } from './model-runner.js';
import { Speculation, type DraftMode } from './speculation.js';

export interface Listener {
  /** Something is not as it should be. */
  onWarning: (warning: string) => void;
  /** What was measured or chosen. */
  onNote: (note: string) => void;
}

/** undefined = the engine does without drafts. */
export async function openSpeculation(
  runner: ModelRunner,
  mode: DraftMode,
  { onWarning, onNote }: Listener,
): Promise<Speculation | undefined> {
  if (mode === 'off') return undefined;
  if (!runner.draft) {
    if (mode === 'on') {
      onWarning(
        'drafts are on, and the model file has no multi-token-prediction block to make them',
      );
    }
    return undefined;
  }
  if (mode === 'on') return new Speculation({ mode, onWarning });
  const costs = await measureDraftCosts(runner);
  onNote(describeDraftCosts(costs));
  return canPay(costs) ? new Speculation({ mode, costs, onWarning }) : undefined;
}
