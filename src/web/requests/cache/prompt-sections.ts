// Which part of the conversation each token of a prompt belongs to, told from the control tokens of
// the V3.2 template alone. Text cannot spell a control token, so nobody's message can pretend to be
// another part. Knows no text and no cache.

/** Ids of the template's control tokens; undefined = the vocabulary has none. */
export interface PromptMarkers {
  eos: number | undefined;
  user: number | undefined;
  assistant: number | undefined;
  thinkOpen: number | undefined;
  thinkClose: number | undefined;
  dsml: number | undefined;
}

/**
 * `system`: everything before the first question, the tools among it; `mark`: the think mark that
 * opens an answer; `results`: of tools.
 */
export type SectionKind = 'system' | 'user' | 'mark' | 'reasoning' | 'answer' | 'calls' | 'results';

export interface PromptSection {
  kind: SectionKind;
  /** In tokens; `end` is exclusive. */
  start: number;
  end: number;
  /** Questions so far; 0 before the first. */
  question: number;
}

/** In order, without gaps; none is empty. */
export function promptSections(tokens: Int32Array, markers: PromptMarkers): PromptSection[] {
  const { eos, user, assistant, thinkOpen, thinkClose, dsml } = markers;
  const sections: PromptSection[] = [];
  let kind = 'system' as SectionKind;
  let start = 0;
  let question = 0;
  /** The next section begins at this token. */
  const open = (next: SectionKind, at: number) => {
    if (at > start) sections.push({ kind, start, end: at, question });
    kind = next;
    start = at;
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    // The paragraph about tools shows think marks and calls as examples.
    const isOffer = kind === 'system' || kind === 'user';
    if (isOffer && token !== user && token !== assistant) continue;
    switch (token) {
      case user:
        open('user', at);
        question++;
        break;
      case assistant:
        open('answer', at);
        break;
      case thinkOpen:
        open('mark', at);
        open('reasoning', at + 1);
        break;
      case thinkClose:
        // It ends a thought, or stands where one would begin.
        open(kind === 'reasoning' ? 'answer' : 'mark', at);
        open('answer', at + 1);
        break;
      case dsml:
        if (kind === 'answer') open('calls', at);
        break;
      case eos:
        open('results', at + 1);
        break;
    }
  }
  open('system', tokens.length);
  return sections;
}

export function sectionAt(
  sections: readonly PromptSection[],
  token: number,
): PromptSection | undefined {
  return sections.find(({ start, end }) => start <= token && token < end);
}
