// The held-out evaluation set: invented words, numbers and tools that training never shows, and
// phrasings kept back for it. One generator, used by teacher-forced scoring and by eval:embedded.

import type { Dialog, DialogKind } from './dialog.js';
import { makePlainDialog, type PlainKind } from './plain-dialogs.js';
import type { Rng } from './rng.js';
import { makeToolDialog } from './tool-dialogs.js';

const WEIGHTS: Record<DialogKind | 'tool-real', number> = {
  'tool-single': 38,
  'tool-real': 8,
  'tool-parallel': 9,
  'tool-sequential': 6,
  'tool-missing': 4,
  'tool-none': 4,
  arithmetic: 13,
  date: 5,
  unit: 5,
  chat: 4,
  outside: 4,
};
const PLAIN = new Set<string>(['arithmetic', 'date', 'unit', 'chat', 'outside']);

export function makeEvalDialog(rng: Rng): Dialog {
  const kind = rng.weighted(WEIGHTS);
  if (PLAIN.has(kind))
    return makePlainDialog(rng, 'eval', { kind: kind as PlainKind, maxQuestions: 1 });
  if (kind === 'tool-real') {
    return makeToolDialog(rng, 'eval', {
      maxTools: 6,
      maxQuestions: 1,
      kind: 'tool-single',
      heldOutCatalogue: true,
    });
  }
  return makeToolDialog(rng, 'eval', { maxTools: 6, maxQuestions: 1, kind: kind as DialogKind });
}
