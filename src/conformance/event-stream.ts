// Reads a server-sent event stream as a list of frames, comments kept: the framing itself is part of
// the contract. Tolerant of what it cannot read; the checks then report it.

import type { Json, JsonMap } from './json-value.js';
import { parseJson } from './matcher.js';

export interface EventStream {
  /** Frames with data, in order: `{event, data}`; data is JSON, or the text where it is none. */
  events: JsonMap[];
  /** Comment lines with the number of frames before them. */
  comments: { text: string; before: number }[];
  /** Lines that are no part of the framing, e.g. HTML. */
  strayLines: string[];
  /** The body ends with a complete frame. */
  isComplete: boolean;
}

export function readEventStream(body: string): EventStream {
  const stream: EventStream = {
    events: [],
    comments: [],
    strayLines: [],
    isComplete: /\r?\n\r?\n$/.test(body) || body === '',
  };
  for (const block of body.split(/\r?\n\r?\n/)) readBlock(block, stream);
  return stream;
}

function readBlock(block: string, stream: EventStream): void {
  let event: string | null = null;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^(event|data|id|retry): ?(.*)$/s.exec(line) ?? [];
    if (line === '') continue;
    if (line.startsWith(':')) {
      stream.comments.push({ text: line.slice(1).trim(), before: stream.events.length });
    } else if (field === 'event') event = value!;
    else if (field === 'data') data.push(value!);
    else stream.strayLines.push(line);
  }
  if (data.length === 0 && event === null) return;
  const text = data.join('\n');
  const parsed: Json = parseJson(text) ?? text;
  stream.events.push({ event, data: parsed });
}
