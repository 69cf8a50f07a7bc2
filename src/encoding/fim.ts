// Fill-in-the-middle prompts, prefix-suffix-middle order (encoding reference, section 11; derived
// from public clients, not from an official text).

import { BOS, FIM_BEGIN, FIM_END, FIM_HOLE } from './markers.js';
import { type Segment, SegmentWriter } from './segments.js';

export interface FimInput {
  prompt: string;
  /** Absent: the prompt is simply continued, without FIM markers. */
  suffix?: string;
  addBos?: boolean;
}

export function encodeFim({ prompt, suffix, addBos = false }: FimInput): Segment[] {
  const writer = new SegmentWriter();
  if (addBos) writer.control(BOS);
  if (suffix !== undefined) writer.control(FIM_BEGIN);
  writer.data(prompt);
  if (suffix !== undefined) {
    writer.control(FIM_HOLE);
    writer.data(suffix);
    writer.control(FIM_END);
  }
  return writer.finish();
}
