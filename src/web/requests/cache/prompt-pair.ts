// Two prompts that begin the same, and the place where they part: what the rules of cache-cause.ts
// look at. Texts are made when a rule asks for one.

import {
  type PromptMarkers,
  type PromptSection,
  promptSections,
  sectionAt,
} from './prompt-sections.js';

export interface PromptReader {
  markers: PromptMarkers;
  decode(tokens: Int32Array): string;
}

export class PromptSide {
  readonly sections: readonly PromptSection[];
  readonly #reader: PromptReader;

  constructor(
    readonly tokens: Int32Array,
    reader: PromptReader,
  ) {
    this.#reader = reader;
    this.sections = promptSections(tokens, reader.markers);
  }

  /** The part in which a token lies; undefined = the prompt has ended. */
  sectionAt(token: number): PromptSection | undefined {
    return sectionAt(this.sections, token);
  }

  text(start: number, end: number): string {
    return this.#reader.decode(this.tokens.subarray(start, end));
  }

  textOf({ start, end }: PromptSection): string {
    return this.text(start, end);
  }

  get questions(): number {
    return this.sections.at(-1)?.question ?? 0;
  }
}

export class PromptPair {
  readonly earlier: PromptSide;
  readonly current: PromptSide;
  /** The parts in which they begin to differ; undefined on the side that has ended. */
  readonly earlierPart: PromptSection | undefined;
  readonly currentPart: PromptSection | undefined;

  constructor(
    { earlier, current }: { earlier: Int32Array; current: Int32Array },
    /** Tokens that both begin with. */
    readonly common: number,
    readonly reader: PromptReader,
  ) {
    this.earlier = new PromptSide(earlier, reader);
    this.current = new PromptSide(current, reader);
    this.earlierPart = this.earlier.sectionAt(common);
    this.currentPart = this.current.sectionAt(common);
  }

  /** Whole texts of the two parts, and where in them the difference begins. */
  partTexts(): { earlier: string; current: string; at: number } | undefined {
    const { earlierPart, currentPart } = this;
    if (!earlierPart || !currentPart) return undefined;
    const earlier = this.earlier.textOf(earlierPart);
    const current = this.current.textOf(currentPart);
    return { earlier, current, at: commonLength(earlier, current) };
  }

  /** The newest question of this prompt, or what its tools answered last: new by its nature. */
  get isAtTail(): boolean {
    const { currentPart, current } = this;
    if (currentPart?.kind !== 'user' && currentPart?.kind !== 'results') return false;
    return (
      current.sections.findLast(({ kind }) => kind === currentPart.kind) === currentPart &&
      currentPart.question === current.questions
    );
  }
}

/** Characters at the beginning that both have. */
export function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}
