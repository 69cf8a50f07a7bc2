// Writes the model's turn with the encoder's own markup, so that a change of the format changes the
// scenarios with it. Texts are data: nothing in them can become a control token.

import { stringifyJson } from '../encoding/json-writer.js';
import type { JsonObject } from '../encoding/json.js';
import { THINK_CLOSE } from '../encoding/markers.js';
import { type Segment, segmentsToText, SegmentWriter } from '../encoding/segments.js';
import { writeToolCalls } from '../encoding/tool-call-markup.js';
import type { PromptView } from './prompt-view.js';

export interface LabCall {
  name: string;
  arguments: JsonObject;
}

export class TurnWriter {
  readonly #writer = new SegmentWriter();

  constructor(private readonly prompt: PromptView) {}

  /** In chat mode there is no reasoning to write. */
  think(text: string): this {
    if (!this.prompt.isThinking) return this;
    this.#writer.data(text);
    this.#writer.control(THINK_CLOSE);
    return this;
  }

  /** Reasoning that is never closed. */
  thinkWithoutEnd(text: string): this {
    this.#writer.data(text);
    return this;
  }

  say(text: string): this {
    this.#writer.data(text);
    return this;
  }

  call(...calls: LabCall[]): this {
    writeToolCalls(this.#writer, calls.map(toRendered));
    return this;
  }

  /** The turn so far. */
  done(): Segment[] {
    return this.#writer.finish();
  }
}

function toRendered({ name, arguments: args }: LabCall) {
  return { name, arguments: stringifyJson(args) };
}

/** What is left of a turn whose beginning the prompt already holds; undefined if it differs. */
export function withoutOpening(turn: readonly Segment[], opening: string): Segment[] | undefined {
  if (!segmentsToText(turn).startsWith(opening)) return undefined;
  let left = opening.length;
  return turn.flatMap((segment) => {
    const text = segment.text.slice(left);
    left = Math.max(0, left - segment.text.length);
    return text === '' ? [] : [{ ...segment, text }];
  });
}

/** The first part of a turn, cut in the middle of its text `within`. */
export function cutWithin(turn: readonly Segment[], within: string): Segment[] {
  const kept: Segment[] = [];
  for (const segment of turn) {
    const at = segment.control ? -1 : segment.text.indexOf(within);
    if (at >= 0) {
      return [
        ...kept,
        { ...segment, text: segment.text.slice(0, at + Math.ceil(within.length / 2)) },
      ];
    }
    kept.push(segment);
  }
  return kept;
}
