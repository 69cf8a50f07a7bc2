// The parser for servers: turns whatever a model produces into reasoning, content and tool calls,
// in that order, and never fails. A well-formed completion gives the message of the strict
// parser. What it forgives beyond that (encoding reference, section 13): a tool-call block before
// `</think>` or after fewer than two newlines; any whitespace between tags; missing closing tags
// around parameters; `string="false"` values that are not JSON; more blocks after the first;
// completions cut anywhere. Special tokens without a meaning where they stand are left out of the
// text; so are, with tools offered, DSML tags that open no call (stray closers, unknown names). An
// invoke without a readable name cannot be called and is left out.

import {
  BLOCK_END,
  INVOKE_END,
  INVOKE_NAME,
  INVOKE_START,
  JSON_VALUE,
  PARAMETER_ENDS,
  PARAMETER_START,
  STRING_VALUE,
} from './call-tags.js';
import { BLOCK_NAME, blockOpening, holdBlockOpening } from './block-opening.js';
import { type CompletionEvent, CompletionEventQueue } from './completion.js';
import { stringifyJsonString } from './json-writer.js';
import { KEY, LOOSE_NAME, LOOSE_PARAMETER, NO_KEY, OPEN_NAME } from './loose-headers.js';
import { type CompletionPiece, MarkerBuffer, MarkerSet } from './marker-buffer.js';
import { ASSISTANT, BOS, DSML, EOS, THINK_CLOSE, THINK_OPEN, USER } from './markers.js';

export interface LenientParserOptions {
  /** The prompt ended in `<think>`: the completion begins with reasoning. */
  thinking: boolean;
  /** False when the request offered no tools: a block is then passed on as text, without its marks. */
  hasTools: boolean;
}

const TURN_MARKERS = [THINK_CLOSE, THINK_OPEN, EOS, BOS, USER, ASSISTANT, DSML];
const TEXT_MARKERS = new MarkerSet(TURN_MARKERS);
const TAG_OPEN = `<${DSML}`;
const TAG_CLOSE = `</${DSML}`;
const TEXT_AND_TAG_MARKERS = new MarkerSet([...TURN_MARKERS, TAG_OPEN, TAG_CLOSE]);
const INVOKE_TAG = 'invoke';
const PARAMETER_TAG = 'parameter';
/** A stray tag ends at its bracket; text that runs on without one, this long, is no tag. */
const MAX_STRAY_TAG = 256;
const BETWEEN_INVOKES = new MarkerSet([INVOKE_START, EOS]);
const IN_INVOKE = new MarkerSet([PARAMETER_START, INVOKE_END, INVOKE_START, BLOCK_END, EOS]);
const PARAMETER_HEADER = new MarkerSet([STRING_VALUE, JSON_VALUE, ...PARAMETER_ENDS]);
const VALUE_END = new MarkerSet(PARAMETER_ENDS);

type State =
  | 'reasoning'
  | 'content'
  | 'tag-name'
  | 'stray-tag'
  | 'between-invokes'
  | 'invoke-header'
  | 'parameter-header'
  | 'parameter-value'
  | 'after-parameter'
  | 'end';

/** Contract: never throws; the events of any split of a text add up to the same message. */
export class LenientCompletionParser {
  private readonly buffer = new MarkerBuffer();
  private readonly queue = new CompletionEventQueue();
  private readonly textMarkers: MarkerSet;
  private readonly retreat: ((text: string, cut: number) => number) | undefined;
  private state: State;
  /** The text state that a tag stands in. */
  private textState: 'reasoning' | 'content';
  /** The tag whose name is being read, as far as its mark, and what belongs to it before that. */
  private tag = '';
  private opening = '';
  /** Text of the current state that waits for its end: a header, or a value not yet known as JSON. */
  private collected = '';
  private keys = new Set<string>();
  private key = '';
  private isString = false;
  /** Inside a parameter whose key this call already has; the first one stays. */
  private isRepeated = false;

  constructor({ thinking, hasTools }: LenientParserOptions) {
    this.state = this.textState = thinking ? 'reasoning' : 'content';
    this.textMarkers = hasTools ? TEXT_AND_TAG_MARKERS : TEXT_MARKERS;
    this.retreat = hasTools ? holdBlockOpening : undefined;
  }

  /** What the next text belongs to. */
  get phase(): 'reasoning' | 'content' | 'tool-calls' | 'end' {
    switch (this.state) {
      case 'reasoning':
      case 'content':
      case 'end':
        return this.state;
      case 'tag-name':
      case 'stray-tag':
        return this.textState;
      default:
        return 'tool-calls';
    }
  }

  /** A tag has begun that may open a call; the next text decides. */
  get isAtTag(): boolean {
    return this.state === 'tag-name';
  }

  push(piece: CompletionPiece): readonly CompletionEvent[] {
    this.buffer.push(piece);
    let hasMore = true;
    while (hasMore) hasMore = this.step();
    return this.queue.drain();
  }

  /**
   * The completion is over: by itself, or cut by a limit or an abort (`isTruncated`). A cut call
   * keeps what was certain of it; nothing is closed that the model did not close.
   */
  finish({ isTruncated }: { isTruncated: boolean }): readonly CompletionEvent[] {
    switch (this.state) {
      case 'reasoning':
      case 'content':
        this.emitText(this.buffer.take(this.buffer.length));
        break;
      case 'tag-name':
      case 'stray-tag':
        // A tag with its mark is no text, nor is what would have been the opening of its block.
        break;
      case 'invoke-header':
        this.collected += this.buffer.take(this.buffer.length);
        if (this.startCall(!isTruncated)) this.queue.endCall(!isTruncated);
        break;
      case 'parameter-header':
        // Opened by a forced tool choice, perhaps: a model that has no parameter to add just ends.
        this.collected += this.buffer.take(this.buffer.length);
        this.queue.endCall(!isTruncated && NO_KEY.test(this.collected));
        break;
      case 'parameter-value':
        this.queue.endCall(false);
        break;
      case 'after-parameter':
        this.queue.endCall(!isTruncated);
        break;
      case 'between-invokes':
      case 'end':
        break;
      default:
        this.state satisfies never;
    }
    this.state = 'end';
    return this.queue.drain();
  }

  /** Consumes text up to the next marker; true if one was reached and there may be more. */
  private step(): boolean {
    switch (this.state) {
      case 'reasoning':
      case 'content':
        return this.readText();
      case 'tag-name':
        return this.readTagName();
      case 'stray-tag':
        return this.readStrayTag();
      case 'between-invokes':
        return this.readBetweenInvokes();
      case 'invoke-header':
        return this.readInvokeHeader();
      case 'parameter-header':
        return this.readParameterHeader();
      case 'parameter-value':
        return this.readParameterValue();
      case 'after-parameter':
        return this.readAfterParameter();
      case 'end':
        this.buffer.take(this.buffer.length);
        return false;
    }
  }

  private readText(): boolean {
    const { text, marker } = this.buffer.readUntil(this.textMarkers, this.retreat);
    if (marker === undefined || !marker.endsWith(DSML)) this.emitText(text);
    if (marker === undefined) return false;
    if (marker.endsWith(DSML)) this.openTag(marker, text);
    else if (marker === EOS) this.state = 'end';
    else if (marker === THINK_CLOSE) this.state = this.textState = 'content';
    return true;
  }

  /** Without tools the mark alone is left out, and what it marked stays as text. */
  private openTag(tag: string, textBefore: string): void {
    if (this.textMarkers === TEXT_MARKERS) {
      this.emitText(textBefore);
      return;
    }
    const cut = blockOpening(textBefore);
    this.emitText(textBefore.slice(0, cut));
    this.opening = textBefore.slice(cut);
    this.tag = tag;
    this.state = 'tag-name';
  }

  private readTagName(): boolean {
    const name = this.buffer.peek(BLOCK_NAME.length);
    if (this.tag !== TAG_CLOSE) {
      for (const opener of [BLOCK_NAME, INVOKE_TAG]) {
        if (name.startsWith(opener)) {
          this.buffer.take(opener.length);
          this.state = opener === BLOCK_NAME ? 'between-invokes' : 'invoke-header';
          return true;
        }
        if (opener.startsWith(name)) return false;
      }
      if (PARAMETER_TAG.startsWith(name) && name !== PARAMETER_TAG) return false;
    }
    // A mark without its bracket is a tag only before a known name.
    const isTag = this.tag !== DSML || name.startsWith(PARAMETER_TAG);
    this.state = this.textState;
    this.emitText(this.opening);
    if (isTag) this.state = 'stray-tag';
    return true;
  }

  /** Drops a tag up to its bracket; of one that is broken off, only the name. */
  private readStrayTag(): boolean {
    const text = this.buffer.peek(MAX_STRAY_TAG);
    const end = /[<>\n｜]/.exec(text)?.index;
    if (end === undefined && text.length < MAX_STRAY_TAG) return false;
    const isWhole = end !== undefined && text[end] === '>';
    this.buffer.take(isWhole ? end + 1 : /^\w{0,32}/.exec(text)![0].length);
    this.state = this.textState;
    return true;
  }

  private emitText(text: string): void {
    if (this.textState === 'reasoning') this.queue.reasoning(text);
    else this.queue.content(text);
  }

  /** Also stands after the block: a second one only adds more invokes. Text here has no place. */
  private readBetweenInvokes(): boolean {
    const { marker } = this.buffer.readUntil(BETWEEN_INVOKES);
    if (marker === undefined) return false;
    this.state = marker === EOS ? 'end' : 'invoke-header';
    return true;
  }

  private readInvokeHeader(): boolean {
    const { text, marker } = this.buffer.readUntil(IN_INVOKE);
    this.collected += text;
    if (marker === undefined) return false;
    if (this.startCall()) this.enterAfterTag(marker);
    else this.state = stateOutsideCall(marker);
    return true;
  }

  /** Emits the call's start if its header can be read, which may be open where the model ended. */
  private startCall(mayBeOpen = false): boolean {
    const header = this.takeCollected();
    const closed = INVOKE_NAME.exec(header)?.[1] ?? LOOSE_NAME.exec(header)?.[2];
    const name = closed ?? (mayBeOpen ? OPEN_NAME.exec(header)?.[1] : undefined);
    // A mark inside the name means that the header is broken; no tool is called that.
    if (name === undefined || name.includes(DSML)) return false;
    this.queue.startCall(name);
    this.keys = new Set();
    return true;
  }

  private readParameterHeader(): boolean {
    const { text, marker } = this.buffer.readUntil(PARAMETER_HEADER);
    this.collected += text;
    if (marker === undefined) return false;
    if (PARAMETER_ENDS.includes(marker)) {
      this.emitLooseParameter();
      this.state = 'after-parameter';
      return true;
    }
    const key = KEY.exec(this.collected)?.[1];
    if (key === undefined) {
      this.collected += marker;
      return true;
    }
    this.collected = '';
    this.openParameter(key, marker === STRING_VALUE);
    this.state = 'parameter-value';
    return true;
  }

  private openParameter(key: string, isString: boolean): void {
    this.key = key;
    this.isString = isString;
    this.isRepeated = this.keys.has(key);
    this.keys.add(key);
    if (isString && !this.isRepeated) this.queue.openParameter(key, true);
  }

  /** String values stream; others wait for their end, because they may turn out not to be JSON. */
  private readParameterValue(): boolean {
    const { text, marker } = this.buffer.readUntil(VALUE_END);
    if (!this.isString) this.collected += text;
    else if (!this.isRepeated) this.queue.stringValue(text);
    if (marker === undefined) return false;
    this.closeParameter();
    this.state = 'after-parameter';
    return true;
  }

  private closeParameter(): void {
    const value = this.takeCollected();
    if (this.isRepeated) return;
    if (this.isString) {
      this.queue.closeParameter(true);
      return;
    }
    this.queue.openParameter(this.key, false);
    this.queue.rawValue(isJson(value) ? value : stringifyJsonString(value));
  }

  private emitLooseParameter(): void {
    const parameter = LOOSE_PARAMETER.exec(this.takeCollected())?.groups;
    if (parameter === undefined) return;
    const isString = parameter['before'] ?? parameter['after'];
    const value = parameter['value']!;
    this.openParameter(parameter['key']!, isString?.toLowerCase() === 'true');
    if (!this.isString) this.collected = value;
    else if (!this.isRepeated) this.queue.stringValue(value);
    this.closeParameter();
  }

  private readAfterParameter(): boolean {
    const { marker } = this.buffer.readUntil(IN_INVOKE);
    if (marker === undefined) return false;
    this.enterAfterTag(marker);
    return true;
  }

  /** Follows a tag inside a call. Anything but a parameter ends the call. */
  private enterAfterTag(marker: string): void {
    if (marker === PARAMETER_START) {
      this.state = 'parameter-header';
      return;
    }
    this.queue.endCall();
    this.state = stateOutsideCall(marker);
  }

  private takeCollected(): string {
    const { collected } = this;
    this.collected = '';
    return collected;
  }
}

function stateOutsideCall(marker: string): State {
  if (marker === EOS) return 'end';
  return marker === INVOKE_START ? 'invoke-header' : 'between-invokes';
}

/** Judged as the client will read it, so without Python's NaN and infinities. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
