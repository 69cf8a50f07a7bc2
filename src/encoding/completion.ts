// What parsing a completion gives: a stream of events, and the message they add up to. Also the
// queue through which both parsers (strict and lenient) emit, which owns how tool-call parameters
// become the text of a JSON object, piece by piece. Call ids are given further up.

import { stringifyJsonString } from './json-writer.js';

export type CompletionEvent =
  | { type: 'reasoning-delta'; text: string }
  | { type: 'content-delta'; text: string }
  | { type: 'tool-call-start'; index: number; name: string }
  | { type: 'tool-call-delta'; index: number; argumentsDelta: string }
  /** `isComplete` is false when the completion was cut and the arguments' JSON is open. */
  | { type: 'tool-call-end'; index: number; isComplete: boolean };

/** An assistant message in wire form, as the official parser returns it. Both texts may be empty. */
export interface AssistantWire {
  role: 'assistant';
  content: string;
  reasoning_content: string;
  tool_calls: { type: 'function'; function: { name: string; arguments: string } }[];
}

/** Adds events up to the message they stream. */
export function assembleMessage(events: Iterable<CompletionEvent>): AssistantWire {
  const message: AssistantWire = {
    role: 'assistant',
    content: '',
    reasoning_content: '',
    tool_calls: [],
  };
  for (const event of events) {
    switch (event.type) {
      case 'reasoning-delta':
        message.reasoning_content += event.text;
        break;
      case 'content-delta':
        message.content += event.text;
        break;
      case 'tool-call-start':
        message.tool_calls.push({
          type: 'function',
          function: { name: event.name, arguments: '' },
        });
        break;
      case 'tool-call-delta':
        message.tool_calls[event.index]!.function.arguments += event.argumentsDelta;
        break;
      case 'tool-call-end':
        break;
      default:
        event satisfies never;
    }
  }
  return message;
}

const NO_EVENTS: readonly CompletionEvent[] = [];

/** Contract: no event carries an empty delta; neighbouring deltas of one kind are merged. */
export class CompletionEventQueue {
  private events: CompletionEvent[] = [];
  private numCalls = 0;
  private hasParameters = false;

  drain(): readonly CompletionEvent[] {
    if (this.events.length === 0) return NO_EVENTS;
    const drained = this.events;
    this.events = [];
    return drained;
  }

  reasoning(text: string): void {
    const last = this.events.at(-1);
    if (last?.type === 'reasoning-delta') last.text += text;
    else if (text !== '') this.events.push({ type: 'reasoning-delta', text });
  }

  content(text: string): void {
    const last = this.events.at(-1);
    if (last?.type === 'content-delta') last.text += text;
    else if (text !== '') this.events.push({ type: 'content-delta', text });
  }

  startCall(name: string): void {
    this.events.push({ type: 'tool-call-start', index: this.numCalls++, name });
    this.hasParameters = false;
  }

  /** The member's key, and the opening quote of a string value. */
  openParameter(key: string, isString: boolean): void {
    const separator = this.hasParameters ? ', ' : '{';
    this.hasParameters = true;
    this.arguments(`${separator}${stringifyJsonString(key)}: ${isString ? '"' : ''}`);
  }

  /** A piece of a string value. Pieces must not cut a surrogate pair. */
  stringValue(text: string): void {
    this.arguments(stringifyJsonString(text).slice(1, -1));
  }

  /** A piece of JSON text, taken as it is. */
  rawValue(text: string): void {
    this.arguments(text);
  }

  closeParameter(isString: boolean): void {
    if (isString) this.arguments('"');
  }

  endCall(isComplete = true): void {
    if (isComplete) this.arguments(this.hasParameters ? '}' : '{}');
    this.events.push({ type: 'tool-call-end', index: this.numCalls - 1, isComplete });
  }

  private arguments(text: string): void {
    const last = this.events.at(-1);
    if (last?.type === 'tool-call-delta') last.argumentsDelta += text;
    else if (text !== '') {
      const index = this.numCalls - 1;
      this.events.push({ type: 'tool-call-delta', index, argumentsDelta: text });
    }
  }
}
