// Splits a Markdown text that arrives in pieces into its top-level blocks. A block is final once the next
// one has begun, so each is parsed and drawn once and only the open end is read again. The split depends
// on the text alone: any pieces give the blocks of the whole.
// A link may be defined far below its use: the blocks that use it, and only those, get a new version.
// Footnotes are not part of our Markdown.

import { blockStarts, parseMarkdown, referenceName, type References } from './markdown-parser.js';

/** A longer block (code aside) is cut, so that what is open stays cheap to read again and again. */
const MAX_BLOCK_CHARACTERS = 16_384;

const FENCE_LINE = /^(?:[ \t]*\n)* {0,3}(`{3,}(?=[^`\n]{0,200}\n)|~{3,}(?=[^\n]{0,200}\n))/;

export interface MarkdownBlock {
  source: string;
  /** Changes when a link in it was defined later. */
  version: number;
}

export class MarkdownBlocks {
  readonly closed: MarkdownBlock[] = [];
  /** Definitions of links so far, by their name; the first one counts. */
  references: References = {};
  /** Blocks by the names in brackets in them that nothing defines yet. */
  readonly #waiting = new Map<string, Set<MarkdownBlock>>();
  #open = '';
  #held = '';
  /** How much of the open text was looked at. */
  #seen = 0;

  /** The text behind the last block that is final. */
  get open(): string {
    return this.#open;
  }

  append(piece: string): void {
    if (piece === '') return;
    const text = this.#held + piece;
    // Half of a line end of two characters waits for the other half.
    this.#held = text.endsWith('\r') ? '\r' : '';
    this.#open += normalLines(text.slice(0, text.length - this.#held.length));
    if (this.#hasNews()) this.#split(false);
    this.#seen = this.#open.length;
  }

  /** The text is over: all of it becomes final. */
  end(): void {
    this.#open += normalLines(this.#held);
    this.#held = '';
    this.#split(true);
    if (this.#open.trim() !== '') this.#close(this.#open);
    this.#open = '';
    this.#seen = 0;
  }

  /** Only a new line can end a block, and in a code block only its closing mark. */
  #hasNews(): boolean {
    const isTooLong = this.#open.length > MAX_BLOCK_CHARACTERS;
    const mark = FENCE_LINE.exec(this.#open)?.[1];
    if (mark === undefined) return isTooLong || this.#open.includes('\n', this.#seen);
    if (this.#seen === 0) return true;
    const from = this.#open.lastIndexOf('\n', this.#seen - 1) + 1;
    return (
      this.#open.slice(from).includes(mark) || !FENCE_LINE.test(this.#open.slice(0, this.#seen))
    );
  }

  #split(isOver: boolean): void {
    for (;;) {
      const lines = isOver ? this.#open : this.#open.slice(0, this.#open.lastIndexOf('\n') + 1);
      const ends = endsOf(lines);
      let from = 0;
      for (const end of [...ends, this.#open.length]) {
        const source = this.#open.slice(from, end);
        const cut = cutOf(source);
        if (cut !== undefined) {
          this.#close(source.slice(0, cut));
          from += cut;
          break;
        }
        if (end === this.#open.length) break;
        this.#close(source);
        from = end;
      }
      this.#open = this.#open.slice(from);
      if (cutOf(this.#open) === undefined) return;
    }
  }

  #close(source: string): void {
    const block = { source, version: 0 };
    this.closed.push(block);
    if (!source.includes('[')) return;
    this.#define(source);
    for (const [, label] of source.matchAll(/\[([^[\]]{1,200})\]/g)) {
      const name = referenceName(label!);
      if (name in this.references) continue;
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting.add(block));
    }
  }

  #define(source: string): void {
    if (!source.includes(']:')) return;
    const references = { ...this.references };
    parseMarkdown(source, { references });
    for (const name of Object.keys(references)) {
      if (name in this.references) continue;
      for (const block of this.#waiting.get(name) ?? []) block.version++;
      this.#waiting.delete(name);
    }
    this.references = references;
  }
}

/** As the parser reads them: a split must not see another text. */
function normalLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
}

/** Where the blocks of these lines end, but for the last one. */
function endsOf(lines: string): number[] {
  const starts = blockStarts(lines).slice(1);
  const ends: number[] = [];
  let line = 0;
  let at = 0;
  for (const start of starts) {
    while (line < start.line) {
      at = lines.indexOf('\n', at) + 1;
      line++;
    }
    ends.push(at);
  }
  return ends;
}

function cutOf(source: string): number | undefined {
  if (source.length <= MAX_BLOCK_CHARACTERS || FENCE_LINE.test(source)) return undefined;
  const lines = source.slice(0, MAX_BLOCK_CHARACTERS);
  // Before a line that begins at the margin: an indented one would be code without what it belongs to.
  const margins = [...lines.matchAll(/\n(?=\S)/g)];
  const line = (margins.at(-1)?.index ?? lines.lastIndexOf('\n')) + 1;
  if (line > 0) return line;
  const isSplit = source.charCodeAt(MAX_BLOCK_CHARACTERS - 1) >> 10 === 0xd800 >> 10;
  return isSplit ? MAX_BLOCK_CHARACTERS - 1 : MAX_BLOCK_CHARACTERS;
}
