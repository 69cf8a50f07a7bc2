// A question being answered: rounds of asking the model and running its tools, until there is an answer.
// A client of the public API with a lent token. Every event is in its log and every finished message is
// kept, so it goes on when the browser leaves. Contract: `ended` never rejects, and the log always ends.

import { ChatClientError } from '../../agent/chat-client.js';
import { newMessageId, type NewMessage } from '../conversations/message-rows.js';
import { promptMessages, type NamedText } from '../conversations/prompt.js';
import type { RunError, RunEvent, RunStatus, RunUsage } from '../run-events.js';
import type { OfferedTool } from '../tools/offered-tool.js';
import { sumOf } from '../usage-sum.js';
import { WebError } from '../web-error.js';
import type { WebHost } from '../web-host.js';
import type {
  Approval,
  ConversationSettings,
  StoredAssistantMessage,
  StoredMessage,
} from '../wire.js';
import { Approvals } from './approvals.js';
import { callTools } from './call-tools.js';
import { EventLog, SYSTEM_TIME } from './event-log.js';
import { ReplyWriter } from './reply-writer.js';
import { playRound } from './round.js';
import { RunFailure, runErrorOf } from './run-failure.js';
import { RunRows } from './run-rows.js';
import { NO_USAGE } from './run-usage.js';

export type RunHost = Pick<WebHost, 'selfUrl' | 'lendToken' | 'usageOf' | 'now' | 'log'>;

export interface RunOptions {
  id: string;
  keyId: string;
  /** null: nothing is kept. */
  conversationId: string | null;
  host: RunHost;
  settings: ConversationSettings;
  /** Root to the question. */
  branch: readonly StoredMessage[];
  files: ReadonlyMap<string, NamedText>;
  resolveTools: () => Promise<OfferedTool[]>;
  keep: (message: NewMessage) => Promise<unknown>;
  allowTool: (toolId: string) => Promise<void>;
  maxRounds: number;
}

export class Run {
  readonly log: EventLog;
  /** When nothing is written any more. */
  readonly ended: Promise<void>;
  #endedAt: number | undefined;
  readonly #stop = new AbortController();
  /** Of the round that thinks. */
  #answerNow = new AbortController();
  #reply: ReplyWriter | undefined;
  readonly #approvals: Approvals;
  readonly #rows: RunRows;
  readonly #usages: RunUsage[] = [];
  #roundUsages: RunUsage[] = [];
  #tools: readonly OfferedTool[] = [];
  #traceId: string | null = null;
  /** Why it was ended by nobody's wish. */
  #overflow: RunFailure | undefined;
  /** Of the round that is not kept yet. */
  #messageId: string | undefined;

  constructor(private readonly options: RunOptions) {
    const { settings, branch, host, keep } = options;
    this.log = new EventLog(SYSTEM_TIME);
    this.#rows = new RunRows(branch, { keep, now: () => host.now() });
    const emit = (event: RunEvent) => this.#emit(event);
    this.#approvals = new Approvals({ settings, emit, signal: this.#stop.signal });
    this.ended = this.#run();
  }

  get id(): string {
    return this.options.id;
  }

  get keyId(): string {
    return this.options.keyId;
  }

  get conversationId(): string | null {
    return this.options.conversationId;
  }

  /** Milliseconds since 1970; undefined while it goes on. */
  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  /** Ends the model and the tools; what has come is kept. Twice is once. */
  stop(): void {
    this.#stop.abort(new RunFailure('stopped'));
  }

  /** Ends the thinking. @throws WebError 409 when there is none */
  answerNow(): void {
    const canThink = this.options.settings.thinking || this.options.settings.model === 'speciale';
    if (this.#endedAt !== undefined || !canThink || !this.#reply?.isThinking) {
      throw new WebError(409, 'the model is not thinking now, so there is no thinking to end');
    }
    this.#answerNow.abort();
  }

  /** @throws WebError 409 when the call waits for nobody */
  async decide(callId: string, decision: Approval['decision']): Promise<void> {
    const tool = this.#approvals.decide(callId, decision);
    if (!tool) throw new WebError(409, `no call ${JSON.stringify(callId)} waits for a decision`);
    if (decision === 'always') await this.options.allowTool(tool.id);
  }

  async #run(): Promise<void> {
    const { id, host, conversationId: conversation_id } = this.options;
    await Promise.resolve(); // whoever made it knows it before it speaks
    const started_at = new Date(host.now()).toISOString();
    this.#emit({ type: 'run-start', run_id: id, conversation_id, started_at });
    const { token, release } = host.lendToken(this.options.keyId);
    let end: { status: RunStatus; error: RunError | null };
    try {
      end = { status: await this.#rounds(token), error: null };
    } catch (error) {
      end = await this.#failed(error);
    } finally {
      release();
    }
    this.#endedAt = host.now();
    this.stop(); // tools that a failure left behind
    this.log.add({ type: 'run-end', ...end, usage: sumOf(this.#usages) ?? NO_USAGE });
  }

  async #rounds(token: string): Promise<RunStatus> {
    const { maxRounds, settings } = this.options;
    for (let round = 0; ; round++) {
      this.#beginRound(round);
      if (round === 0 && settings.model === 'standard') {
        this.#tools = await unlessAborted(this.options.resolveTools(), this.#stop.signal);
      }
      if (round === maxRounds) {
        throw new RunFailure(
          `the model called tools in ${maxRounds} rounds without coming to an answer; ask it to go on, or more narrowly`,
        );
      }
      const calls = await this.#ask(token);
      if (calls.length === 0) return 'completed';
      if (!(await this.#runTools(calls))) return 'stopped';
    }
  }

  #beginRound(round: number): void {
    const { host } = this.options;
    this.#messageId = newMessageId();
    this.#traceId = null;
    this.#answerNow = new AbortController();
    this.#roundUsages = [];
    this.#reply = new ReplyWriter({
      emit: (event) => this.#emit(event),
      toolOf: (name) => {
        const found = this.#tools.find(({ tool }) => tool.definition.name === name);
        if (!found) return null;
        const { id, title, server, writes } = found.info;
        return { id, title, server, writes };
      },
      now: () => host.now(),
    });
    this.#emit({ type: 'round-start', round, message_id: this.#messageId });
  }

  /** @returns the calls that are to be run */
  async #ask(token: string): Promise<StoredAssistantMessage['tool_calls']> {
    const { host, settings, files } = this.options;
    const reply = this.#reply!;
    const thinking = this.#isThinking;
    this.#stop.signal.throwIfAborted();
    const finishReason = await playRound({
      request: {
        selfUrl: host.selfUrl(),
        token,
        settings,
        messages: promptMessages(this.#rows.branch, { system: settings.system, thinking, files }),
        tools: this.#tools,
      },
      reply,
      emit: (event) => this.#emit(event),
      now: () => host.now(),
      stop: this.#stop.signal,
      answerNow: this.#answerNow.signal,
      onTrace: (traceId) => this.#traced(traceId),
      onUsage: (usage) => {
        this.#usages.push(usage);
        this.#roundUsages.push(usage);
      },
      usageOf: (traceId) => host.usageOf(traceId),
    });
    reply.close();
    const isBroken = finishReason === 'insufficient_system_resource';
    const error = isBroken
      ? 'the service could not finish the reply (insufficient_system_resource); ask again'
      : null;
    await this.#keepReply(finishReason, error);
    if (error !== null) throw new RunFailure(error);
    // Calls of a truncated reply are not run: their arguments may be cut.
    return finishReason === 'tool_calls' ? reply.calls : [];
  }

  /** @returns false when the run was stopped meanwhile */
  async #runTools(calls: StoredAssistantMessage['tool_calls']): Promise<boolean> {
    const { host } = this.options;
    const results = callTools(calls, {
      tools: this.#tools,
      approvals: this.#approvals,
      emit: (event) => this.#emit(event),
      newId: newMessageId,
      now: () => host.now(),
      signal: this.#stop.signal,
    });
    for (const result of results) await this.#rows.addResult(await result);
    if (this.#overflow) throw this.#overflow;
    return !this.#stop.signal.aborted;
  }

  async #keepReply(finishReason: string, error: string | null): Promise<void> {
    const { settings } = this.options;
    const reply = this.#reply!;
    const thinking = this.#isThinking;
    const id = this.#messageId!;
    this.#messageId = undefined;
    const usage = this.#roundUsage;
    await this.#rows.add({
      id,
      role: 'assistant',
      // Goes back even when empty: a thinking turn without the field is refused.
      reasoning: thinking ? reply.reasoning : null,
      reasoning_ms: reply.reasoningMs,
      reasoning_forced: reply.isForced,
      content: reply.content,
      tool_calls: reply.calls,
      finish_reason: finishReason,
      trace_id: this.#traceId,
      usage,
      error,
      model: settings.model,
      thinking,
    });
    this.#emit({ type: 'round-end', finish_reason: finishReason, usage });
  }

  /** What had come is kept beside the reason. */
  async #failed(error: unknown): Promise<{ status: RunStatus; error: RunError | null }> {
    // A refused request has its trace id beside the refusal.
    if (error instanceof ChatClientError && error.traceId !== undefined) {
      this.#traced(error.traceId);
    }
    const isStopped = this.#stop.signal.aborted && !this.#overflow;
    const failure = isStopped ? null : this.#errorOf(this.#overflow ?? error);
    this.#reply?.close();
    if (this.#messageId !== undefined) {
      const finishReason = isStopped ? 'stopped' : 'error';
      try {
        await this.#keepReply(finishReason, failure?.message ?? null);
      } catch (keepError) {
        const lost = this.#errorOf(keepError);
        if (!failure) return { status: 'failed', error: lost };
        failure.message += `; and what had come could not be kept: ${lost.message}`;
      }
    }
    return { status: isStopped ? 'stopped' : 'failed', error: failure };
  }

  #errorOf(error: unknown): RunError {
    const { id, host } = this.options;
    const words = runErrorOf(error, (stack) =>
      host.log('error', 'a run failed', { run: id, error: stack }),
    );
    return { ...words, trace_id: this.#traceId };
  }

  #traced(traceId: string): void {
    this.#traceId = traceId;
    this.#emit({ type: 'trace', trace_id: traceId });
  }

  #emit(event: RunEvent): void {
    if (this.log.isEnded) return; // a tool that speaks after it was ended
    this.log.add(event);
    if (!this.log.isFull || this.#overflow) return;
    this.#overflow = new RunFailure('the answer has more than 32 MiB of events; ask more narrowly');
    this.stop();
  }

  /** Of the requests of this round; null = not known. */
  get #roundUsage(): RunUsage | null {
    return sumOf(this.#roundUsages);
  }

  get #isThinking(): boolean {
    const { thinking, model } = this.options.settings;
    return thinking || model === 'speciale';
  }
}

/** @throws the signal's reason */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
