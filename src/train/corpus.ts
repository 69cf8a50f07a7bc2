// From dialogs to training samples: token ids and, per token, whether it is a target. Targets are
// exactly the tokens that the model itself produces: everything between the opening think marker
// of an assistant turn (written by the prompt) and its end-of-sentence token, which included.

import { encodeMessages } from '../encoding/encode-messages.js';
import { fromPlainJson } from '../encoding/json.js';
import type { Segment } from '../encoding/segments.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { Dialog } from './dialog.js';
import { makePlainDialog } from './plain-dialogs.js';
import type { Rng } from './rng.js';
import { makeToolDialog } from './tool-dialogs.js';
import type { Split } from './words.js';

export interface Sample {
  tokens: Int32Array;
  isTarget: Uint8Array;
}

export function dialogSegments(dialog: Dialog, upTo = dialog.messages.length): Segment[] {
  return encodeMessages(dialog.messages.slice(0, upTo), {
    thinkingMode: dialog.mode,
    tools: dialog.tools.map((tool) => ({ type: 'function', function: fromPlainJson(tool) })),
  });
}

const RESULTS_CLOSE = '</result>\n</function_results>\n\n';

export class SampleEncoder {
  private readonly assistant: number;
  private readonly resultsClose: number;
  private readonly eos: number;

  constructor(private readonly tokenizer: Tokenizer) {
    this.assistant = this.requireId('<｜Assistant｜>');
    this.resultsClose = this.requireId(RESULTS_CLOSE);
    this.eos = tokenizer.eosId;
  }

  encode(dialog: Dialog): Sample {
    const tokens = this.tokenizer.encodeSegments(dialogSegments(dialog));
    const isTarget = new Uint8Array(tokens.length);
    let inAnswer = false;
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      if (inAnswer) isTarget[i] = 1;
      if (token === this.eos) inAnswer = false;
      else if (token === this.assistant || token === this.resultsClose) {
        i++; // the think marker that follows is written by the prompt
        inAnswer = true;
      }
    }
    return { tokens, isTarget };
  }

  private requireId(text: string): number {
    const id = this.tokenizer.tokenId(text);
    if (id === undefined) throw new Error(`tokenizer has no token ${JSON.stringify(text)}`);
    return id;
  }
}

/** Curriculum: few tools and single questions first. `progress` runs from 0 to 1. */
export function makeTrainingDialog(rng: Rng, progress: number): Dialog {
  const split: Split = 'train';
  const stage = rng.chance(0.15) ? rng.float() * progress : progress;
  if (stage < 0.06) {
    return rng.chance(0.85)
      ? makeToolDialog(rng, split, { maxTools: 2, maxQuestions: 3, kind: 'tool-single' })
      : makePlainDialog(rng, split, { maxQuestions: 3 });
  }
  if (stage < 0.16) {
    return rng.chance(0.75)
      ? makeToolDialog(rng, split, { maxTools: 4, maxQuestions: 3 })
      : makePlainDialog(rng, split, { maxQuestions: 4 });
  }
  return rng.chance(0.66)
    ? makeToolDialog(rng, split, { maxTools: 6, maxQuestions: 3 })
    : makePlainDialog(rng, split, { maxQuestions: 4 });
}
