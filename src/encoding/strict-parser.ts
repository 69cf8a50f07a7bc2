// The official completion parser, made incremental: the same language, the same errors, whatever
// the split into pieces (encoding reference, section 12; names in comments refer to its steps).
// It is meant for well-formed text and for checking; servers use the lenient parser.

import {
  type AssistantWire,
  assembleMessage,
  type CompletionEvent,
  CompletionEventQueue,
} from './completion.js';
import {
  BLOCK_START,
  INVOKE_END,
  INVOKE_NAME,
  INVOKE_START,
  JSON_VALUE,
  PARAMETER_ENDS,
  PARAMETER_SLASH,
  PARAMETER_START,
  STRING_VALUE,
} from './call-tags.js';
import { type CompletionPiece, MarkerBuffer, MarkerSet } from './marker-buffer.js';
import { BOS, CALLS_CLOSE, DSML, EOS, THINK_CLOSE, THINK_OPEN } from './markers.js';

const CALLS_START = `\n\n${BLOCK_START}`;
const NAME_ATTRIBUTE = ' name="';

/** The `>` and newline that end one tag, before the next begins. */
const TAG_REST = '>\n';

const ERRORS = {
  invalid_thinking_format: 'Invalid thinking format',
  invalid_summary_format: 'Invalid summary format',
  tool_call_format_error: 'Tool call format error',
  missing_special_token: 'Missing special token',
  tool_name_format_error: 'Tool name format error',
  parameter_format_error: 'Parameter format error',
  duplicate_parameter_name: 'Duplicate parameter name',
  unexpected_content_after_tool_calls: 'Unexpected content after tool calls',
  unexpected_content_at_end: 'Unexpected content at end',
  unexpected_special_token_in_content: 'Unexpected special token in content',
} as const;

export type CompletionErrorKind = keyof typeof ERRORS;

/** The completion is not in the official form. `message` is the official parser's text. */
export class CompletionError extends Error {
  override name = 'CompletionError';
  constructor(readonly kind: CompletionErrorKind) {
    super(ERRORS[kind]);
  }
}

/** Parses a whole completion, EOS included. Throws CompletionError. */
export function parseCompletion(text: string, { thinking }: { thinking: boolean }): AssistantWire {
  const parser = new StrictCompletionParser({ thinking });
  return assembleMessage([...parser.push({ text }), ...parser.finish()]);
}

type State =
  | 'reasoning'
  | 'content'
  | 'between-invokes'
  | 'invoke-header'
  | 'parameter-start'
  | 'parameter-key'
  | 'parameter-value'
  | 'after-parameter'
  | 'after-calls'
  | 'end';

const MARKERS = {
  reasoning: new MarkerSet([THINK_CLOSE, CALLS_START]),
  content: new MarkerSet([EOS, CALLS_START]),
  'between-invokes': new MarkerSet([INVOKE_START, CALLS_CLOSE]),
  'invoke-header': new MarkerSet([PARAMETER_START, INVOKE_END]),
  'parameter-key': new MarkerSet([STRING_VALUE, JSON_VALUE, PARAMETER_SLASH]),
  'parameter-value': new MarkerSet([...PARAMETER_ENDS, PARAMETER_SLASH]),
  'after-parameter': new MarkerSet([PARAMETER_START, INVOKE_END]),
  'after-calls': new MarkerSet([EOS]),
};

const SPECIAL_IN_CONTENT = [BOS, EOS, THINK_OPEN, THINK_CLOSE, DSML];

/** Contract: the events of any split of a text add up to `parseCompletion` of the whole text. */
export class StrictCompletionParser {
  private readonly buffer = new MarkerBuffer();
  private readonly queue = new CompletionEventQueue();
  private state: State;
  /** Text of the current state that is judged when its marker is reached. */
  private collected = '';
  private keys = new Set<string>();
  private key = '';
  private isString = false;
  private reasoning = '';
  private content = '';

  constructor({ thinking }: { thinking: boolean }) {
    this.state = thinking ? 'reasoning' : 'content';
  }

  /** Throws CompletionError as soon as no continuation could be accepted. */
  push(piece: CompletionPiece): readonly CompletionEvent[] {
    this.buffer.push(piece);
    let hasMore = true;
    while (hasMore) hasMore = this.step();
    return this.queue.drain();
  }

  /** The text is over. Throws CompletionError if it may not end here. */
  finish(): readonly CompletionEvent[] {
    this.collected += this.buffer.take(this.buffer.length);
    this.endIn(this.state);
    const isSpecial = (token: string) =>
      this.reasoning.includes(token) || this.content.includes(token);
    if (SPECIAL_IN_CONTENT.some(isSpecial)) {
      throw new CompletionError('unexpected_special_token_in_content');
    }
    return this.queue.drain();
  }

  /** Consumes text up to the next marker; true if one was reached and there may be more. */
  private step(): boolean {
    if (this.state === 'end') {
      if (this.buffer.length > 0) throw new CompletionError('unexpected_content_at_end');
      return false;
    }
    if (this.state === 'parameter-start') return this.readNameAttribute();
    const { text, marker } = this.buffer.readUntil(MARKERS[this.state]);
    if (this.state === 'reasoning') {
      this.reasoning += text;
      this.queue.reasoning(text);
    } else if (this.state === 'content') {
      this.content += text;
      this.queue.content(text);
    } else if (this.state === 'parameter-value') {
      if (this.isString) this.queue.stringValue(text);
      else this.queue.rawValue(text);
    } else {
      this.collected += text;
    }
    if (marker === undefined) return false;
    this.state = this.reach(this.state, marker);
    this.collected = '';
    return true;
  }

  /** The state after `marker` was reached in `state`; `collected` is the text before it. */
  private reach(state: keyof typeof MARKERS, marker: string): State {
    switch (state) {
      case 'reasoning': // step 1
        if (marker !== THINK_CLOSE) throw new CompletionError('invalid_thinking_format');
        return 'content';
      case 'content': // step 2
        return marker === EOS ? 'end' : 'between-invokes';
      case 'between-invokes': // step 3a
        this.expectTagRest('tool_call_format_error');
        return marker === INVOKE_START ? 'invoke-header' : 'after-calls';
      case 'invoke-header': // step 3b
        this.startCall();
        return this.afterTagInInvoke(marker);
      case 'parameter-key': // step 3c
        if (marker === PARAMETER_SLASH) throw new CompletionError('parameter_format_error');
        this.key = this.collected;
        this.isString = marker === STRING_VALUE;
        this.queue.openParameter(this.key, this.isString);
        return 'parameter-value';
      case 'parameter-value':
        if (marker === PARAMETER_SLASH) throw new CompletionError('parameter_format_error');
        this.rememberKey();
        this.queue.closeParameter(this.isString);
        return 'after-parameter';
      case 'after-parameter':
        this.expectTagRest('parameter_format_error');
        return this.afterTagInInvoke(marker);
      case 'after-calls':
        this.expectNothing();
        return 'end';
    }
  }

  /** ` name="` is read first: a key may itself begin with what looks like the end of a header. */
  private readNameAttribute(): boolean {
    if (this.buffer.length < NAME_ATTRIBUTE.length) return false;
    if (this.buffer.take(NAME_ATTRIBUTE.length) !== NAME_ATTRIBUTE) {
      throw new CompletionError('parameter_format_error');
    }
    this.state = 'parameter-key';
    return true;
  }

  private startCall(): void {
    const header = INVOKE_NAME.exec(this.collected);
    if (header === null) throw new CompletionError('tool_name_format_error');
    this.queue.startCall(header[1]!);
    this.keys = new Set();
  }

  private rememberKey(): void {
    if (this.keys.has(this.key)) throw new CompletionError('duplicate_parameter_name');
    this.keys.add(this.key);
  }

  private afterTagInInvoke(marker: string): State {
    if (marker === PARAMETER_START) return 'parameter-start';
    this.queue.endCall();
    return 'between-invokes';
  }

  private expectTagRest(kind: CompletionErrorKind): void {
    if (this.collected !== TAG_REST) throw new CompletionError(kind);
  }

  private expectNothing(): void {
    if (this.collected !== '') throw new CompletionError('unexpected_content_after_tool_calls');
  }

  /** A completion may be cut between tags: the calls so far count. */
  private endIn(state: State): void {
    switch (state) {
      case 'reasoning':
        throw new CompletionError('invalid_thinking_format');
      case 'content':
        throw new CompletionError('invalid_summary_format');
      case 'between-invokes':
        if (this.collected === '') return;
        this.expectTagRest('tool_call_format_error');
        throw new CompletionError('missing_special_token');
      case 'invoke-header':
        this.startCall();
        return this.queue.endCall();
      case 'parameter-value':
        // The official parser takes a lone `<` at the end for the closer's and misses the rest later.
        if (/^<\n?$/.test(this.collected)) this.rememberKey();
        throw new CompletionError('parameter_format_error');
      case 'parameter-start':
      case 'parameter-key':
        throw new CompletionError('parameter_format_error');
      case 'after-parameter':
        this.expectTagRest('parameter_format_error');
        return this.queue.endCall();
      case 'after-calls':
        return this.expectNothing();
      case 'end':
        return;
    }
  }
}
