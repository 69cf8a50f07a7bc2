// A stream of server-sent events as the playground shows it: every frame as it came, comments included,
// since the framing itself is what somebody wants to see.

export interface StreamFrame {
  kind: 'event' | 'comment';
  /** Name of the event; undefined where the frame has none. */
  event: string | undefined;
  /** Data or comment, without the field names. */
  data: string;
}

/** Feed it text; it gives the frames that are complete. */
export class StreamFrames {
  #rest = '';

  push(text: string): StreamFrame[] {
    this.#rest += text;
    const blocks = this.#rest.split(/\r?\n\r?\n/);
    this.#rest = blocks.pop()!;
    return blocks.flatMap(frameOf);
  }

  /** What came after the last complete frame: not empty where the stream was cut. */
  get rest(): string {
    return this.#rest;
  }
}

function frameOf(block: string): StreamFrame[] {
  const comments: string[] = [];
  const data: string[] = [];
  let event: string | undefined;
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^(event|data): ?(.*)$/s.exec(line) ?? [];
    if (line.startsWith(':')) comments.push(line.slice(1).trim());
    else if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  const frames: StreamFrame[] = [];
  if (comments.length > 0) {
    frames.push({ kind: 'comment', event: undefined, data: comments.join('\n') });
  }
  if (data.length > 0 || event !== undefined) {
    frames.push({ kind: 'event', event, data: data.join('\n') });
  }
  return frames;
}
