// A rendered prompt as runs of text, each either written by the template (control) or taken from
// messages and tool definitions (data). The tokenizer recognises special tokens in control runs
// only, so a user who spells `<｜Assistant｜>` gets ordinary tokens and never a turn marker.

export interface Segment {
  text: string;
  /** Written by the template: special tokens in it are special. */
  control: boolean;
}

/** Collects segments; neighbours of the same kind are merged so that tokens can match across them. */
export class SegmentWriter {
  private readonly segments: Segment[] = [];

  control(text: string): void {
    this.append(text, true);
  }

  data(text: string): void {
    this.append(text, false);
  }

  finish(): Segment[] {
    return this.segments;
  }

  private append(text: string, control: boolean): void {
    if (text === '') return;
    const last = this.segments.at(-1);
    if (last !== undefined && last.control === control) last.text += text;
    else this.segments.push({ text, control });
  }
}

export function segmentsToText(segments: readonly Segment[]): string {
  return segments.map(({ text }) => text).join('');
}
