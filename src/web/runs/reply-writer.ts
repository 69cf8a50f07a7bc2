// One round's reply while it arrives: what the stream brings becomes events with a beginning and an end,
// and is collected for the row that will be kept. A round may have two streams: the second goes on
// where "answer now" ended the first.

import { collectCall } from '../../agent/collect-call.js';
import type { ChatDelta, WireToolCall } from '../../agent/chat-client.js';
import type { RunEvent, RunTool } from '../run-events.js';
import type { StoredToolCall } from '../wire.js';

export interface ReplyWriterOptions {
  emit: (event: RunEvent) => void;
  /** What the model's name for a tool means; null = it is not on offer. */
  toolOf: (name: string) => RunTool | null;
  now: () => number;
}

type Open = 'reasoning' | 'content' | 'call' | undefined;

export class ReplyWriter {
  reasoning = '';
  content = '';
  reasoningMs: number | null = null;
  isForced = false;
  readonly #calls: WireToolCall[] = [];
  /** Ours where the stream's is missing or was there before. */
  readonly #callIds: string[] = [];
  #open: Open;
  #numReasoningTokens = 0;
  #reasoningSince = 0;

  constructor(private readonly options: ReplyWriterOptions) {}

  get calls(): StoredToolCall[] {
    return this.#calls.map(({ function: { name, arguments: text } }, index) => ({
      id: this.#callIds[index]!,
      name,
      arguments: text,
      tool: this.options.toolOf(name),
    }));
  }

  /** There is no answer yet, so the thinking can be ended. */
  get isThinking(): boolean {
    return this.content === '' && this.#calls.length === 0 && !this.isForced;
  }

  /** @throws ChatClientError for a call out of order */
  take(delta: Exclude<ChatDelta, { type: 'finish' }>): void {
    const { emit } = this.options;
    switch (delta.type) {
      case 'reasoning':
        this.#begin('reasoning');
        this.reasoning += delta.text;
        this.#numReasoningTokens++;
        return emit({ type: 'reasoning-delta', text: delta.text, tokens: 1 });
      case 'content':
        this.#begin('content');
        this.content += delta.text;
        return emit({ type: 'content-delta', text: delta.text, tokens: 1 });
      case 'tool-call':
        return this.#takeCall(delta);
      default:
        delta satisfies never;
    }
  }

  /** By "answer now": the thought counts as finished, also when there was none yet. */
  forceAnswer(): void {
    this.#begin('reasoning');
    this.isForced = true;
    this.close();
  }

  /** Ends what is open; may be called twice. */
  close(): void {
    const { emit, now } = this.options;
    if (this.#open === 'reasoning') {
      this.reasoningMs = now() - this.#reasoningSince;
      emit({
        type: 'reasoning-end',
        duration_ms: this.reasoningMs,
        tokens: this.#numReasoningTokens,
        forced: this.isForced,
      });
    }
    if (this.#open === 'content') emit({ type: 'content-end' });
    if (this.#open === 'call') emit({ type: 'tool-call-end', call_id: this.#callIds.at(-1)! });
    this.#open = undefined;
  }

  #takeCall(delta: Extract<ChatDelta, { type: 'tool-call' }>): void {
    const { emit, toolOf } = this.options;
    const { call, isNew } = collectCall(this.#calls, delta);
    if (isNew) {
      this.close();
      this.#open = 'call';
      const { name } = call.function;
      const isFree = call.id !== '' && !this.#callIds.includes(call.id);
      this.#callIds.push(isFree ? call.id : `call_${crypto.randomUUID()}`);
      emit({
        type: 'tool-call-start',
        call_id: this.#callIds.at(-1)!,
        name,
        tool: toolOf(name),
      });
    }
    if (delta.arguments === '') return;
    const call_id = this.#callIds[delta.index]!;
    emit({ type: 'tool-call-delta', call_id, arguments_delta: delta.arguments });
  }

  #begin(kind: 'reasoning' | 'content'): void {
    if (this.#open === kind) return;
    this.close();
    this.#open = kind;
    if (kind === 'reasoning') this.#reasoningSince = this.options.now();
    this.options.emit({ type: `${kind}-start` });
  }
}
