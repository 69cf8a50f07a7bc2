// Byte-level BPE tokenizer of the DeepSeek family: text <-> token ids. Owns the order of the steps
// (added tokens, pre-tokenizer, merges) and the border between control and data: which text may
// become a control token is decided by the caller per segment, never by what the text says.
// Never adds BOS by itself. Knows nothing of messages or templates.

import { isUtf8 } from 'node:buffer';
import { AddedTokenTrie, type AddedToken } from './added-tokens.js';
import { readSpelledBytes, spellBytes } from './bpe-bytes.js';
import { BytePairEncoder } from './bpe.js';
import { writeUnits } from './bpe-units.js';
import { BOS, EOS } from './markers.js';
import { createPreTokenizer, type PreTokenizer } from './pre-tokenizer.js';
import type { Segment } from './segments.js';
import { runToEnd } from './steps.js';
import { readTokenizerFile, TokenizerFileError } from './tokenizer-file.js';
import { parseTokenizerJson, type TokenizerDefinition } from './tokenizer-json.js';

export class Tokenizer {
  /** Highest token id + 1; a model may have more rows than that. */
  readonly vocabSize: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly #encoder: BytePairEncoder;
  readonly #preTokenizer: PreTokenizer;
  readonly #controlIds: ReadonlySet<number>;
  readonly #controlTokens: AddedTokenTrie;
  readonly #plainAddedTokens: AddedTokenTrie;
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #vocabulary: ReadonlyMap<string, number>;
  /** Bytes of all tokens, one after another; token id occupies [offsets[id], offsets[id + 1]). */
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  /** By id, filled on demand: the token's text, or null when its bytes are not whole characters. */
  readonly #texts: (string | null | undefined)[];

  /** Loads a `tokenizer.json`. Throws TokenizerFileError: missing, not JSON, or not of this family. */
  static fromFile(path: string): Tokenizer {
    try {
      return Tokenizer.fromJson(readTokenizerFile(path));
    } catch (error) {
      if (!(error instanceof TokenizerFileError)) throw error;
      throw new TokenizerFileError(`${path}: ${error.message}`, { cause: error });
    }
  }

  /** Builds a tokenizer from parsed JSON. Throws TokenizerFileError naming what it cannot take. */
  static fromJson(json: unknown): Tokenizer {
    return new Tokenizer(parseTokenizerJson(json));
  }

  private constructor(definition: TokenizerDefinition) {
    const { addedTokens, controlIds, vocabulary } = definition;
    this.vocabSize = definition.vocabSize;
    this.#controlIds = controlIds;
    this.#vocabulary = vocabulary;
    this.#addedIds = new Map(addedTokens.map(({ id, content }) => [content, id]));
    this.bosId = requireMarker(this.#addedIds, BOS);
    this.eosId = requireMarker(this.#addedIds, EOS);
    this.#controlTokens = new AddedTokenTrie(addedTokens.filter(({ id }) => controlIds.has(id)));
    this.#plainAddedTokens = new AddedTokenTrie(
      addedTokens.filter(({ id }) => !controlIds.has(id)),
    );
    this.#preTokenizer = choosePreTokenizer(definition);
    this.#encoder = new BytePairEncoder(definition.merges, definition.byteIds);
    [this.#bytes, this.#offsets] = layOutBytes(vocabulary, addedTokens, definition.vocabSize);
    this.#texts = Array.from({ length: definition.vocabSize });
  }

  /**
   * Token ids of a text, without BOS. With `special` (default) all added tokens are recognised; with
   * `special: false` the text is data: no control token can come out, whatever it spells.
   * Lone surrogates count as U+FFFD.
   */
  encode(text: string, { special = true }: { special?: boolean } = {}): Int32Array {
    return this.encodeSegments([{ text, control: special }]);
  }

  /**
   * Token ids of a prompt assembled from control and data segments. Control tokens are cut from each
   * control segment by itself, so data can neither hold one nor complete one begun next to it. What
   * lies between them is tokenised as one text across segment borders: the ids equal those of
   * `encode(whole)` whenever data spells no control token.
   */
  encodeSegments(segments: readonly Segment[]): Int32Array {
    return runToEnd(this.encodeInSlices(segments, Infinity));
  }

  /**
   * `encodeSegments` that yields after about `slice` UTF-16 units, for texts that would hold a server
   * up. Several may be under way at once; one that is given up needs no end. A pre-tokenizer of
   * other patterns than V3's is not cut.
   */
  *encodeInSlices(segments: readonly Segment[], slice = SLICE_UNITS): Generator<void, Int32Array> {
    let length = 0;
    for (const { text } of segments) length += text.length;
    const units = new Uint16Array(length);
    this.#encoder.reset();
    let plainStart = 0; // text since the last control token, not yet encoded
    let start = 0;
    const pace: Pace = { slice, left: slice };
    for (const { text, control } of segments) {
      const end = start + text.length;
      writeUnits(text, units.subarray(start, end));
      let at = start;
      for (;;) {
        const match = control ? this.#controlTokens.next(units, at, end) : undefined;
        if (!match) break;
        yield* this.#encodePlain(units, { start: plainStart, end: match.start }, pace);
        this.#encoder.addId(match.id);
        at = plainStart = match.end;
      }
      start = end;
      pace.left -= SEGMENT_COST;
      if (pace.left > 0) continue;
      pace.left = pace.slice;
      yield* this.#encoder.pause();
    }
    yield* this.#encodePlain(units, { start: plainStart, end: length }, pace);
    return this.#encoder.take();
  }

  /** Text of token ids, control tokens included. Bytes that are no UTF-8 become U+FFFD; for a stream
   *  join `tokenBytes` first. Throws RangeError for an id that is negative or no integer. */
  decode(ids: ArrayLike<number>): string {
    let length = 0;
    for (let i = 0; i < ids.length; i++) length += this.tokenBytes(ids[i]!).length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.tokenBytes(ids[i]!);
      bytes.set(token, at);
      at += token.length;
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }

  /** UTF-8 bytes of a token (a view, not to be changed); may be part of a character. An id without a
   *  token has none: models pad their vocabulary. Throws RangeError for a negative or broken id. */
  tokenBytes(id: number): Uint8Array {
    if (!Number.isInteger(id) || id < 0) throw new RangeError(`not a token id: ${id}`);
    if (id >= this.vocabSize) return NO_BYTES;
    return this.#bytes.subarray(this.#offsets[id]!, this.#offsets[id + 1]!);
  }

  /** Text of a token whose bytes are whole characters, undefined of one that is only part of a
   *  character. Ids as in `tokenBytes`. Each text is made once: this is the way of streams. */
  tokenText(id: number): string | undefined {
    return this.#texts[id] ?? this.#rememberText(id) ?? undefined;
  }

  /** Whether the id is a control token: one that text from outside must never produce. */
  isControl(id: number): boolean {
    return this.#controlIds.has(id);
  }

  /** Id of the added or vocabulary token with exactly this text, if there is one. */
  tokenId(text: string): number | undefined {
    return this.#addedIds.get(text) ?? this.#vocabulary.get(spellBytes(Buffer.from(text)));
  }

  /** Heap work done so far for pieces too long for rescanning; tests hold its growth. */
  get longPieceOperations(): number {
    return this.#encoder.longPieceOperations;
  }

  /** Forgets cached pieces, for measuring cold speed. Results never depend on the cache. */
  clearCache(): void {
    this.#encoder.clearCache();
  }

  #rememberText(id: number): string | null {
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const bytes = this.tokenBytes(id);
    const text = isUtf8(bytes) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) : null;
    if (id < this.vocabSize) this.#texts[id] = text;
    return text;
  }

  /** Text without control tokens: cut the other added tokens, then pre-tokenise and merge. */
  *#encodePlain(
    units: Uint16Array,
    { start, end }: { start: number; end: number },
    pace: Pace,
  ): Generator<void, void> {
    let at = start;
    for (;;) {
      const match = this.#plainAddedTokens.next(units, at, end);
      const next = match?.start ?? end;
      if (next - at < pace.left) {
        this.#preTokenizer.split(units, at, next, this.#encoder);
        pace.left -= next - at + 1;
      } else {
        yield* this.#splitInSlices(units, { start: at, end: next }, pace);
      }
      if (!match) return;
      this.#encoder.addId(match.id);
      at = match.end;
    }
  }

  *#splitInSlices(
    units: Uint16Array,
    { start, end }: { start: number; end: number },
    pace: Pace,
  ): Generator<void, void> {
    const preTokenizer = this.#preTokenizer;
    const encoder = this.#encoder;
    if (!preTokenizer.pieceEnd) {
      preTokenizer.split(units, start, end, encoder);
      return;
    }
    for (let at = start; at < end;) {
      const next = preTokenizer.pieceEnd(units, at, end);
      if (next - at <= pace.slice) encoder.addPiece(units, at, next);
      else yield* encoder.addPieceInSlices(units, { start: at, end: next }, pace.slice);
      pace.left -= next - at;
      at = next;
      if (pace.left > 0) continue;
      pace.left = pace.slice;
      yield* encoder.pause();
    }
  }
}

/** Of work in slices: units in one, and what is left of the current one. */
interface Pace {
  readonly slice: number;
  left: number;
}

/** What a segment costs beside its text, in units: histories may be made of hundreds of thousands. */
const SEGMENT_COST = 32;
/** A few milliseconds of work. */
const SLICE_UNITS = 1 << 14;

const NO_BYTES = new Uint8Array(0);

function requireMarker(addedIds: ReadonlyMap<string, number>, content: string): number {
  const id = addedIds.get(content);
  if (id === undefined) {
    throw new TokenizerFileError(`added_tokens lacks ${content}: not a DeepSeek tokenizer`);
  }
  return id;
}

function choosePreTokenizer({ patterns }: TokenizerDefinition): PreTokenizer {
  try {
    return createPreTokenizer(patterns);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TokenizerFileError(`pre_tokenizer pattern is not supported: ${error.message}`, {
      cause: error,
    });
  }
}

function layOutBytes(
  vocabulary: ReadonlyMap<string, number>,
  addedTokens: readonly AddedToken[],
  vocabSize: number,
): [Uint8Array, Int32Array] {
  const tokens: (Uint8Array | undefined)[] = Array.from({ length: vocabSize });
  for (const [entry, id] of vocabulary) tokens[id] = readSpelledBytes(entry);
  for (const { id, content } of addedTokens) tokens[id] = new TextEncoder().encode(content);
  const offsets = new Int32Array(vocabSize + 1);
  tokens.forEach((token, id) => {
    offsets[id + 1] = offsets[id]! + (token?.length ?? 0);
  });
  const bytes = new Uint8Array(offsets[vocabSize]!);
  tokens.forEach((token, id) => token && bytes.set(token, offsets[id]!));
  return [bytes, offsets];
}
