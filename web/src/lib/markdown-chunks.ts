// The blocks of a growing Markdown text in chunks of a few thousand characters, with the open end as the
// last block of the last chunk. A block's place never changes, so that what was drawn of it while it was
// open stays when it is final. A chunk's version says whether anything in it must be drawn again.

import type { GrowingText } from '../../../src/web/growing-text.js';
import { MarkdownBlocks, type MarkdownBlock } from './markdown-blocks.js';
import type { References } from './markdown-parser.js';
import { TextReader } from './text-reader.js';

const CHUNK_CHARACTERS = 4000;

export interface ShownBlock {
  source: string;
  version: number;
  isOpen: boolean;
}

export interface Chunk {
  blocks: ShownBlock[];
  /** Of its final blocks. */
  characters: number;
  lines: number;
  version: number;
}

export class MarkdownChunks {
  readonly chunks: Chunk[] = [];
  readonly #blocks = new MarkdownBlocks();
  readonly #reader = new TextReader();
  /** Where each final block is shown. */
  readonly #places: { chunk: Chunk; index: number; block: MarkdownBlock }[] = [];
  #backlog = '';
  #isOver = false;

  get references(): References {
    return this.#blocks.references;
  }

  /** More has come than was taken. */
  get isBehind(): boolean {
    return this.#backlog !== '';
  }

  /** Reads what is new, at most so many characters. @returns whether anything is to be drawn. */
  take(text: GrowingText, isOver: boolean, most = Infinity): boolean {
    const all = this.#backlog + this.#reader.next(text);
    const news = all.slice(0, most);
    this.#backlog = all.slice(news.length);
    const ends = isOver && !this.isBehind;
    if (news === '' && ends === this.#isOver) return false;
    this.#isOver = ends;
    const { references } = this;
    this.#blocks.append(news);
    if (ends) this.#blocks.end();
    if (this.references !== references) this.#redrawDefined();
    for (const block of this.#blocks.closed.slice(this.#places.length)) this.#close(block);
    this.#showOpen();
    return true;
  }

  #close(block: MarkdownBlock): void {
    const chunk = this.#chunk();
    this.#dropOpen(chunk);
    this.#places.push({ chunk, index: chunk.blocks.length, block });
    chunk.blocks.push({ source: block.source, version: block.version, isOpen: false });
    chunk.characters += block.source.length;
    chunk.lines += block.source.split('\n').length - 1;
    chunk.version++;
  }

  /** The last chunk, or a new one when that is full. */
  #chunk(): Chunk {
    const last = this.chunks.at(-1);
    const isFull = last && last.characters >= CHUNK_CHARACTERS && !last.blocks.at(-1)?.isOpen;
    if (last && !isFull) return last;
    const chunk: Chunk = { blocks: [], characters: 0, lines: 0, version: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  #dropOpen(chunk: Chunk): void {
    if (chunk.blocks.at(-1)?.isOpen) chunk.blocks.pop();
  }

  #showOpen(): void {
    const source = this.#blocks.open;
    if (source.trim() === '') {
      const last = this.chunks.at(-1);
      if (last) this.#dropOpen(last);
      return;
    }
    const chunk = this.#chunk();
    this.#dropOpen(chunk);
    chunk.blocks.push({ source, version: 0, isOpen: true });
    chunk.version++;
  }

  /** A link was defined: blocks that use it are drawn once more. */
  #redrawDefined(): void {
    for (const { chunk, index, block } of this.#places) {
      const shown = chunk.blocks[index]!;
      if (shown.version === block.version) continue;
      chunk.blocks[index] = { ...shown, version: block.version };
      chunk.version++;
    }
  }
}
